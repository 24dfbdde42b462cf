"""What the lines of a capture of Binance say: diffs, trades and snapshots, one by one."""
