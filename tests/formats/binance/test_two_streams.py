"""Several depth streams of one market in one capture: one is read, as if it were alone, and the others are
told."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.binance import chains as chains_of
from liqmap.formats.binance.chains import Chains
from liqmap.formats.raw import RawFile
from liqmap.formats.raw.file import CHUNK
from liqmap.schema import FormatError, Messages
from liqmap.schema.messages import part
from tests.formats.bybit.lines import write_lines

pytestmark = pytest.mark.filterwarnings("error")

AT = 1_709_280_000_000
IDS = 7
"""Changes of the book in 100 ms."""

Change = tuple[int, str, str, str]


def market(count: int, seed: int) -> list[Change]:
    """(id, side, price, size) of each change of a book."""
    chance = random.Random(seed)
    found = []
    for number in range(1_001, 1_001 + count):
        side, at = chance.choice("ba"), chance.randint(0, 9)
        price = f"{50 - at}.5" if side == "b" else f"{51 + at}.0"
        found.append((number, side, price, str(chance.randint(0, 3))))
    return found


def diffs(changes: list[Change], every: int, name: str | None, spot: bool = False) -> list[tuple[int, str]]:
    """(ms, line) of a stream that sends the changes of so many times 100 ms together."""
    lines, prev = [], 1_000
    for at in range(0, len(changes), IDS * every):
        part = changes[at : at + IDS * every]
        last, ms = part[-1][0], 100 * (at // IDS + every)
        levels = {side: {p: s for _, of, p, s in part if of == side} for side in "ba"}
        event = {"e": "depthUpdate", "E": AT + ms, "s": "BTCUSDT", "U": prev + 1, "u": last}
        if not spot:
            event |= {"T": AT + ms - 2, "pu": prev}
        event |= {side: [list(pair) for pair in levels[side].items()] for side in "ba"}
        lines.append((ms, json.dumps({"stream": f"btcusdt@{name}", "data": event} if name else event)))
        prev = last
    return lines


def snapshot(spot: bool = False) -> str:
    times = {} if spot else {"E": AT + 3, "T": AT + 1}
    book = {"bids": [["50.5", "9"], ["40.5", "1"]], "asks": [["51.0", "9"], ["61.0", "1"]]}
    return f"{(AT + 5) * 1000} {json.dumps({'lastUpdateId': 1_000} | times | book)}"


def mixed(*streams: list[tuple[int, str]]) -> list[str]:
    """Lines of several streams by time; of one time in this order."""
    return [line for _, line in sorted((pair for s in streams for pair in s), key=lambda pair: pair[0])]


def rows(path: Path, lines: list[str], **hints: str) -> tuple[list[tuple], lm.schema.Capture]:  # type: ignore[name-defined, type-arg]
    capture = lm.read(write_lines(path, lines), **hints)  # type: ignore[arg-type]
    keys = ("ts", "seq", "event", "side", "price", "size")
    return [tuple(str(row[k]) for k in keys) for row in capture.depth.to_pylist()], capture


def in_pieces(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    """Give files out in chunks of so many lines."""
    whole = RawFile.chunks

    def chunks(self: RawFile, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
        for data, position in whole(self, size):
            found = data.splitlines(keepends=True)
            for at in range(0, len(found), lines):
                yield b"".join(found[at : at + lines]), position

    monkeypatch.setattr(RawFile, "chunks", chunks)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("spot", "fast", "slow", "times"),
    [
        (False, "depth@100ms", "depth@500ms", 5),
        (False, "depth@0ms", "depth", 2),
        (False, "depth", "rpiDepth@500ms", 5),
        (True, "depth@100ms", "depth", 10),
        (True, "depth@100ms", "depth@1000ms", 10),
    ],
)
@pytest.mark.parametrize("slow_first", [True, False])
def test_named__the_fastest_is_read_as_if_alone(
    tmp_path: Path, spot: bool, fast: str, slow: str, times: int, slow_first: bool, seed: int
) -> None:
    changes = market(300, seed)
    one, other = diffs(changes, 1, fast, spot), diffs(changes, times, slow, spot)
    both = mixed(other, one) if slow_first else mixed(one, other)
    found, capture = rows(tmp_path / "both.txt", [snapshot(spot), *both])
    alone, _ = rows(tmp_path / "one.txt", [snapshot(spot), *mixed(one)])
    assert found == alone
    (row,) = capture.report.sources
    assert (row.gaps, row.rejected, row.feed) == (0, 0, "full")
    assert f"both.txt: {len(other)} lines of stream btcusdt@{slow} were left out" in capture.report.notes
    asked, capture = rows(tmp_path / "both.txt", [snapshot(spot), *both], feed=slow)
    alone, _ = rows(tmp_path / "other.txt", [snapshot(spot), *mixed(other)])
    assert (asked, capture.meta.feed, capture.report.sources[0].gaps) == (alone, slow, 0)


def test_named__retail_orders_alone_are_a_feed_of_their_own(tmp_path: Path) -> None:
    _, capture = rows(tmp_path / "a.txt", [snapshot(), *mixed(diffs(market(50, 1), 5, "rpiDepth@500ms"))])
    assert (capture.meta.feed, capture.report.sources[0].gaps) == ("rpiDepth", 0)


def test_named__a_stream_that_is_not_there_is_refused(tmp_path: Path) -> None:
    lines = [snapshot(), *mixed(diffs(market(50, 1), 1, "depth@100ms"))]
    with pytest.raises(FormatError, match=r"depth@250ms.*btcusdt@depth@100ms \(8 lines\).*feed="):
        rows(tmp_path / "a.txt", lines, feed="depth@250ms")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spot", [True, False])
@pytest.mark.parametrize("slow_first", [True, False])
def test_nameless__of_two_speeds_one_chain_is_read(
    tmp_path: Path, slow_first: bool, spot: bool, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = market(58 * 5 * IDS, seed)
    one, other = diffs(changes, 1, None, spot), diffs(changes, 5, None, spot)
    both = mixed(other, one) if slow_first else mixed(one, other)
    alone, _ = rows(tmp_path / "one.txt", [snapshot(spot), *mixed(one)])
    for lines in (10_000, 7):
        in_pieces(monkeypatch, lines)
        found, capture = rows(tmp_path / "both.txt", [snapshot(spot), *both])
        assert found == alone
        assert capture.report.sources[0].gaps == 0
        assert any(f"{len(other)} diffs were left out" in note for note in capture.report.notes)


@pytest.mark.parametrize("begin", range(7))
@pytest.mark.parametrize("slow_first", [True, False])
def test_nameless__of_two_speeds_from_anywhere_on(tmp_path: Path, slow_first: bool, begin: int) -> None:
    """A capture may begin with either, in the middle of what the slower tells."""
    changes = market(30 * IDS, 0)
    one, other = diffs(changes, 1, None), diffs(changes, 5, None)
    both = mixed(other, one) if slow_first else mixed(one, other)
    _, capture = rows(tmp_path / "a.txt", both[begin:])
    (row,) = capture.report.sources
    assert (row.gaps, row.rejected) == (0, 0)
    assert row.messages >= 30 - begin
    told = [note for note in capture.report.notes if "left out" in note or "repeated or older" in note]
    counts = [int(note.split(": ")[1].split(" ")[0]) for note in told]
    assert row.messages + sum(counts) == len(both) - begin


@given(
    ids=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40), st.sampled_from("1234")), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    remembered=st.sampled_from([chains_of.REMEMBERED, 1, 3]),
)
@example(ids=[(1, 1, "1"), (0, 2, "1"), (1, 2, "1")], cuts=[], remembered=chains_of.REMEMBERED)
@example(ids=[(1, 2, "1"), (0, 3, "1"), (0, 3, "1"), (3, 4, "1")], cuts=[], remembered=chains_of.REMEMBERED)
def test_chains__are_parted_alike_in_any_batches(
    ids: list[tuple[int, int, str]], cuts: list[int], remembered: int
) -> None:
    """Whatever ids there are, broken ones too; and none is lost without being counted."""
    count = len(ids)
    prev, seq = (np.array([pair[k] for pair in ids], np.int64) for k in (0, 1))
    size = np.array([float(pair[2]) for pair in ids])
    whole = Messages(
        ts=seq, ts_recv=seq, seq=seq, prev=prev, event=np.zeros(count, np.int8), rows=np.arange(count + 1),
        line=np.arange(1, count + 1), side=np.zeros(count, np.int8), price=np.ones(count), size=size,
    )  # fmt: skip
    found = []
    for bounds in ([0, count], [0, *sorted(min(cut, count) for cut in cuts), count]):
        chains, lines = Chains(), []
        for a, b in pairwise(bounds):
            with patch.object(chains_of, "REMEMBERED", remembered):
                if b > a and (kept := chains.keep(part(whole, a, b))) is not None:
                    lines += kept.line.tolist()
        assert len(set(lines)) == len(lines)
        assert len(lines) + chains.others + chains.strange + chains.waiting == count
        found.append((lines, chains.others, chains.strange, chains.waiting))
    assert found[0] == found[1]


def first_levels(line: str) -> str:
    """A diff without a name as a stream of the first levels sends it."""
    event = json.loads(line)
    book = {"b": [[f"{49 - k}.5", "7"] for k in range(5)], "a": [[f"{52 + k}.0", "7"] for k in range(5)]}
    return json.dumps(event | book)


def with_retail_orders(line: str) -> str:
    event = json.loads(line)
    return json.dumps(event | {"b": [[p, f"{s}.5"] for p, s in event["b"]]})


@pytest.mark.parametrize("changed", [first_levels, with_retail_orders])
@pytest.mark.parametrize("times", [1, 5])
def test_nameless__of_streams_that_tell_other_things_is_refused(
    tmp_path: Path, changed: Callable[[str], str], times: int
) -> None:
    changes = market(300, 0)
    other = [(ms, changed(line)) for ms, line in diffs(changes, times, None)]
    for both in (mixed(other, diffs(changes, 1, None)), mixed(diffs(changes, 1, None), other)):
        with pytest.raises(FormatError, match="expected diffs of one stream, or with the names"):
            rows(tmp_path / "both.txt", [snapshot(), *both])


def test_nameless__a_chain_told_twice_or_anew_is_no_other_stream(tmp_path: Path) -> None:
    lines = [snapshot(), *mixed(diffs(market(600, 0), 1, None))]
    alone, _ = rows(tmp_path / "one.txt", lines)
    twice = [told for line in lines for told in (line, line)]
    twice = [told for line in lines for told in (line, line)]
    for again in ([*lines, *lines[1:]], [*lines[:50], *lines[40:]], twice):
        found, capture = rows(tmp_path / "again.txt", again)
        assert [r for r in found if r[2] == "update"] == [r for r in alone if r[2] == "update"]
        assert capture.report.sources[0].gaps == 0


def test_nameless__a_recorder_that_connects_anew_has_a_gap(tmp_path: Path) -> None:
    """Its diffs are cut elsewhere: one of them overlaps the last one of before, and begins the rest."""
    changes = market(2_100, 0)
    first, second = diffs(changes[:700], 1, None), diffs(changes[3:], 1, None)
    rest = [(ms, line) for ms, line in second if json.loads(line)["u"] > 1_700]
    rest = [(ms, line.replace('"U": 1001,', '"U": 1004,')) for ms, line in rest]
    _, capture = rows(tmp_path / "a.txt", [snapshot(), *mixed(first), *mixed(rest)])
    (row,) = capture.report.sources
    assert (row.gaps, row.messages) == (1, 1 + len(first) + len(rest))


@pytest.mark.parametrize("fast_first", [True, False])
def test_first_levels__of_two_speeds_and_depths(tmp_path: Path, fast_first: bool) -> None:
    def partial(name: str, times: int) -> list[tuple[int, str]]:
        found = []
        for ms, line in diffs(market(200, 0), times, name):
            message = json.loads(line)
            message["data"] |= {"b": [["50.5", str(ms)]], "a": [["51.0", str(times)]]}
            found.append((ms, json.dumps(message)))
        return found

    one = partial("depth20@100ms", 1)
    others = [partial("depth20@500ms", 5), partial("depth5@100ms", 1)]
    both = mixed(one, *others) if fast_first else mixed(*others, one)
    found, capture = rows(tmp_path / "both.txt", both)
    alone, _ = rows(tmp_path / "one.txt", mixed(one))
    assert (found, capture.meta.feed, capture.report.sources[0].gaps) == (alone, "depth20", 0)
    assert len([n for n in capture.report.notes if "were left out" in n]) == 2
    diff = mixed(diffs(market(200, 0), 1, "depth@100ms"))
    found, capture = rows(tmp_path / "both.txt", [*diff, *mixed(one)], feed="depth20")
    assert (found, capture.meta.feed) == (alone, "depth20")
