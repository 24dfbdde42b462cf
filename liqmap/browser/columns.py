"""Columns of whole numbers and decimals as bytes, small before they are compressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PLACES = 12
"""Decimal places up to which numbers are looked at as whole numbers of a last place."""

EXACT = 2.0**53
"""Whole numbers below this are exact in the browser, which counts in float64."""


@dataclass
class Columns:
    """Named columns, one after the other.

    ``header`` has an entry per column: ``name``, ``kind``, ``count``, ``bytes``, and ``scale`` of decimals.

    kind ``whole`` : unsigned LEB128, seven bits a byte, lowest first, the top bit set on all but the last.
    kind ``decimal`` : the same, to be divided by ``scale``, a power of ten.
    kind ``float`` : float64, little-endian. kind ``single`` : float32, little-endian.
    kind ``steps`` : `zigzag` steps of whole numbers, as ``whole``, whose sums are to be divided by ``scale``.
    """

    header: list[dict[str, Any]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def whole(self, name: str, values: Any) -> None:
        """Whole numbers from 0 on."""
        self._add(name, "whole", len(values), varints(np.asarray(values)))

    def rising(self, name: str, values: np.ndarray) -> None:
        """Whole numbers that never fall: the first, then the steps."""
        self.whole(name, np.diff(values, prepend=0) if len(values) else values)

    def walk(self, name: str, values: np.ndarray) -> None:
        """Whole numbers of either sign: the first, then the steps, `zigzag`."""
        self.whole(name, zigzag(np.diff(values, prepend=0)) if len(values) else values)

    def decimal(self, name: str, values: np.ndarray) -> None:
        """Numbers as written by a venue, exactly: of few decimal places, or else as they are."""
        scale = power_of_ten(values)
        if scale is None:
            self._add(name, "float", len(values), np.asarray(values, "<f8").tobytes())
        else:
            self._add(name, "decimal", len(values), varints(np.rint(values * scale)), scale=scale)

    def rounded(self, name: str, values: np.ndarray, places: int) -> None:
        """Numbers of either sign that change little, to so many decimals; as they are where some are not
        known, or too large for that."""
        known = (
            bool(np.isfinite(values).all()) and float(np.abs(values).max(initial=0.0)) * 10.0**places < EXACT
        )
        if not known:
            return self._add(name, "float", len(values), np.asarray(values, "<f8").tobytes())
        steps = zigzag(np.diff(np.rint(values * 10.0**places).astype(np.int64), prepend=0))
        self._add(name, "steps", len(values), varints(steps), scale=10.0**places)

    def single(self, name: str, values: np.ndarray) -> None:
        """Numbers of seven digits, which may be unknown."""
        self._add(name, "single", len(values), np.asarray(values, "<f4").tobytes())

    def _add(self, name: str, kind: str, count: int, data: bytes, **more: float) -> None:
        self.header.append({"name": name, "kind": kind, "count": count, "bytes": len(data)} | more)
        self.parts.append(data)

    def data(self) -> bytes:
        return b"".join(self.parts)


def varints(values: np.ndarray) -> bytes:
    """Unsigned LEB128 of whole numbers from 0 to below 2**63."""
    left = np.asarray(values).astype(np.uint64)
    lengths = np.ones(len(left), np.int64)
    for k in range(1, 9):
        lengths += left >= np.uint64(1 << 7 * k)
    ends = np.cumsum(lengths)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    begins = ends - lengths
    for k in range(int(np.max(lengths, initial=0))):
        which = np.flatnonzero(lengths > k)
        byte = (left[which] >> np.uint64(7 * k)).astype(np.uint8) & 0x7F
        out[begins[which] + k] = byte | np.where(lengths[which] > k + 1, 0x80, 0).astype(np.uint8)
    return out.tobytes()


def zigzag(values: np.ndarray) -> np.ndarray:
    """Either sign to none: 0, -1, 1, -2, ... to 0, 1, 2, 3, ..."""
    values = np.asarray(values, np.int64)
    return np.where(values < 0, -2 * values - 1, 2 * values)


def power_of_ten(values: np.ndarray) -> float | None:
    """The smallest that makes all whole and by which, divided, they come back exactly; None if none does."""
    if len(values) and (not np.isfinite(values).all() or values.min() < 0):
        return None
    for scale in (10.0**k for k in range(PLACES + 1)):
        whole = np.rint(values * scale)
        if np.max(whole, initial=0.0) >= EXACT:
            return None
        if (whole / scale == values).all():
            return scale
    return None


def common_unit(times: Iterable[np.ndarray]) -> int:
    """The largest number of ns that all times are whole multiples of; 1 where they are all 0."""
    unit = 0
    for values in times:
        unit = int(np.gcd(unit, np.gcd.reduce(values))) if len(values) else unit
    return unit or 1
