"""How kernels are compiled, and a word to whoever waits for it, once after installation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

WITHOUT_COUNTS: dict[str, Any] = {"_nrt": False}
"""Numba's private option that leaves out its runtime. It stands here alone: should numba drop it, an empty
dict compiles the same kernels, up to four times slower (a test in ``tests/project`` says so)."""

borrowing: Any = njit(cache=True, nogil=True, error_model="numpy", **WITHOUT_COUNTS)
"""Compile a function that only reads and writes the arrays it is given, and makes and returns none.

Numba counts who refers to an array, with an atomic operation each time one is passed on; where a helper is
called for each cell of a text, that took three quarters of the time. Without its runtime nothing is counted:
the arrays, or records of them, are the caller's.
"""


def _prefetch(_typing: Any, array: Any, _place: Any) -> Any:
    """Have element ``_place`` of a one-dimensional array fetched from memory, without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        builder.call(fetch, [address, number(0), number(3), number(1)])  # to be read, by all caches, data
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def _nothing(array: Any, place: Any) -> None:
    """What stands for it where nothing is compiled."""


prefetch: Any = _nothing if config.DISABLE_JIT else intrinsic(_prefetch)
"""``prefetch(array, i)`` asks for element ``i``, which must exist, before it is needed. A processor waits for
memory that it could not guess, some 100 ns; of places known beforehand it fetches a dozen in that time."""

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
