"""Live markets: recorded as they were heard, rehearsed, and watched.

``feeds`` is what venues speak, without a socket; ``sockets`` keeps a stream up; ``recorder`` writes raw files
and the store; ``play`` serves a recorded session as an exchange; ``follow`` gives a session that grows.
"""
