"""What happened to each level, told apart from what the window did, and the sums of it."""
