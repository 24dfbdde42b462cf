"""What a visitor has chosen: parameters, their links and presets, moves through time. No UI."""
