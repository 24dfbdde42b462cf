"""How long to wait before another attempt."""

from __future__ import annotations

import random


class Backoff:
    """Exponential back-off with full jitter: the n-th wait is uniform in [0, min(longest, first 2^n)].

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    def __init__(self, first_s: float, longest_s: float, rng: random.Random) -> None:
        self._first, self._longest, self._rng = first_s, longest_s, rng
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        most = min(self._longest, self._first * 2.0 ** min(self._failures, 60))
        self._failures += 1
        return self._rng.uniform(0, most)

    def reset(self) -> None:
        """Begin anew: an attempt succeeded."""
        self._failures = 0
