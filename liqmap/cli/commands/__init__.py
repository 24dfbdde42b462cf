"""The commands, a module each: the arguments that it takes, and what it does with them."""
