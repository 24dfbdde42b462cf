"""What rests: the ladder of a book at one instant."""
