"""A word to whoever waits while kernels are compiled: once after installation, later they are cached."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_told = False


def say_if_compiling(kernel: Any) -> None:
    """Say so on a terminal or in a notebook, once a process, if a kernel is in no cache yet; quiet in pipes.

    Parameters
    ----------
    kernel : a compiled function of numba; anything else (compilation is off) is left alone.
    """
    global _told
    if _told or getattr(kernel, "signatures", True) or not _watched():
        return
    folder = Path(kernel.stats.cache_path)
    if not any(folder.glob(f"*{kernel.__name__}-*.nbi")):
        print("liqmap: compiling its kernels, once after installation (some seconds) ...", file=sys.stderr)
        _told = True


def _watched() -> bool:
    return "ipykernel" in sys.modules or sys.stderr.isatty()
