"""What readers of captured streams share: verbatim WebSocket lines, with or without local time, of one market
or of many."""
