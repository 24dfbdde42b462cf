"""What venues speak: which streams to ask for, and what a message is, without a socket."""
