"""Answers: the formats of a table, and which of them a question wants."""
