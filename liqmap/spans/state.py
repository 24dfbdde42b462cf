"""The state of a replay as an Arrow table, and back.

One row, a list of structs a column, so that a state is one plain table whatever it is kept in:

    levels     what rests on either side: side, tick, carried, start, seen (null while observed), size
    steps      the window's last steps, which a message at the same time may still change
    rows       the message that waits for more rows of its own
    deep       of every cut (see `cut`): the levels of the deep book, by cut, side, tick, size
    shown      of every cut: the levels shown, best first
    registers  the kernels' registers by cut (-1: the replay itself) and side

The schema's metadata holds `Meta`, the depth limit asked for, and the version.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.schema import MISSING, TIMESTAMP, Meta, ReplayError, SchemaError, int64
from liqmap.spans.depth_limit import Cut
from liqmap.spans.levels import ABSENT, IN_BOOK, LEFT, PAGE_BITS, STEP, Levels
from liqmap.spans.rows import Rows
from liqmap.spans.sides import Side

VERSION = 1
"""Raised whenever a state is written otherwise, or a kernel reads it otherwise."""

ITSELF = -1
"""Number of the replay itself where those of the cuts stand."""

Columns = dict[str, np.ndarray]


def pack(
    asked: tuple[Meta, int | None],
    sides: tuple[Side, Side],
    cuts: list[Cut],
    pending: list[Rows],
    last_ts: int,
) -> pa.Table:
    """The state as a table."""
    meta, depth_limit = asked
    columns = {
        "levels": _join([_levels(s) for s in sides]),
        "steps": _join([_of(s.last_steps, side=s.side) for s in sides]),
        "rows": _join([vars(rows) for rows in pending] or [vars(_NO_ROWS)]),
        "deep": _join([_deep(c, s, cut) for c, s, cut in _every(cuts)]),
        "shown": _join([_shown(c, s, cut) for c, s, cut in _every(cuts)]),
        "registers": _join(
            [_registers(ITSELF, s.side, s.levels) for s in sides]
            + [_registers(c, s, cut.sides[s].levels) for c, s, cut in _every(cuts)]
        ),
    }
    metadata = meta.to_metadata() | {
        b"state_version": str(VERSION).encode(),
        b"state_last_ts": str(last_ts).encode(),
        b"state_depth_limit": str(depth_limit).encode(),
    }
    arrays = {name: _one_row(own) for name, own in columns.items()}
    return pa.table(arrays).replace_schema_metadata(metadata)


def head(table: pa.Table) -> tuple[Meta, int | None, int]:
    """The meta and depth limit that a state was made with, and the last ts it took.

    Raises
    ------
    ReplayError : not a state, or one of another version.
    """
    metadata = table.schema.metadata or {}
    version = metadata.get(b"state_version", b"none").decode()
    if version != str(VERSION):
        raise ReplayError(
            where="state of a replay",
            expected=f"version {VERSION}",
            got=version,
            remedy="Replay from the beginning",
        )
    own = (b"state_version", b"state_last_ts", b"state_depth_limit")
    limit = metadata[own[2]].decode()
    try:
        meta = Meta.from_metadata({k: v for k, v in metadata.items() if k not in own})
    except SchemaError as error:
        raise ReplayError(
            where=f"state of a replay: {error.where}",
            expected=error.expected,
            got=error.got,
            remedy=error.remedy,
        ) from error
    return meta, None if limit == "None" else int(limit), int(metadata[own[1]])


def unpack(table: pa.Table, sides: tuple[Side, Side], cuts: list[Cut]) -> list[Rows]:
    """Fill fresh sides and cuts from a state; returns the rows that wait."""
    levels, steps, deep, shown, registers = (
        _columns(table, name) for name in ("levels", "steps", "deep", "shown", "registers")
    )
    for side in sides:
        mine = levels["side"] == side.side
        status = np.where(levels["carried"][mine] != 0, LEFT, IN_BOOK)
        own = {name: levels[name][mine] for name in ("tick", "start", "seen", "size")}
        _put_levels(side.levels, own | {"status": status})
        side.last_steps = np.empty(np.count_nonzero(steps["side"] == side.side), STEP)
        for name in STEP.names or ():
            side.last_steps[name] = steps[name][steps["side"] == side.side]
        _set_registers(side.levels, _of_one(registers, ITSELF, side.side))
    for c, s, cut in _every(cuts):
        book, best = _of_one(deep, c, s), _of_one(shown, c, s)
        own = {"tick": book["tick"], "size": book["size"], "status": np.full(len(book["tick"]), IN_BOOK)}
        _put_levels(cut.sides[s].levels, own)
        n = len(best["tick"])
        cut.sides[s].ticks[:n], cut.sides[s].sizes[:n] = best["tick"], best["size"]
        _set_registers(cut.sides[s].levels, _of_one(registers, c, s))
    rows = Rows(**_columns(table, "rows"))
    return [rows] if len(rows) else []


# ------------------------------------------------------------------ parts of a state


_NO_ROWS = Rows(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.int8),
    np.empty(0, np.int8),
    np.empty(0, np.int32),
    np.empty(0),
)


def _every(cuts: list[Cut]) -> list[tuple[int, int, Cut]]:
    """Number, side and cut of every side of every cut."""
    return [(c, s, cut) for c, cut in enumerate(cuts) for s in (0, 1)]


def _levels(side: Side) -> Columns:
    table = side.levels.table
    at = np.flatnonzero(table["status"] != ABSENT)
    left = table["status"][at] == LEFT
    return {
        "side": np.full(len(at), side.side, np.int8),
        "tick": side.levels.ticks()[at].astype(np.int32),
        "carried": left.astype(np.int8),
        "start": table["start"][at],
        "seen": np.where(left, table["seen"][at], MISSING),
        "size": table["size"][at],
    }


def _deep(number: int, s: int, cut: Cut) -> Columns:
    levels = cut.sides[s].levels
    at = np.flatnonzero(levels.table["status"] == IN_BOOK)
    own = {"tick": levels.ticks()[at].astype(np.int32), "size": levels.table["size"][at]}
    return _labels(number, s, len(at)) | own


def _shown(number: int, s: int, cut: Cut) -> Columns:
    n, side = cut.shown(s), cut.sides[s]
    return _labels(number, s, n) | {"tick": side.ticks[:n].astype(np.int32), "size": side.sizes[:n].copy()}


def _registers(number: int, s: int, levels: Levels) -> Columns:
    value = levels.registers.view(np.int64).copy()
    return _labels(number, s, len(value)) | {"value": value}


def _set_registers(levels: Levels, own: Columns) -> None:
    levels.registers.view(np.int64)[:] = own["value"]


def _labels(number: int, s: int, n: int) -> Columns:
    return {"cut": np.full(n, number, np.int8), "side": np.full(n, s, np.int8)}


def _of(records: np.ndarray, side: int) -> Columns:
    own = {name: records[name].copy() for name in records.dtype.names or ()}
    return {"side": np.full(len(records), side, np.int8)} | own


def _of_one(columns: Columns, number: int, s: int) -> Columns:
    mine = (columns["cut"] == number) & (columns["side"] == s)
    return {name: column[mine] for name, column in columns.items()}


def _put_levels(levels: Levels, own: Columns) -> None:
    """Put levels into an empty book."""
    tick = own.pop("tick").astype(np.int64)
    levels.make_room(np.unique(tick >> PAGE_BITS))
    page = levels.pages[(tick >> PAGE_BITS) - levels.first].astype(np.int64)
    slot = (page << PAGE_BITS) + (tick & ((1 << PAGE_BITS) - 1))
    for name, column in own.items():
        levels.table[name][slot] = column


# ------------------------------------------------------------------ columns and lists

TIMES = ("start", "seen", "ts")


def _join(parts: list[Columns]) -> Columns:
    """Columns of several parts, one after the other; none at all where there is no part."""
    if not parts:
        return _labels(0, 0, 0) | {"tick": np.empty(0, np.int32), "size": np.empty(0)}
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _one_row(columns: Columns) -> pa.Array:
    """Columns of equal length as one list of structs."""
    arrays: list[Any] = []
    for name, column in columns.items():
        array = pa.array(column, mask=column == MISSING if column.dtype == np.int64 else None)
        arrays.append(array.view(TIMESTAMP) if name in TIMES else array)
    rows = pa.StructArray.from_arrays(arrays, names=list(columns))
    return pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)


def _columns(table: pa.Table, name: str) -> Columns:
    """The inverse of `_one_row`."""
    rows = table[name].combine_chunks().flatten()
    found = {}
    for field, array in zip(rows.type, rows.flatten()):
        whole = pa.types.is_timestamp(field.type) or field.type == pa.int64()
        found[field.name] = int64(array, null=MISSING) if whole else array.to_numpy(zero_copy_only=False)
    return found
