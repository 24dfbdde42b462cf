"""How kernels are compiled, and a word to whoever waits for it, once after installation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from numba import njit

WITHOUT_COUNTS: dict[str, Any] = {"_nrt": False}
"""Numba's private option that leaves out its runtime. It stands here alone: should numba drop it, an empty
dict compiles the same kernels, up to four times slower (a test in ``tests/project`` says so)."""

borrowing: Any = njit(cache=True, nogil=True, error_model="numpy", **WITHOUT_COUNTS)
"""Compile a function that only reads and writes the arrays it is given, and makes and returns none.

Numba counts who refers to an array, with an atomic operation each time one is passed on; where a helper is
called for each cell of a text, that took three quarters of the time. Without its runtime nothing is counted:
the arrays, or records of them, are the caller's.
"""

_announced = False


def say_if_compiling(kernel: Any) -> None:
    """Say so on a terminal or in a notebook, once a process, if a kernel is in no cache yet; quiet in pipes.

    Parameters
    ----------
    kernel : a compiled function of numba; anything else (compilation is off) is left alone.
    """
    global _announced
    if _announced or getattr(kernel, "signatures", True) or not _watched():
        return
    folder = Path(kernel.stats.cache_path)
    if not any(folder.glob(f"*{kernel.__name__}-*.nbi")):
        print("liqmap: compiling its kernels, once after installation (some seconds) ...", file=sys.stderr)
        _announced = True


def _watched() -> bool:
    return "ipykernel" in sys.modules or sys.stderr.isatty()
