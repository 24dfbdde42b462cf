"""Two sources of one market that overlap in time become one part."""
