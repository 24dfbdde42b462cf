"""What lies over and beside the heatmap, as data: touch, bubbles, candles, bars."""
