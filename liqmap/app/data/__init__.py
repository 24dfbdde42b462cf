"""From a store to what the views show: sessions, frames, numbers, files. No UI."""
