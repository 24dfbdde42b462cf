"""Bytes that arrays take, however they are nested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def array_bytes(value: Any) -> int:
    """Bytes of all arrays reached from a value through containers, dataclasses and attributes; each once.

    A view counts as the array it is of, a mapped file as what of it has been mapped.
    """
    sizes: dict[int, int] = {}
    for array in _arrays(value, set()):
        while isinstance(array.base, np.ndarray):
            array = array.base
        sizes[id(array)] = array.nbytes
    return sum(sizes.values())


def _arrays(value: Any, seen: set[int]) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
        return
    if value is None or isinstance(value, (str, bytes, int, float, type)) or id(value) in seen:
        return
    seen.add(id(value))
    for part in _parts(value):
        yield from _arrays(part, seen)


def _parts(value: Any) -> list[Any]:
    """What is inside a value; a list, as another thread may add to it meanwhile."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if is_dataclass(value):
        return [getattr(value, f.name) for f in fields(value)]
    return list(getattr(value, "__dict__", {}).values())
