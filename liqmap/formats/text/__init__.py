"""What readers of text share: scans of JSON and CSV, decimals, times, and lines that are left out."""
