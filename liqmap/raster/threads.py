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
    return blocks(np.diff(first[np.searchsorted(levels, rows)]) * 5.0 + 320 + columns * 0.6)


def blocks(cost: np.ndarray) -> list[tuple[int, int]]:
    """Rows or columns in a few blocks of about equal work, (first, last + 1); each costs so many ns."""
    done = np.append(0.0, np.cumsum(cost))
    number = 4 if done[-1] > 500_000 else 1
    cuts = np.searchsorted(done, np.linspace(0.0, done[-1], number + 1)[1:-1])
    edges = np.unique(np.concatenate([[0], cuts, [len(cost)]]))
    return [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
