"""What is appended: a page that was told in pieces draws what one does that was told at once."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from py_mini_racer import JSEvalException

import liqmap as lm
from liqmap.browser.append import append
from liqmap.browser.pack import DAY, pack
from liqmap.render.frames.look import Look
from liqmap.render.marks.overlays import Trades
from liqmap.schema import AGGREGATES, OPEN
from liqmap.spans import Replayer, Spans
from tests.browser.books import LIT, SIZES, append_to, content_of, keep_packed, told
from tests.browser.engine import look_of
from tests.browser.test_steps import MIXTURE
from tests.strategies import SECOND, START, st_messages, st_raw_messages, to_depth_table

BASE = START // DAY * DAY
LOOK = look_of(Look(cutoffs=LIT))


def moments(messages: list, n: int, cuts: list[int]) -> list[Spans]:
    """Spans of one replay after so many rows each time, cuts within messages too, and at the end."""
    table = to_depth_table(messages, n)
    replayer, found, begin = Replayer(lm.Meta.from_metadata(table.schema.metadata)), [], 0
    for cut in [*sorted(cut % (len(table) + 1) for cut in cuts), len(table)]:
        replayer.feed(table[begin:cut])
        found.append(replayer.spans())
        begin = cut
    return found


def some_trades(count: int) -> Trades:
    at = np.arange(count)
    return Trades(START + at * SECOND // 3, 1.0 + at % 7 / 10, 0.5 + at, (at % 3 - 1).astype(np.int8))


def framed(name: str, asks: list[dict[str, Any]]) -> list[Any]:
    said = ", ".join(f"framed({json.dumps(name)}, {json.dumps(ask)})" for ask in asks)
    return json.loads(told(f"JSON.stringify([{said}])"))


def painter(spans: Spans, trades: Trades, name: str) -> None:
    keep_packed(pack(content_of(spans, trades), BASE), name)
    told(f"paint({json.dumps(name)}, {spans.tick_size}, {json.dumps(SIZES)})")


def asks_of(last: int, agg: str, carry: Any = None) -> list[dict[str, Any]]:
    """Views of all, of the newest, and across a tick; with half-lives (or prunes) that follow one another."""
    begin, end = START - SECOND - BASE, max(last, START) + 2 * SECOND - BASE
    views = [[begin, end, 0.9, 3.1], [max(begin, end - 4 * SECOND), end, 1.4, 2.5]]
    lives = [(30 * SECOND, 300 * SECOND), (SECOND, None)]
    look = LOOK | {"size": [60, 30], "rowTicks": None, "agg": agg, "carry": carry}
    return [look | {"view": view, "halfLife": h, "prune": p} for view in views for h, p in lives]


def book(name: str) -> Any:
    """What a book holds, without the room that it has to spare, and without levels that hold nothing."""
    return json.loads(
        told(f"""JSON.stringify((({{sides, trades, last, count}}) => [
      last, count, Object.values(trades).map(c => [...c]), sides.map(side => [
        ...[side.window, side.quote].map(steps => Object.values(steps).map(c => [...c])),
        [...side.levels].map((tick, k) => [tick,
          ...["start", "seen", "size"].map(c => [...side[c].subarray(side.first[k], side.stop[k])]),
          ...["seen", "end", "size"].map(
            c => [...side.piece[c].subarray(side.piece.first[k], side.piece.stop[k])].map(String)),
        ]).filter(([, start]) => start.length),
      ])])(books[{json.dumps(name)}]))""")
    )


@given(
    case=st.one_of(st_messages(), st_messages(policy="full"), st_raw_messages()),
    cuts=st.lists(st.integers(0, 200), min_size=1, max_size=5),
    agg=st.sampled_from(AGGREGATES),
    counts=st.lists(st.integers(0, 30), min_size=6, max_size=6).map(sorted),
    carry=st.sampled_from([None, MIXTURE]),
)
@settings(max_examples=40)
def test_a_page_told_in_pieces__draws_that_of_one_told_at_once(
    case: tuple[list, int], cuts: list[int], agg: str, counts: list[int], carry: Any
) -> None:
    parts = moments(*case, cuts)
    contents = [content_of(spans, some_trades(count)) for spans, count in zip(parts, counts)]
    whole = content_of(lm.replay(to_depth_table(*case)), some_trades(counts[len(parts) - 1]))
    painter(parts[0], contents[0].trades, "pieces")
    for before, now in zip(contents, contents[1:]):
        framed(
            "pieces", asks_of(before.last, agg, carry)[:2]
        )  # what is kept of a frame is not drawn from again
        append_to(append(before, now, BASE), "pieces")
    painter(parts[-1], whole.trades, "whole")
    assert book("pieces") == book("whole")
    asks = asks_of(whole.last, agg, carry)
    drawn = framed("whole", asks)
    assert framed("pieces", asks) == drawn
    event(f"lit: {any(sum(picture['lit']) for picture in drawn)}")


@given(case=st_messages(), other=st_messages(), agg=st.sampled_from(AGGREGATES))
@settings(max_examples=20)
def test_whatever_has_changed__comes_to_be_what_is_now(
    case: tuple[list, int], other: tuple[list, int], agg: str
) -> None:
    """Nothing hangs on the later moment having grown out of the earlier one."""
    before, now = (lm.replay(to_depth_table(*one)) for one in (case, other))
    contents = [content_of(spans, some_trades(count)) for spans, count in ((before, 9), (now, 4))]
    painter(before, contents[0].trades, "pieces")
    append_to(append(*contents, BASE), "pieces")
    painter(now, contents[1].trades, "whole")
    assert book("pieces") == book("whole")
    asks = asks_of(now.last, agg)
    assert framed("pieces", asks) == framed("whole", asks)


def simulated(minutes: float) -> Any:
    return lm.simulate(minutes=minutes, seed=3, levels=40, keep_truth=False).depth


def test_appended_packs__hold_what_has_come_alone() -> None:
    """A second of some minutes is a small part of them; levels that rest on are not told again."""
    depth = simulated(2.0)
    ts = depth["ts"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    cut = int(np.searchsorted(ts, ts[-1] - SECOND))
    replayer = Replayer(lm.Meta.from_metadata(depth.schema.metadata))
    replayer.feed(depth[:cut])
    before = replayer.spans()
    replayer.feed(depth[cut:])
    now = replayer.spans()
    packed = append(content_of(before), content_of(now), now.begin // DAY * DAY)
    counts = {c["name"]: c["count"] for c in packed.header["columns"]}
    rows = len(depth) - cut
    assert 0 < counts["bid.size"] + counts["ask.size"] <= 2 * rows
    still = sum(int((s.end == OPEN).sum()) for s in now.sides)
    assert counts["bid.levels"] + counts["ask.levels"] < still
    assert len(packed.data) < len(pack(content_of(now), now.begin // DAY * DAY).data) / 10


def test_what_does_not_follow__is_refused() -> None:
    one, two, three = moments([("snapshot", START + k * SECOND, [("bid", 15, 1.0 + k), ("ask", 25, 2.0)])
                               for k in range(3)], 3, [2, 4])  # fmt: skip
    painter(one, some_trades(0), "pieces")
    before = book("pieces")
    with pytest.raises(JSEvalException, match="append: expected what has come after"):
        append_to(append(content_of(two), content_of(three), BASE), "pieces")
    assert book("pieces") == before
    append_to(append(content_of(one), content_of(two), BASE), "pieces")
    append_to(append(content_of(two), content_of(three), BASE), "pieces")
    painter(three, some_trades(0), "whole")
    assert book("pieces") == book("whole")
    asks = asks_of(three.last, "peak")
    drawn = framed("pieces", asks)
    assert drawn == framed("whole", asks)
    assert all(sum(picture["lit"]) > 20 for picture in drawn)


BLOCKED = """((name, edges, rows) => {
  const book = books[name], at = {edges: Float64Array.from(edges), rows: Float64Array.from(rows)}
  const choice = {agg: "mean", halfLife: 5e9, prune: null}
  globalThis.blocks ??= new Blocks(book, {whenIdle: (_, work) => finish(work()), giveUp() {}})
  const cells = sides => new Frames(book, {sidesFor: () => sides}).draw(at.edges, at.rows, choice).cells
  blocks.wish("mean", at.edges, at.rows)
  const from = blocks.sidesFor("mean", at.edges, at.rows)
  return [from.count ?? null, listed(cells(from)), listed(cells(book))]
})"""


def test_blocks__hold_for_the_time_before_what_came() -> None:
    """A view of before is drawn from the blocks that there were; one of the newest from spans."""
    depth = simulated(1.0)
    replayer, half = Replayer(lm.Meta.from_metadata(depth.schema.metadata)), len(depth) // 2
    replayer.feed(depth[:half])
    before = replayer.spans()
    replayer.feed(depth[half:])
    now = replayer.spans()
    base = now.begin // DAY * DAY
    keep_packed(pack(content_of(before), base), "blocked")
    told(f"paint('blocked', {now.tick_size}, {json.dumps(SIZES)})")
    first, step = (now.begin - base) // 10**9 * 10**9, 10**9
    rows = np.arange(before.sides[0].levels[0] // 10 * 10, before.sides[1].levels[-1], 10).tolist()
    views = [[first + k * step for k in range(count)] for count in (10, 90)]

    def drawn(edges: list[int]) -> Any:
        return json.loads(told(f"JSON.stringify({BLOCKED}('blocked', {edges}, {rows}))"))

    few = "{least: 0, times: [1e9], ticks: [10]}"
    told(f"globalThis.usual = {{...BLOCKS}}; Object.assign(BLOCKS, {few}); blocks = undefined")
    try:
        counts = [drawn(edges)[0] for edges in views]
        assert None not in counts
        append_to(append(content_of(before), content_of(now), base), "blocked")
        told("blocks.settle()")
        assert told("books.blocked.settled") > first + 10 * step
        for edges, blocked in zip(views, (True, False)):
            count, from_blocks, from_spans = drawn(edges)
            assert (count == counts[0]) is blocked
            sizes = [np.array(cells[0], np.float64) for cells in (from_blocks, from_spans)]
            np.testing.assert_allclose(*sizes, rtol=1e-6)
            assert from_blocks[1] == from_spans[1]
    finally:
        told("Object.assign(BLOCKS, usual); blocks = undefined")
