"""Kraken's lines against a plain client: what is read, what checksums prove, how damaged lines are told."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.cli import main
from liqmap.formats.kraken.book import Decimals, KrakenBook
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines
from tests.formats.kraken.plain import (
    PlainBook,
    answer,
    v1_snapshot,
    v1_update,
    v2_line,
    v2_snapshot,
    v2_update,
)
from tests.formats.kraken.samples import SAMPLES, v1_trade, v2_trade

pytestmark = pytest.mark.filterwarnings("error")

Texts = list[tuple[str, str, str]]


def read(folder: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write_lines(folder / "kraken.txt", lines), **hints)


def levels_of(capture: lm.Capture) -> list[tuple[str, str, float, float]]:
    rows = capture.depth.to_pylist()
    return [(r["event"], r["side"], r["price"], r["size"]) for r in rows]


def last_book(capture: lm.Capture) -> set[tuple[str, float, float]]:
    """The levels within the window before the last message."""
    spans = lm.replay(capture.depth)
    rows = [row for row in spans.to_arrow().to_pylist() if row["end"] is None]
    last = max(row["seen"] for row in rows)
    worst = {row["side"]: row["worst_tick"] for row in spans.window.to_pylist() if row["known"]}

    def is_inside(side: str, tick: int) -> bool:
        bound = worst[side]
        return bound is None or (tick >= bound if side == "bid" else tick <= bound)

    return {
        (row["side"][0], round(row["tick"] * spans.tick_size, 6), row["size"])
        for row in rows
        if row["seen"] == last and is_inside(row["side"], row["tick"])
    }


# ------------------------------------------------------------------ a venue with a deep book


class Venue:
    """A book deeper than what is subscribed: its feed cuts, and republishes what comes back."""

    def __init__(self, seed: int, depth: int = 10, version: int = 1) -> None:
        self.random = random.Random(seed)
        self.depth, self.version = depth, version
        self.deep = PlainBook(10_000)
        for side, first, step in (("b", 1000, -1), ("a", 1001, 1)):
            for k in range(30):
                self.deep.apply([(side, self.price(first + step * k), self.size())])
        self.shown = PlainBook(depth)
        self.shown.apply(self.listed(self.deep))
        self.time = 1_700_000_000

    def price(self, ticks: int) -> str:
        return f"{ticks / 10:.1f}"

    def size(self) -> str:
        most = self.random.choice([999, 99_999_999])
        return f"{self.random.randint(1, most) / 10 ** self.random.choice([1, 2, 8]):.8f}"

    def listed(self, book: PlainBook) -> Texts:
        return [(s, *book.sides[s][p]) for s in "ba" for p in book.ordered(s)[: self.depth]]

    def snapshot(self) -> str:
        if self.version == 1:
            return v1_snapshot(self.shown, f"{self.time}.000001")
        return v2_snapshot(self.shown)

    def step(self) -> str | None:
        """The next message; None where what changed lies beyond the depth."""
        self.time += 1
        side = self.random.choice("ba")
        best = self.deep.ordered(side)[0]
        away = self.random.choice([0, 1, 2, 3, 5, 8, 12, 20])
        tick = int(best * 10) + (-away if side == "b" else away)
        if self.random.random() < 0.1:
            other = int(self.deep.ordered("a" if side == "b" else "b")[0] * 10)
            tick = other - 1 if side == "b" else other + 1
        gone = self.random.random() < 0.4 and len(self.deep.sides[side]) > 20
        changed = (side, self.price(tick), f"{0:.8f}" if gone else self.size())
        self.deep.apply([changed])
        now = set(self.listed(self.deep))
        before = set(self.listed(self.shown))
        told = [changed] if gone and any(x[:2] == changed[:2] for x in before) else []
        again = sorted(now - before - {changed})
        told += ([changed] if changed in now - before else []) + again
        if not told:
            return None
        if self.version == 2:
            when = f"2023-11-14T22:{(self.time // 60) % 60:02}:{self.time % 60:02}.000001Z"
            return v2_update(self.shown, told, when)
        marked = frozenset(range(len(told) - len(again), len(told)))
        line = v1_update(self.shown, told, f"{self.time}.000001", again=marked)
        assert set(self.listed(self.shown)) == now
        return line

    def same(self) -> str:
        """A message that changes nothing."""
        self.time += 1
        best = ("b", *self.shown.sides["b"][self.shown.ordered("b")[0]])
        if self.version == 1:
            return v1_update(self.shown, [best], f"{self.time}.000001")
        when = f"2023-11-14T22:{(self.time // 60) % 60:02}:{self.time % 60:02}.000001Z"
        return v2_update(self.shown, [best], when)

    def lines(self, count: int) -> list[str]:
        steps = (self.step() for _ in range(count))
        first = [answer(self.depth)] if self.version == 2 else []
        return [*first, self.snapshot(), *[line for line in steps if line is not None]]


def texts_of(line: str) -> tuple[bool, Texts, int | None]:
    """A line of either version, plainly: whether it is a snapshot, levels as texts, checksum."""
    message = json.loads(line, parse_float=str, parse_int=str)
    found: Texts = []
    if isinstance(message, list):
        sums = [part["c"] for part in message[1:-2] if "c" in part]
        sides = [(k[0], level) for part in message[1:-2] for k in part if k != "c" for level in part[k]]
        found = [(side, level[0], level[1]) for side, level in sides]
        return "as" in message[1], found, int(sums[0]) if sums else None
    data = message["data"][0]
    for name in ("bids", "asks"):
        found += [(name[0], level["price"], level["qty"]) for level in data[name]]
    return message["type"] == "snapshot", found, int(data["checksum"])


def plain_client(lines: list[str], depth: int) -> tuple[list[int], int]:
    """Lines, from 1, whose checksum is not that of the book, and how many agreed. After the former nothing is
    known of the book until the next snapshot."""
    book: PlainBook | None = None
    wrong, agreed = [], 0
    for number, line in enumerate(lines, 1):
        if '"method"' in line:
            continue
        snapshot, levels, checksum = texts_of(line)
        if snapshot:
            book = PlainBook(depth)
        if book is None:
            continue
        book.apply(levels)
        if checksum is None:
            continue
        if checksum == book.checksum():
            agreed += 1
        else:
            wrong.append(number)
            book = None
    return wrong, agreed


@pytest.mark.parametrize("version", [1, 2])
@given(seed=st.integers(0, 10_000), drop=st.lists(st.integers(1, 60), max_size=2), again=st.booleans())
@settings(max_examples=25)
def test_stream__tells_what_a_plain_client_finds(
    tmp_path_factory: pytest.TempPathFactory, version: int, seed: int, drop: list[int], again: bool
) -> None:
    venue = Venue(seed, version=version)
    lines = [*venue.lines(50), venue.same()]
    if again:
        venue.time += 5
        lines += [venue.snapshot(), *venue.lines(10)[-5:]]
    kept = [line for k, line in enumerate(lines) if k not in drop or k < 2]
    capture = read(tmp_path_factory.mktemp("kraken"), kept)
    wrong, agreed = plain_client(kept, 10)
    report = capture.report.table.iloc[0]
    gaps = capture.report.gaps
    assert gaps[gaps.reason == "checksum"].line.tolist() == wrong
    assert report.verified == agreed
    assert report.status == "ok"
    if not drop and not again:
        assert (report.gaps, agreed) == (0, sum('"c"' in x or '"checksum"' in x for x in kept))
        assert last_book(capture) == venue.shown.levels()


def test_ts__is_that_of_the_newest_level_and_a_snapshot_stood_until_the_next_update(tmp_path: Path) -> None:
    book = PlainBook(10)
    book.apply([("b", "99.0", "1.0"), ("a", "101.0", "1.0")])
    lines = [
        v1_snapshot(book, "1700000000.000001", local="1700000050000000000 "),
        v1_update(book, [("b", "98.0", "1.0"), ("b", "97.0", "2.0")], "1700000010.123456"),
        v1_update(book, [("b", "96.0", "1.0")], "1700000009.000000", again=frozenset({0})),
    ]
    rows = read(tmp_path, lines).depth.to_pylist()
    ns = [row["ts"].value for row in rows]
    assert ns == [1_700_000_010_123_456_000] * 5
    first = 1_700_000_010_123_455
    assert [row["seq"] for row in rows] == [first, first, first + 1, first + 1, first + 2]
    early = [lines[0].replace("1700000050", "1700000005"), *lines[1:]]
    assert read(tmp_path, early).depth.to_pylist()[0]["ts"].value == 1_700_000_005_000_000_000
    alone = read(tmp_path, lines[:1]).depth.to_pylist()
    assert {row["ts"].value for row in alone} == {1_700_000_050_000_000_000}
    with pytest.raises(FormatError, match="expected a time with the snapshot, or an update after it"):
        read(tmp_path, [lines[0].split(" ", 1)[1]])


def test_lines__as_cryptofeed_writes_them(tmp_path: Path) -> None:
    sound = SAMPLES["kraken-v1"].lines
    lines = [
        "wss://ws.kraken.com <-> 1700000000.3858151",
        'wss://ws.kraken.com <- 1700000000.8253062: {"event":"subscribe","pair":["XBT/USD"]}',
        *(f"17000000{k:02}.25: {line.split(' ', 1)[1]}" for k, line in enumerate(sound)),
        '1700000099.5: {"event":"heartbeat"}',
    ]
    capture = read(tmp_path, lines)
    assert capture.report.table.status.tolist() == ["ok"]
    assert capture.depth.to_pylist()[-1]["ts_recv"].value == 1_700_000_007_250_000_000
    assert levels_of(capture) == levels_of(read(tmp_path, sound))


def test_lines__both_sides_in_one_object_are_the_same(tmp_path: Path) -> None:
    book = PlainBook(10)
    book.apply([("b", "99.0", "1.0"), ("a", "101.0", "1.0")])
    first, change = v1_snapshot(book), [("a", "100.5", "1.0"), ("b", "99.5", "0.1")]
    apart = v1_update(book, change, "1700000001.000000")
    joined = v1_update(book, change, "1700000001.000000", apart=False)
    assert apart != joined
    assert levels_of(read(tmp_path, [first, apart])) == levels_of(read(tmp_path, [first, joined]))


def test_lines__rows_are_in_their_order_in_both_versions(tmp_path: Path) -> None:
    def lines(version: int) -> list[str]:
        book = PlainBook(10)
        book.apply([("b", "99.0", "1.0"), ("b", "98.0", "1.0"), ("a", "101.0", "1.0"), ("a", "102.0", "2.0")])
        change = [("a", "100.5", "1.0"), ("a", "100.4", "1.0"), ("b", "99.5", "0.1")]
        if version == 1:
            return [v1_snapshot(book), v1_update(book, change, "1700000001.000000")]
        first = v2_snapshot(book, "2023-11-14T22:13:20.000001Z")
        return [answer(10), *map(asks_first, (first, v2_update(book, change, "2023-11-14T22:13:21.000000Z")))]

    def asks_first(line: str) -> str:
        """The same line with its sides in the other order."""
        head, bids, asks, rest = re.split(r'("bids":\[.*?\]),("asks":\[.*?\]),', line)
        return f"{head}{asks},{bids},{rest}"

    one, two = (levels_of(read(tmp_path, lines(version))) for version in (1, 2))
    assert one == two
    assert [side for _, side, _, _ in one] == ["ask", "ask", "bid", "bid", "ask", "ask", "bid"]


def test_level__told_twice_in_a_message_is_the_last(tmp_path: Path) -> None:
    book = PlainBook(10)
    book.apply([("b", "99.0", "1.0"), ("a", "101.0", "1.0")])
    first = v1_snapshot(book)
    twice = v1_update(
        book, [("b", "99.5", "1.0"), ("b", "99.5", "0.0"), ("b", "99.5", "3.0")], "1700000001.5"
    )
    capture = read(tmp_path, [first, twice])
    assert levels_of(capture)[2:] == [("update", "bid", 99.5, 3.0)]
    assert capture.report.table.verified.tolist() == [1]


# ------------------------------------------------------------------ checksums that the venue publishes


def published(sides: dict[str, str]) -> KrakenBook:
    book = KrakenBook(10)
    for side, text in sides.items():
        levels = [tuple(level.split()) for level in text.split(",")]
        book.apply([(side == "a", float(p), float(q)) for p, q in levels], levels)  # type: ignore[misc]
    return book


V1 = {
    "a": ",".join(f"{Decimal(5005 + 5 * k) / 100_000:.5f} 0.00000500" for k in range(10)),
    "b": ",".join(f"0.0{n} 0.00000500" for n in (5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950)),
}
V2 = {
    "a": "45285.2 0.00100000,45286.4 1.54571953,45286.6 1.54571109,45289.6 1.54560911,45290.2 0.15890660,"
    "45291.8 1.54553491,45294.7 0.04454749,45296.1 0.35380000,45297.5 0.09945542,45299.5 0.18772827",
    "b": "45283.5 0.10000000,45283.4 1.54582015,45282.1 0.10000000,45281.0 0.10000000,45280.3 1.54592586,"
    "45279.0 0.07990000,45277.6 0.03310103,45277.5 0.30000000,45277.3 1.54602737,45276.6 0.15445238",
}
STRIPPED = {
    "a": "0.5668 4410.79769741,0.5669 4655.40412487,0.567 49844.89424998,0.5671 24306.41678,"
    "0.5672 29783.25223475,0.5673 57234.71239278,0.5674 45065.04744,0.5675 5912.76380354,"
    "0.5676 42514.92434778,0.5677 36304.0847022",
    "b": "0.5666 4831.75496356,0.5665 6658.22734739,0.5664 18724.91513344,0.5663 11563.92544914,"
    "0.5662 14006.65365711,0.5661 17454.85679807,0.566 18097.1547,0.5659 33644.89175666,0.5658 148.3464,"
    "0.5657 606.70854372",
}
"""The venue's own examples: of its guides to both versions, and of its reference, without last zeros."""


@pytest.mark.parametrize(("sides", "checksum"), [(V1, 974947235), (V2, 3310070434), (STRIPPED, 2439117997)])
def test_checksum__of_the_venues_examples(sides: dict[str, str], checksum: int) -> None:
    assert published(sides).agrees(checksum)
    assert not published(sides).agrees(checksum ^ 1)


def test_checksum__of_the_update_after_an_example() -> None:
    book = published(STRIPPED)
    assert book.agrees(2439117997)
    book.apply([(0, 0.5657, 1098.3947558)], [("0.5657", "1098.3947558")])
    assert book.agrees(2114181697)
    book.apply([(0, 0.5657, 0.0)], [("0.5657", "0")])
    assert not book.agrees(2114181697)


def test_checksum__of_numbers_written_anew(tmp_path: Path) -> None:
    """Zeros at the end are lost, small numbers have exponents: both are found by the checksum itself."""
    venue = Venue(3, version=2)
    lines = venue.lines(60)
    anew = [lines[0]]
    for line in lines[1:]:
        anew.append(json.dumps(json.loads(line), separators=(",", ":")))  # noqa: PERF401
    assert anew != lines
    assert any("e-0" in line for line in anew)
    assert read(tmp_path, anew).report.table.verified.tolist() == [len(lines) - 1]
    assert levels_of(read(tmp_path, anew)) == levels_of(read(tmp_path, lines))


@pytest.mark.parametrize("decimals", range(1, 6))
def test_checksum__of_prices_whose_last_decimals_are_always_zero(decimals: int) -> None:
    plain, book = PlainBook(10), KrakenBook(10)
    for k in range(5):
        price, size = f"{100 + k / 10:.{decimals}f}", f"{1 + k / 8:.8f}"
        plain.apply([("a", price, size)])
        book.apply([(1, float(price), float(size))], [(f"{100 + k / 10:g}", f"{1 + k / 8:g}")])
    assert book.agrees(plain.checksum())
    assert not book.agrees(plain.checksum() ^ 1)


def test_checksum__with_the_decimals_of_the_channel_instrument() -> None:
    book = KrakenBook(10, Decimals(9, 5))
    plain = PlainBook(10)
    plain.apply([("b", "5.000000000", "1.00000"), ("a", "6.000000000", "1.50000")])
    book.apply([(0, 5.0, 1.0), (1, 6.0, 1.5)], [("5", "1"), ("6", "1.5")])
    assert book.agrees(plain.checksum())
    assert not KrakenBook(10).agrees(plain.checksum())


def test_checksum__that_is_wrong_costs_its_message_and_all_until_the_next_snapshot(tmp_path: Path) -> None:
    venue = Venue(5)
    lines = venue.lines(30)
    right = json.loads(lines[9])
    right[-3]["c"] = str(int(right[-3]["c"]) ^ 1)
    lines[9] = json.dumps(right)
    capture = read(tmp_path, lines)
    (gap,) = capture.report.lost
    assert (gap.reason, gap.line, gap.after) == (
        "checksum",
        10,
        gap.until - 10**9 * (venue_seconds(lines) or 1),
    )
    assert capture.report.table.verified.tolist() == [8]
    rows = capture.depth.to_pylist()
    at = next(k for k, row in enumerate(rows) if row["event"] == "gap")
    assert rows[at]["seq"] == rows[at - 1]["seq"]
    assert rows[at + 1]["seq"] > rows[at]["seq"] + 1_000_000  # the message itself is left out
    window = lm.replay(capture.depth).window.to_pylist()
    after = [w for w in window if w["start"].value >= gap.after]
    assert after
    assert not any(w["known"] for w in after)


def test_checksum__that_is_wrong_leaves_nothing_observed_until_the_next_snapshot(tmp_path: Path) -> None:
    """What an update says in a gap is carried at once: it may have left the window since, of which nothing is
    said, and nothing tells of others that were lost. All of it is one gap."""
    venue = Venue(5)
    lines = venue.lines(30)
    right = json.loads(lines[9])
    right[-3]["c"] = str(int(right[-3]["c"]) ^ 1)
    lines[9] = json.dumps(right)
    last = venue.snapshot()
    after = [line for line in (venue.step() for _ in range(5)) if line]
    path = write_lines(tmp_path / "kraken.txt", [*lines, last, *after])
    report = lm.ingest(path, store=tmp_path / "store")
    (gap,) = report.lost
    session = lm.open_store(tmp_path / "store").session("kraken", "XBT/USD")
    rows = session.depth().to_pylist()
    ends = next(row["ts"].value for row in rows[::-1] if row["event"] == "snapshot")
    assert sum(gap.after < row["ts"].value < ends for row in rows) > 20
    spans = session.spans().to_arrow().to_pylist()
    begun = [s for s in spans if gap.after < s["start"].value < ends]
    assert len(begun) > 10
    assert all(s["seen"] == s["start"] for s in begun)
    assert not any(gap.after < s["seen"].value < ends and s["start"].value <= gap.after for s in spans)
    (told,) = session.gaps().itertuples()
    assert (told.after.value, told.until.value) == (gap.after, ends)


def venue_seconds(lines: list[str]) -> int:
    """Seconds from the ninth line to the tenth."""
    times = [max(map(float, re.findall(r'"(1700\d{6}\.\d{6})"\]', line))) for line in lines[8:10]]
    return round(times[1] - times[0])


def test_checksums__none_sent_is_missing_none_compared_is_zero(tmp_path: Path) -> None:
    sound = SAMPLES["kraken-v1"].lines
    unchecked = read(tmp_path, SAMPLES["kraken-v1-unchecked"].lines).report.table.verified
    assert unchecked.isna().tolist() == [True]
    assert read(tmp_path, sound[1:]).report.table.verified.tolist() == [0]


def test_quality__shows_the_share_that_is_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Venue(5).lines(30)
    wrong = json.loads(lines[20])
    wrong[-3]["c"] = str(int(wrong[-3]["c"]) ^ 1)
    path = write_lines(tmp_path / "kraken.txt", [*lines[:20], json.dumps(wrong), *lines[21:]])
    report = lm.ingest(path, store=tmp_path / "store")
    (messages, verified) = report.table[["messages", "verified"]].iloc[0]
    assert (messages, verified) == (len(lines) - 1, 19)
    quality = lm.open_store(tmp_path / "store").session("kraken", "XBT/USD").quality()
    assert quality.verified_share == verified / messages
    assert f"{quality.verified_share:.2%} verified" in repr(quality)
    assert "verified_share" in str(quality)
    assert main(["info", "--store", str(tmp_path / "store"), "--quality"]) == 0
    assert f"{quality.verified_share:.2%}" in capsys.readouterr().out
    assert main(["info", "--store", str(tmp_path / "store"), "--quality", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified_share"] == quality.verified_share


# ------------------------------------------------------------------ lines that come twice, or late


@given(seed=st.integers(0, 1_000), at=st.integers(2, 20), later=st.integers(0, 5))
@settings(max_examples=20)
def test_line__told_twice_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, at: int, later: int
) -> None:
    lines = Venue(seed).lines(40)[:24]
    at = min(at, len(lines) - 1)
    folder = tmp_path_factory.mktemp("twice")
    doubled = [*lines[: at + 1 + later], lines[at], *lines[at + 1 + later :]]
    once, twice = read(folder, lines), read(folder, doubled)
    assert levels_of(once) == levels_of(twice)
    assert [c.report.table.gaps[0] for c in (once, twice)] == [0, 0]
    assert any("1 repeated or older messages were ignored" in note for note in twice.report.notes)


def test_snapshot__told_twice_in_a_row_is_no_gap(tmp_path: Path) -> None:
    for name in ("kraken-v1", "kraken-v2"):
        lines = SAMPLES[name].lines
        first = next(
            k
            for k, line in enumerate(lines)
            if '"as"' in line or '"snapshot"}' in line or 'snapshot",' in line
        )
        doubled = [*lines[: first + 1], *lines[first:]]
        assert read(tmp_path, doubled).report.table.gaps.tolist() == [0]
        stale = [*lines, lines[first]]
        capture = read(tmp_path, stale)
        assert capture.report.table.gaps.tolist() == [0]
        assert levels_of(capture) == levels_of(read(tmp_path, lines))


@given(seed=st.integers(0, 1_000), at=st.integers(2, 20))
@settings(max_examples=20)
def test_lines__in_another_order_are_found_where_the_best_levels_show_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int, at: int
) -> None:
    lines = Venue(seed).lines(40)[:24]
    at = min(at, len(lines) - 2)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    capture = read(tmp_path_factory.mktemp("order"), lines)
    wrong, agreed = plain_client(lines, 10)
    assert capture.report.gaps.line.tolist() == wrong
    assert capture.report.table.verified.tolist() == [agreed]


# ------------------------------------------------------------------ depths and markets


def test_depth__is_that_of_the_answer_or_of_a_whole_snapshot_or_told(tmp_path: Path) -> None:
    venue = Venue(1, version=2)
    lines = venue.lines(20)
    whole = read(tmp_path, lines)
    assert (whole.meta.depth_limit, whole.meta.feed, whole.meta.window_policy) == (10, "ob10", "truncate")
    unanswered = read(tmp_path, lines[1:])
    assert levels_of(unanswered) == levels_of(whole)
    assert any("took the depth 10 of its first snapshot" in note for note in unanswered.report.notes)
    with pytest.raises(FormatError, match="expected the depth of the book"):
        read(tmp_path, lines[2:])
    assert read(tmp_path, lines[2:], feed="ob25").meta.depth_limit == 25
    for feed in ("ob25", "ob7", "book-10"):
        with pytest.raises(FormatError, match="expected a feed of ob10, got"):
            read(tmp_path, lines, feed=feed)


def test_depths__of_one_market_the_deepest_is_read(tmp_path: Path) -> None:
    shallow, deep = Venue(1, depth=10), Venue(1, depth=25)
    lines = [line for pair in zip(shallow.lines(30), deep.lines(30)) for line in pair]
    capture = read(tmp_path, lines)
    assert (capture.meta.depth_limit, capture.report.table.gaps[0]) == (25, 0)
    assert any("lines of channel book-10 of XBT/USD were left out" in note for note in capture.report.notes)
    assert read(tmp_path, lines, feed="ob10").meta.depth_limit == 10


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("lost", [False, True])
def test_snapshot__of_the_book_that_is_known_continues_it(tmp_path: Path, version: int, lost: bool) -> None:
    """As after a planned change of the connection; but not where a change beyond the checksums was lost."""
    venue = Venue(2, depth=25, version=version)
    lines = venue.lines(20)
    if lost:
        deep = venue.shown.ordered("b")[20]
        changed = [("b", f"{deep:.1f}", "7.00000000")]
        venue.deep.apply(changed)
        venue.shown.apply(changed)
    venue.time += 1
    lines += [venue.snapshot(), *(x for x in (venue.step() for _ in range(20)) if x)]
    capture = read(tmp_path, lines)
    assert [gap.reason for gap in capture.report.lost] == ["sequence"] * lost
    window = [w["known"] for w in lm.replay(capture.depth).window.to_pylist() if w["side"] == "bid"]
    assert (False in window[:-1]) == lost


def test_versions__of_one_market_are_not_mixed(tmp_path: Path) -> None:
    """Most markets have one name in both."""
    first = [line.replace("XBT/USD", "ETH/USD") for line in Venue(1, version=1).lines(20)]
    second = [line.replace("BTC/USD", "ETH/USD") for line in Venue(1, version=2).lines(20)]
    mixed = [line for pair in zip(first, second) for line in pair]
    capture = read(tmp_path, mixed)
    kept = first[: len(mixed) // 2]
    assert levels_of(capture) == levels_of(read(tmp_path, kept))
    assert (capture.report.table.gaps[0], capture.report.table.verified[0]) == (0, len(kept) - 1)
    assert any("lines of version 2 of ETH/USD were left out" in note for note in capture.report.notes)


@pytest.mark.parametrize("version", [1, 2])
def test_captures__that_overlap_are_one_feed(tmp_path: Path, version: int) -> None:
    """Two recorders: the second begins with a snapshot of its own, what both heard is kept once."""
    venue = Venue(3, version=version)
    first = venue.lines(30)
    second = [*first[: version - 1], venue.snapshot()]
    both = [line for line in (venue.step() for _ in range(30)) if line]
    last = [line for line in (venue.step() for _ in range(10)) if line]
    paths = [
        write_lines(tmp_path / name, lines)
        for name, lines in (("a.txt", [*first, *both]), ("b.txt", [*second, *both, *last]))
    ]
    tables = []
    for number, order in enumerate((paths, paths[::-1])):
        store = tmp_path / f"store{number}"
        assert lm.ingest(order, store=store).exit_code == 0
        session = lm.open_store(store).session("kraken", "XBT/USD" if version == 1 else "BTC/USD")
        assert len(session.gaps()) == 0  # the first recorder heard all that the second's snapshot replaces
        tables.append(session.depth().select(["ts", "seq", "event", "side", "price", "size"]))
    assert tables[0].equals(tables[1])
    whole = levels_of(read(tmp_path, [*first, *both, *last]))
    begun = [row for row in levels_of(read(tmp_path, [*second, *both])) if row[0] == "snapshot"]
    told = [(r["event"], r["side"], r["price"], r["size"]) for r in tables[0].to_pylist()]
    assert sorted(row for row in told if row[0] != "gap") == sorted([*whole, *begun])


def test_markets__of_one_capture_are_all_ingested(tmp_path: Path) -> None:
    pairs = ["XBT/USD", "ETH/USD", "SOL/EUR"]
    venues = [Venue(k) for k in range(3)]
    streams = [[x.replace("XBT/USD", pair) for x in v.lines(30)] for v, pair in zip(venues, pairs)]
    mixed = [line for lines in zip(*streams) for line in lines] + [v1_trade(1, "100.5", "2.5")]
    path = write_lines(tmp_path / "kraken.txt", [*mixed[:9], "broken", *mixed[9:]])
    for again in (False, True):
        report = lm.ingest(path, store=tmp_path / "store")
        table = report.table
        assert sorted(table.symbol) == sorted([*pairs, "XBT/USD"])
        assert table[table.kind == "depth"].gaps.tolist() == [1, 1, 1]
        assert report.rejected == [(str(path), 10, report.rejected[0][2])]
        assert any("already in the store" in note for note in report.notes) == again
        assert not any("were left out" in note for note in report.notes)
        assert len(report.notes) == len(set(report.notes))
    store = lm.open_store(tmp_path / "store")
    for pair, lines in zip(pairs, streams):
        session = store.session("kraken", pair)
        alone = read(tmp_path / pair[:3], lines)
        rows = [r for r in session.depth().to_pylist() if r["event"] != "gap"]
        assert [(r["event"], r["side"], r["price"], r["size"]) for r in rows] == levels_of(alone)[: len(rows)]
    named = lm.ingest(path, store=tmp_path / "store", symbol="eth/usd")
    assert named.table.symbol.tolist() == ["ETH/USD"]
    assert lm.read(path, symbol="SOL/EUR").meta.symbol == "SOL/EUR"
    without = lm.read(path).report
    assert "to take one of several" in str(without.rejected[0][2])


# ------------------------------------------------------------------ trades


def test_trades__of_both_versions(tmp_path: Path) -> None:
    first = read(tmp_path, [v1_trade(1, "100.5", "2.50000000"), v1_trade(2, "100.6", "0.1", "s")]).trades
    rows = [(r["ts"].value, r["id"], r["aggressor"], r["price"], r["size"]) for r in first.to_pylist()]
    assert rows == [
        (1_700_000_001_250_001_000, None, "buy", 100.5, 2.5),
        (1_700_000_002_250_001_000, None, "sell", 100.6, 0.1),
    ]
    second = read(tmp_path, [v2_trade(1, "100.5", "2.50000000"), v2_trade(2, "100.6", "0.1", "sell")]).trades
    told = [(r["ts"].value, r["id"], r["aggressor"], r["price"], r["size"]) for r in second.to_pylist()]
    assert told == [(row[0], str(1_001 + k), *row[2:]) for k, row in enumerate(rows)]


def test_trades__told_again_after_a_subscription_are_dropped(tmp_path: Path) -> None:
    first, second, third = ["100.5", "2.5"], ["100.5", "2.5"], ["100.7", "1.0"]
    status = '{"channelName":"trade","event":"subscriptionStatus","pair":"XBT/USD","status":"subscribed"}'

    def line(*trades: tuple[list[str], int]) -> str:
        return json.dumps([5, [[*t, f"170000000{n}.5", "b", "l", ""] for t, n in trades], "trade", "XBT/USD"])

    lines = [
        line((first, 1), (second, 1)),
        status,
        line((first, 1), (second, 1), (third, 2)),
        line((third, 2)),
    ]
    capture = read(tmp_path, lines)
    assert capture.trades["price"].to_pylist() == [100.5, 100.5, 100.7, 100.7]
    assert any("2 trades that came before were ignored" in note for note in capture.report.notes)
    once = read(tmp_path, [v2_trade(1, "100.5", "2.5")] * 2)
    assert once.trades.num_rows == 1


# ------------------------------------------------------------------ lines that are none

WRONG = {
    "[1664]": "expected [id, ..., channel, market]",
    '[1,{"a":[["1","1"]]},"book-10","XBT/USD"]': "expected [price, size, time]",
    '[1,{"a":[["1","1","1700000001.5","x"]]},"book-10","XBT/USD"]': "expected [price, size, time]",
    '[1,{"a":[],"as":[]},"book-10","XBT/USD"]': "expected levels under `a` and `b`",
    '[1,{"a":[]},{"a":[]},"book-10","XBT/USD"]': "expected levels under `a` and `b`",
    '[1,{"c":"1"},"book-10","XBT/USD"]': "expected levels under",
    '[1,{"a":[]},"book-10","XBT/USD"]': "expected levels, got none",
    '[1,{"a":5},"book-10","XBT/USD"]': "expected a list of levels",
    '[1,[5],"book-10","XBT/USD"]': "expected objects of levels",
    '[1,{"a":[["1","1","1700000001.5"]],"c":"x"},"book-10","XBT/USD"]': "expected a checksum of 32 bits",
    '[1,{"a":[["1","1","1700000001.5"]],"c":"4294967296"},"book-10","XBT/USD"]': "expected a checksum",
    '[1,{"a":[["1","1","1700000001.5"]]},"book-7","XBT/USD"]': "expected a channel of book-10",
    '[1,[],"trade","XBT/USD"]': "expected a list of trades",
    '[1,[["1","1","1700000001.5","x","l",""]],"trade","XBT/USD"]': "expected side buy or sell",
    '[1,[["1","0","1700000001.5","b","l",""]],"trade","XBT/USD"]': "expected a positive size",
    "5": "expected a JSON object",
    "{}": "expected a `channel` or an `event`",
    "17000000.5: {}": "expected a local time",
    '{"channel":"book","type":"x","data":[]}': "expected type snapshot or update",
    '{"channel":"book","type":"update","data":[{}]}': "objects with a `symbol`",
}


@pytest.mark.parametrize("line", WRONG)
def test_line__that_is_none_is_told(tmp_path: Path, line: str) -> None:
    lines = SAMPLES["kraken-v1"].lines
    capture = read(tmp_path, [*lines[:3], line, *lines[3:]])
    ((_, number, why),) = capture.report.rejected
    assert number == 4
    assert WRONG[line] in str(why)
    assert capture.report.table.gaps.tolist() == [1]


@pytest.mark.parametrize("name", ["kraken-v1", "kraken-v2"])
def test_file__cut_anywhere_gives_the_lines_before(tmp_path: Path, name: str) -> None:
    lines = SAMPLES[name].lines
    text = "\n".join(lines) + "\n"
    whole = levels_of(read(tmp_path, lines))
    begin = len("\n".join(lines[:3]))
    for at in range(begin, len(text), 29):
        path = tmp_path / "cut.txt"
        path.write_text(text[:at])
        capture = lm.read(path)
        rows = [row for row in levels_of(capture) if row[0] != "gap"]
        assert rows == whole[: len(rows)]
        complete = text[: at + 1].count("\n")
        assert capture.report.table.messages[0] >= complete - (name == "kraken-v2")


def test_v2__update_without_time_or_with_odd_levels_is_told(tmp_path: Path) -> None:
    lines = SAMPLES["kraken-v2"].lines
    for odd, why in (
        (v2_line("update", [("b", "99.5", "1")], 5, None), "expected `timestamp`"),
        (v2_line("update", [], 5, "2023-11-14T25:13:23Z"), "expected `timestamp`"),
        (v2_line("snapshot", [], 5, None), "empty snapshot"),
        (lines[-1].replace('"bids":[', '"bids":[5,'), "expected a level"),
        (lines[-1].replace('"checksum":', '"checksum":-'), "expected a checksum"),
    ):
        capture = read(tmp_path, [*lines[:4], odd, *lines[4:]])
        assert [(n, why in str(said)) for _, n, said in capture.report.rejected] == [(5, True)]
