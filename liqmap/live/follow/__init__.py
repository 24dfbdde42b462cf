"""A session that grows while its market is recorded."""
