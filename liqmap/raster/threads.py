"""Rows shared out among the cores; the kernels let go of the interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np


@cache
def _workers() -> ThreadPoolExecutor:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ThreadPoolExecutor(cores, thread_name_prefix="liqmap-raster")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but none of its threads
    os.register_at_fork(after_in_child=_workers.cache_clear)


def share_out(work: Callable[[Any], None], tasks: Iterable[Any]) -> None:
    """Do all tasks; the kernels let go of the interpreter."""
    tasks = list(tasks)
    if len(tasks) == 2:
        for task in tasks:
            work(task)
        return
    list(_workers().map(work, tasks))


def row_blocks(
    levels: np.ndarray, first: np.ndarray, rows: np.ndarray, columns: int
) -> list[tuple[int, int]]:
    """Blocks of rows of about equal work: (first row, last row + 1)."""
    count = len(rows) - 1
    work = first[np.searchsorted(levels, rows)] + np.arange(count + 1) * (64 + columns // 8)
    blocks = 4 if work[-1] - work[0] > 100_000 else 1
    cuts = np.searchsorted(work, np.linspace(work[0], work[-1], blocks + 1)[1:-1])
    edges = np.unique(np.concatenate([[0], cuts, [count]]))
    return [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
