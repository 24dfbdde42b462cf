"""Loops over trades: where bars begin, what they come to, rows of prices, running sums."""
