"""How a session that grows begins: with what the store has of its market, and what was heard since."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap import store as tables
from liqmap.live.follow.tail import Row, Tail
from liqmap.schema import EVENTS, GAP, MISSING, SNAPSHOT, TABLES, Meta, codes, depth_rows, int64
from liqmap.session.checkpoints import Checkpoints, replay_so_far
from liqmap.session.replay_plan import ReplayPlan, plan_replay
from liqmap.session.span_cache import CHECKPOINTS
from liqmap.spans import Growing, Replayer
from liqmap.store import DAY, Part

LATEST = 1 << 40
"""Days since the epoch, after all others."""


def has_tables(path: Path) -> bool:
    """Whether a folder is a store yet, and not only of raw files."""
    return any((path / kind).is_dir() for kind in TABLES)


def parts_so_far(path: Path, meta: Meta) -> list[Part]:
    """The files of a feed; none where the store is not there yet."""
    if not has_tables(path):
        return []
    return tables.depth_parts(path, meta.venue, meta.symbol, meta.feed or "")


def end_of(parts: list[Part]) -> Row | None:
    """The last row that the files have."""
    if not parts:
        return None
    facts = parts[-1].facts
    return facts.last_ts, facts.last_seq, EVENTS.index(facts.last_event)


def read_to(parts: list[Part]) -> Row | None:
    """The last row that a replay of the files feeds: whether a gap at the end is one, what follows says."""
    if not parts or not parts[-1].ends_in_gap:
        return end_of(parts)
    return parts[-1].facts.last_ts, parts[-1].facts.last_seq, -1


def open_growing(
    path: Path,
    parts: list[Part],
    meta: Meta,
    start: int,
    look_back: int | None,
    tail: Tail,
    depth_limit: int | None = None,
) -> Growing:
    """The replay of a session that begins at ``start`` (ns), of what the store has and what was heard since.

    Raises
    ------
    ReplayError : depth that cannot be replayed.
    """
    rest = tail.after(end_of(parts))
    gap = _between(parts[-1], tail, rest) if parts and rest.num_rows else None
    plan = _plan(parts, meta, start, look_back, gap is None and not _opens(rest, meta))
    replayer = Replayer(plan.meta, depth_limit)
    if plan.back or plan.parts:
        folder = path / tables.SPANS_FOLDER / Path(*tables.market_folder("depth", plan.meta).parts[1:])
        checkpoints = Checkpoints(path, folder / CHECKPOINTS, parts)
        replayer = replay_so_far(plan, depth_limit, checkpoints, last_day_is_over=False)
        if gap is not None:
            replayer.feed(gap)
    if rest.num_rows:
        replayer.feed(rest)
    return Growing(replayer)


def _plan(parts: list[Part], meta: Meta, start: int, look_back: int | None, continued: bool) -> ReplayPlan:
    """As of a session that begins at ``start``, of whose days there may be no files yet."""
    back_to = None if look_back is None else start - look_back
    plan = plan_replay(parts, start // DAY, LATEST, back_to, continued)
    return ReplayPlan(plan.back, plan.parts, plan.horizon, meta)


def _opens(rows: pa.Table, meta: Meta) -> bool:
    """Whether they begin by replacing the book."""
    if not rows.num_rows or meta.window_policy == "snapshots":
        return True
    return bool(codes(rows["event"].slice(0, 1), EVENTS)[0] == SNAPSHOT)


def _between(before: Part, tail: Tail, rest: pa.Table) -> pa.Table | None:
    """A gap row where the rows do not continue a file; what was heard in one piece does."""
    facts = before.facts
    if len(tail) > rest.num_rows:  # the file ends with rows that were heard
        return _gap(facts.last_ts, facts.last_seq) if before.ends_in_gap else None
    event = codes(rest["event"].slice(0, 1), EVENTS)[0]
    step = int(int64(rest["seq"].slice(0, 1), null=-1)[0]) - facts.last_seq
    follows = step in (0, 1) if event == SNAPSHOT else step == 1
    return None if event == GAP or follows else _gap(facts.last_ts, facts.last_seq)


def _gap(ts: int, seq: int) -> pa.Table:
    one, no = np.ones(1, np.int64), np.zeros(1)
    kind, none = np.array([GAP], np.int8), np.array([-1], np.int8)
    return pa.Table.from_batches([depth_rows(one * ts, one * MISSING, one * seq, kind, none, no, no)])
