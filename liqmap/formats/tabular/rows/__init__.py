"""Rows of a table whose meaning is known: as messages and trades."""
