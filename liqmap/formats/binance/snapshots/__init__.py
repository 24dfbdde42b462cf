"""Binance's books that stand alone: polled, saved apart, or first levels; and their places among diffs."""
