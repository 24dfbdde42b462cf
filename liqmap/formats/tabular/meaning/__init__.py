"""What the columns and rows of a table mean: by names and values, on certain evidence alone."""
