"""What is done to a whole store: removal, compaction, migration, checking."""
