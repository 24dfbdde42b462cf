"""Random feeds and grids for hypothesis, small enough to shrink to an example that a reader can follow.

A feed is a list of messages ``(event, ts in ns, [(side, tick, size), ...])``, as the oracle takes it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from liqmap import schema

MS, SECOND = 1_000_000, 1_000_000_000
START = 1_700_000_000 * SECOND
TICK_SIZE = 0.1
BIDS, ASKS = range(10, 20), range(20, 30)  # ticks of either side: few, so that levels meet again
DEPTH = len(BIDS) + len(ASKS)
SIZES = (1.0, 2.0, 0.5, 3.125, 1000.0, 0.001)  # few, so that equal sizes come often

st_sizes = st.sampled_from(SIZES)
st_steps = st.sampled_from([0, MS, 1, 7 * MS, 100 * MS, 1000 * MS, 60 * SECOND])  # between messages
st_half_lives = st.sampled_from([30 * SECOND, None, MS, 250 * MS, 2 * SECOND])
st_prunes = st.sampled_from([300 * SECOND, None, 0, 1, 100 * MS, 2 * SECOND])


# ------------------------------------------------------------------ feeds

st_change = st.one_of(
    st.tuples(st.just("bid"), st.sampled_from(BIDS), st.one_of(st.just(0.0), st_sizes)),
    st.tuples(st.just("ask"), st.sampled_from(ASKS), st.one_of(st.just(0.0), st_sizes)),
)
st_changes = st.lists(st_change, max_size=5, unique_by=lambda change: change[:2])


class DeepBook:
    """A whole book, and the messages that a feed of it would send under a window policy."""

    def __init__(self, levels: list, policy: str = "top_n"):
        self.policy = policy
        self.sizes = {(side, tick): size for side, tick, size in levels if size > 0}
        self.told: dict = {}  # what the feed last told of

    def change(self, changes: list) -> None:
        for side, tick, size in changes:
            self.sizes[side, tick] = size
        self.sizes = {key: size for key, size in self.sizes.items() if size > 0}

    def view(self, n: int) -> dict:
        bids = sorted((key for key in self.sizes if key[0] == "bid"), reverse=True)[:n]
        asks = sorted(key for key in self.sizes if key[0] == "ask")[:n]
        return {key: self.sizes[key] for key in bids + asks}

    def snapshot(self, n: int) -> list:
        shown = self.view(n)
        self.told = dict(self.sizes) if self.policy == "full" else shown
        return [(*key, size) for key, size in shown.items()]

    def update(self, n: int) -> list:
        """What changed in the view. A level pushed out of it is removed, exactly like a cancel; under
        ``truncate`` nothing is said of it. Under ``full`` the view is the book."""
        now = dict(self.sizes) if self.policy == "full" else self.view(n)
        gone = [key for key in self.told if key not in now]
        rows = [(*key, 0.0) for key in gone if self.policy != "truncate" or key not in self.sizes]
        rows += [(*key, size) for key, size in now.items() if self.told.get(key) != size]
        self.told = now
        return rows


@st.composite
def st_plots(draw, gaps: bool = True, max_size: int = 25) -> tuple[list, list]:
    """A deep book, and what happens to it: ``(word, step in ns, changes, noise rows)``.

    ``lost`` changes are never told; they come with a gap.
    """
    words = ["update"] * 8 + ["snapshot"] + (["lost"] if gaps else [])
    empty = draw(st.sampled_from([0, 1, 12]))  # how thin the book is
    resting = st.sampled_from([*SIZES, *[0.0] * empty])
    sizes = draw(st.lists(resting, min_size=DEPTH, max_size=DEPTH))
    deep = [("bid" if tick in BIDS else "ask", tick, size) for tick, size in zip([*BIDS, *ASKS], sizes)]
    happening = st.tuples(st.sampled_from(words), st_steps, st_changes, st.lists(st_change, max_size=2))
    return deep, draw(st.lists(happening, min_size=draw(st.integers(1, 8)), max_size=max_size))


def told(
    plot: tuple[list, list], n: int, policy: str = "top_n", *, from_snapshot: bool = False, noise: bool = True
) -> list:
    """The messages of a feed of N levels a side, as the plot has them."""
    deep, happenings = plot
    book, ts, messages = DeepBook(deep, policy), START, []
    if from_snapshot:
        happenings = [("snapshot", 0, [], []), *happenings]
    for word, step, changes, extra in happenings:
        book.change(changes)
        if word == "lost":
            messages.append(("gap", ts + step // 2, []))  # the next message shows it, or a timer
            book.update(n)
        if policy == "snapshots" and word == "update":
            word = "snapshot"
        rows = book.snapshot(n) if word == "snapshot" else book.update(n)
        ts += step
        if word == "update" and noise:  # removals of what is not listed, sizes that did not change
            keys = {key[:2] for key in extra} - {row[:2] for row in rows}
            if policy != "top_n":  # every removal is real
                keys = {key for key in keys if key in book.told or key not in book.sizes}
            rows += [(*key, book.told.get(key, 0.0)) for key in sorted(keys)]
        if word == "snapshot" and not rows:
            continue  # no row could say so
        if word != "lost":
            messages.append((word if rows else "heard", ts, rows))
    return messages


@st.composite
def st_messages(draw, gaps: bool = True, policy: str = "top_n") -> tuple[list, int]:
    """A valid feed of the best N levels a side (``full``: of all), and N.

    Levels leave the window and return; with gaps, messages before the first snapshot, several
    snapshots, ``heard`` messages, equal times, and sides with fewer than N levels.
    """
    n = draw(st.integers(2, 6))
    from_snapshot = draw(st.sampled_from([True, True, False]))
    messages = told(draw(st_plots(gaps)), n, policy, from_snapshot=from_snapshot)
    return messages or [("heard", START, [])], n


@st.composite
def st_raw_messages(draw) -> tuple[list, int]:
    """Arbitrary rows that keep no feed's rule: crossed, doubled, more than N levels ("full": N or more)."""
    row = st.tuples(st.sampled_from(schema.SIDES), st.integers(16, 23), st.one_of(st.just(0.0), st_sizes))
    event = st.sampled_from(["update"] * 6 + ["snapshot", "snapshot", "gap", "heard"])
    messages, ts = [], START
    for word, step, rows in draw(
        st.lists(st.tuples(event, st_steps, st.lists(row, min_size=1, max_size=8)), min_size=1, max_size=20)
    ):
        ts += step
        messages.append((word, ts, rows if word in ("update", "snapshot") else []))
    return messages, draw(st.integers(1, 4))


def st_feeds(policy: str = "top_n") -> st.SearchStrategy:
    """Any feed, valid under the policy or not, and N."""
    return st.one_of(st_messages(policy=policy), st_raw_messages())


def to_depth_table(messages: list, n: int, tick_size: float = TICK_SIZE, policy: str = "top_n") -> pa.Table:
    """The feed as an Arrow table with ``schema.DEPTH`` and metadata; each message has its own `seq`."""
    table: dict[str, list] = {name: [] for name in ("ts", "seq", "event", "side", "price", "size")}
    for seq, (event, ts, rows) in enumerate(messages, 1):
        for side, tick, size in rows or [(None, None, None)]:
            table["ts"].append(ts)
            table["seq"].append(seq)
            table["event"].append(schema.EVENTS.index(event))
            table["side"].append(-1 if side is None else schema.SIDES.index(side))
            table["price"].append(None if tick is None else round(tick * tick_size, 9))
            table["size"].append(size)
    side = np.array(table["side"], np.int8)
    columns = {
        "ts": pa.array(table["ts"], pa.int64()).cast(schema.TIMESTAMP),
        "ts_recv": pa.nulls(len(side), schema.TIMESTAMP),
        "seq": pa.array(table["seq"], pa.int64()),
        "event": schema.words(np.array(table["event"], np.int8), schema.EVENTS),
        "side": schema.words(np.maximum(side, 0), schema.SIDES, null=side < 0),
        "price": pa.array(table["price"], pa.float64()),
        "size": pa.array(table["size"], pa.float64()),
    }
    meta = schema.Meta(
        venue="test",
        symbol="TEST",
        feed=f"ob{n}",
        tick_size=tick_size,
        depth_limit=n,
        window_policy=policy,
    )
    return pa.table(columns, schema=schema.DEPTH.with_metadata(meta.to_metadata()))


# ------------------------------------------------------------------ grids


@st.composite
def st_cuts(draw, messages: list) -> tuple[np.ndarray, np.ndarray]:
    """Time edges (datetime64[ns]), even or not, and price edges, few of both.

    Times fall on messages, beside them, long before and after; prices on ticks, on halves and tenths
    of ticks, and off the range of the book.
    """
    known = sorted({ts for _, ts, _ in messages})
    aside = st.sampled_from([0, 0, 1, -1, MS, -50 * MS, 5 * SECOND, -5 * SECOND, 400 * SECOND])
    time = st.builds(int.__add__, st.sampled_from(known), aside)
    width = st.sampled_from([1, MS, 13 * MS, 500 * MS, 7 * SECOND])
    even = st.builds(lambda t, w, k: range(t, t + w * k, w), time, width, st.integers(2, 12))
    times = sorted(draw(st.one_of(st.sets(time, min_size=2, max_size=8), even)))
    price = st.builds(lambda tick, part: (tick + part) * TICK_SIZE, st.integers(9, 31), st_tick_parts)
    prices = sorted(draw(st.sets(price, min_size=2, max_size=8)))
    return np.array(times, np.int64).view("datetime64[ns]"), np.array(prices)


st_tick_parts = st.sampled_from([0.0, 0.0, 0.0, 0.5, 0.1, 0.9])


@st.composite
def st_grids(draw, feeds=None) -> tuple[list, int, np.ndarray, np.ndarray]:
    """Messages, N, time edges and price edges."""
    messages, n = draw(feeds if feeds is not None else st.one_of(st_messages(), st_raw_messages()))
    return messages, n, *draw(st_cuts(messages))
