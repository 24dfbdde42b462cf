"""The integers that chance is made of.

No operation wraps, so a seed gives the same numbers on every platform, with and without the compiler.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MASK32 = 0xFFFFFFFF

inner_kernel = njit(
    cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""A kernel that only other kernels call: compiles in half the time without a way in from Python."""


def seeded(seed: int) -> np.ndarray:
    """State of the generator (6,): words of splitmix64, in Python's exact integers."""
    state, words = seed & (2**64 - 1), []
    for _ in range(6):
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        words.append(((z ^ (z >> 31)) >> 32) | 1)
    return np.array(words, np.int64)


@inner_kernel
def random_bits(rng: np.ndarray) -> int:
    """32 random bits: Marsaglia's xorwow, in int64 so that nothing overflows."""
    t = rng[0] ^ (rng[0] >> 2)
    rng[0] = rng[1]
    rng[1] = rng[2]
    rng[2] = rng[3]
    rng[3] = rng[4]
    v = (rng[4] ^ (rng[4] << 4) ^ t ^ (t << 1)) & MASK32
    rng[4] = v
    rng[5] = (rng[5] + 362437) & MASK32
    return (v + rng[5]) & MASK32


@inner_kernel
def random_below(rng: np.ndarray, n: int) -> int:
    """A random integer in [0, n), n < 2**30."""
    return (random_bits(rng) * n) >> 32


@inner_kernel
def random_heavy_tailed(rng: np.ndarray, table: np.ndarray) -> int:
    """A random integer of heavy tail: k from ``table`` (256,), then uniform in 2**k - 1 + [0, 2**k)."""
    r = random_bits(rng)
    k = table[r & 255]
    return (1 << k) - 1 + ((r >> 8) & ((1 << k) - 1))
