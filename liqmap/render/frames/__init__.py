"""What a screen shows of spans, in any medium: the frame, its scale, its colours and their choice."""
