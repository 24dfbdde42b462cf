"""What a command ends with: 0 done; 1 done with reported losses; 2 nothing done; 130 interrupted."""

DONE, LOSSES, NOTHING, INTERRUPTED = 0, 1, 2, 130
