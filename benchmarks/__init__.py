"""Every performance claim, run beside its peer in one process: ``make bench``."""
