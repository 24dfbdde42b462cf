"""Pictures as PNG files, by matplotlib."""
