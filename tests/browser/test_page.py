"""The page's bytes: what is packed is what was there, and what is coarser is as promised."""

from __future__ import annotations

import gzip
import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.browser.columns import Columns, power_of_ten, varints
from liqmap.browser.content import Content
from liqmap.browser.pack import DAY, pack
from liqmap.render.frames.colour import Look
from liqmap.render.frames.palettes import PALETTES
from liqmap.render.frames.scale import sizes_of_session
from liqmap.render.marks.overlays import Trades
from liqmap.schema import OPEN, GridError
from tests.render.market import BEGIN, Market
from tests.strategies import MS, SECOND, START, st_messages, to_depth_table

# ------------------------------------------------------------------ the oracle: a reader of format 1


def read_varints(data: bytes) -> list[int]:
    out, value, place = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << place
        place += 7
        if byte < 0x80:
            out.append(value)
            value = place = 0
    assert place == 0
    return out


def walked(steps: list[int]) -> list[int]:
    out, now = [], 0
    for step in steps:
        now += -(step + 1) // 2 if step % 2 else step // 2
        out.append(now)
    return out


def summed(steps: list[int]) -> list[int]:
    return [sum(steps[: k + 1]) for k in range(len(steps))]


def read(packed: Any) -> dict[str, Any]:
    """Spans as (tick, start, seen, end or None, size), window steps, quotes and trades, times in ns."""
    data, header, columns, at = gzip.decompress(packed.data), packed.header, {}, 0
    for column in header["columns"]:
        part = data[at : at + column["bytes"]]
        at += column["bytes"]
        if column["kind"] == "float":
            columns[column["name"]] = list(struct.unpack(f"<{column['count']}d", part))
        else:
            scale = column.get("scale", 1)
            values = read_varints(part)
            columns[column["name"]] = [v / scale for v in values] if column["kind"] == "decimal" else values
        assert len(columns[column["name"]]) == column["count"]
    assert at == len(data)
    origin = int(header["base"]) + header["origin"]

    def times(name: str, unit: str = "unit") -> list[int]:
        return [origin + header[unit] * t for t in summed(columns[name])]

    book: dict[str, Any] = {"trades": list(zip(times("trades.time", "trade_unit"), *(
        columns[f"trades.{name}"] for name in ("price", "size", "aggressor"))))}  # fmt: skip
    for side in ("bid", "ask"):
        spans, k = [], 0
        for tick, count in zip(walked(columns[f"{side}.levels"]), columns[f"{side}.count"]):
            clock = 0
            for _ in range(count):
                gap, dwell, carried = (columns[f"{side}.{name}"][k] for name in ("gap", "dwell", "carried"))
                start = clock + gap
                seen = start + dwell
                clock = seen + max(carried - 1, 0)
                moments = [origin + header["unit"] * t for t in (start, seen, clock)]
                spans.append(
                    (tick, *moments[:2], None if carried == 1 else moments[2], columns[f"{side}.size"][k])
                )
                k += 1
        window = zip(times(f"{side}.window.start"), columns[f"{side}.window.kind"],
                     walked(columns[f"{side}.window.worst"]))  # fmt: skip
        quotes = zip(times(f"{side}.quote.start"), walked(columns[f"{side}.quote.tick"]))
        book[side] = {"spans": spans, "window": list(window), "quotes": list(quotes)}
    return book


# ------------------------------------------------------------------ the same of spans


def rows_of(content: Content, side: int) -> list[tuple]:
    s = content.sides[side]
    ends = [None if end == OPEN else end for end in s.end.tolist()]
    return list(zip(s.tick.tolist(), s.start.tolist(), s.seen.tolist(), ends, s.size.tolist()))


def content_of(messages: list, n: int) -> Content:
    """Of a whole feed, without trades."""
    spans = lm.replay(to_depth_table(messages, n))

    class Feed(Market):
        def trades(self):  # type: ignore[no-untyped-def]
            return super().trades().slice(0, 0)

    begin, end = spans.begin - 1, max(spans.last, spans.begin) + 1
    return Content.of(Feed(), spans, (begin, end))


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, 2**53), st.integers(0, 2**62))))
def test_varints__come_back(values: list[int]) -> None:
    assert read_varints(varints(np.array(values, np.int64))) == values


@given(st.lists(st.one_of(st.integers(0, 10**9).map(lambda n: n / 1000), st.floats(0, 1e300), st.floats())))
def test_decimals__come_back_exactly(values: list[float]) -> None:
    columns = Columns()
    columns.decimal("size", np.array(values))
    (told,), data = columns.header, columns.data()
    if told["kind"] == "float":
        back = list(struct.unpack(f"<{len(values)}d", data))
    else:
        back = [n / told["scale"] for n in read_varints(data)]
    np.testing.assert_array_equal(back, values)


def test_decimals__of_few_places_are_whole_numbers() -> None:
    assert power_of_ten(np.array([0.1, 12.345])) == 1000
    assert power_of_ten(np.array([5.0, 20000.0])) == 1
    assert power_of_ten(np.array([1 / 3])) is None
    assert power_of_ten(np.array([-1.0])) is None


@given(st_messages())
def test_pack__comes_back_exactly(feed: tuple[list, int]) -> None:
    content = content_of(*feed)
    back = read(pack(content, START // DAY * DAY))
    for k, side in enumerate(("bid", "ask")):
        assert back[side]["spans"] == rows_of(content, k)
        w, (start, tick) = content.windows[k], content.quotes[k]
        assert back[side]["window"] == list(zip(w.start.tolist(), w.kind.tolist(), w.worst.tolist()))
        assert back[side]["quotes"] == list(zip(start.tolist(), tick.tolist()))


def test_pack__keeps_trades() -> None:
    market = Market()
    packed = pack(Content.of(market, market.spans(), market.time_range), BEGIN // DAY * DAY)
    expected = [(10, 502.5, 1.0, 1), (10.1, 502.5, 3.0, 1), (10.2, 497.5, 2.0, 2), (500, 500.0, 0.5, 0)]
    assert read(packed)["trades"] == [(BEGIN + round(t * SECOND), *rest) for t, *rest in expected]


def resting(spans: list[tuple], instant: int) -> set[tuple]:
    """(tick, size, whether carried) of what rests at an instant."""
    out = set()
    for tick, start, seen, end, size in spans:
        if start <= instant and (end is None or instant < end):
            out.add((tick, size, instant >= seen))
    return out


@given(st_messages(), st.sampled_from([MS, 10 * MS, 100 * MS, 7 * SECOND]))
def test_coarser__holds_from_each_multiple_what_rested_there(feed: tuple[list, int], resolution: int) -> None:
    exact = content_of(*feed)
    coarse = exact.at(resolution)
    for side in (0, 1):
        before, after = rows_of(exact, side), rows_of(coarse, side)
        moments = {t for _, start, seen, end, _ in before for t in (start, seen, end) if t is not None}
        for moment in moments:
            for k in (moment // resolution, moment // resolution + 1):
                there = resting(before, k * resolution)
                for late in (0, resolution // 2, resolution - 1):
                    assert resting(after, k * resolution + late) == there
        step, worst = exact.windows[side].start, exact.windows[side].worst
        for k in {int(t) // resolution + 1 for t in step}:
            i = np.searchsorted(step, k * resolution, side="right") - 1
            j = np.searchsorted(coarse.windows[side].start, k * resolution, side="right") - 1
            assert coarse.windows[side].worst[j] == worst[i]
            assert coarse.windows[side].kind[j] == exact.windows[side].kind[i]


@given(st_messages(), st.sampled_from([MS, 100 * MS]))
def test_coarser__is_packed_as_it_is_and_never_joins_what_differs(
    feed: tuple[list, int], resolution: int
) -> None:
    coarse = content_of(*feed).at(resolution)
    back = read(pack(coarse, START // DAY * DAY))
    for k, side in enumerate(("bid", "ask")):
        rows = rows_of(coarse, k)
        assert back[side]["spans"] == rows
        for (tick, _, _, end, _), (tick_after, start, _, _, _) in zip(rows, rows[1:]):
            assert tick < tick_after or (end is not None and end <= start)


def test_coarser__keeps_traded_volume() -> None:
    time, price, size = [5, 10, 15, 120], [1.0, 2.0, 4.0, 9.0], [1.0, 3.0, 2.0, 1.0]
    trades = Trades(*map(np.array, (time, price, size)), np.array([0, 0, 1, -1], np.int8))
    empty = content_of([], 1)
    joined = Content(empty.sides, empty.windows, empty.quotes, trades).at(100).trades
    assert joined.size.tolist() == [4.0, 2.0, 1.0]
    assert joined.price.tolist() == [1.75, 4.0, 9.0]
    assert joined.time.tolist() == [8, 15, 120]
    assert joined.aggressor.tolist() == [0, 1, -1]


class Simulated(Market):
    """A minute of a simulated market."""

    def __init__(self) -> None:
        capture = lm.simulate(minutes=1, seed=3, levels=50)
        self._spans, self._trades = lm.replay(capture.depth), capture.trades
        self.time_range = tuple(np.datetime64(t, "ns") for t in (self._spans.begin, self._spans.last))  # type: ignore[assignment]
        ticks = np.array([s.levels[[0, -1]] for s in self._spans.sides])
        self.price_range = tuple(self._spans.prices(np.array([ticks.min(), ticks.max()])).tolist())

    def trades(self):  # type: ignore[no-untyped-def]
        return self._trades


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return Simulated()


def meta_of(path: Path) -> dict[str, Any]:
    """What the page is given."""
    found = re.search(
        r'<script type="application/json" id="meta">(.*?)</script>', path.read_text(encoding="utf-8")
    )
    assert found is not None
    return json.loads(found[1])


def test_page__is_exact_where_it_fits_and_says_so(simulated: Simulated, tmp_path: Path) -> None:
    page = standalone_html(simulated, tmp_path / "a.html")
    assert page.resolution is None
    assert page.note == f"{len(simulated.spans()):,} spans, exact to 1 ms"
    assert meta_of(page)["source"].endswith(page.note)
    assert page == tmp_path / "a.html"


def test_page__is_coarser_where_it_would_not_fit_and_says_so(simulated: Simulated, tmp_path: Path) -> None:
    exact = standalone_html(simulated, tmp_path / "a.html").stat().st_size
    page = standalone_html(simulated, tmp_path / "b.html", max_bytes=exact - 20_000)
    assert page.stat().st_size <= exact - 20_000
    assert page.resolution is not None
    assert page.resolution >= 100 * MS
    assert "at a resolution of " in page.note
    assert meta_of(page)["source"].endswith(page.note)
    with pytest.raises(GridError, match=r"^max_bytes: expected room .* shorter time range"):
        standalone_html(simulated, tmp_path / "c.html", max_bytes=1000)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_page__opens_with_what_was_asked_for(tmp_path: Path) -> None:
    look = Look(cutoffs=(10, 90), scaling="linear", carried=0.5, theme="light", palette="classic", asks=False)
    asked = {"half_life": None, "prune": "1min", "agg": "mean", "overlays": ("bbo",)}
    page = standalone_html(Market(), tmp_path / "a.html", look=look, price_range=(490.0, 500.0), **asked)
    choice = meta_of(page)["choice"]
    assert choice["halfLife"] is None
    assert choice["prune"] == 60 * SECOND
    assert choice["agg"] == "mean"
    assert choice["bbo"]
    assert not choice["bubbles"]
    assert (choice["cutoffs"], choice["scaling"], choice["carried"]) == ([10, 90], "linear", 0.5)
    assert (choice["theme"], choice["palette"]) == ("light", "classic")
    assert choice["bids"]
    assert not choice["asks"]
    assert meta_of(page)["view"][2:] == [490.0, 500.0]


def test_page__has_the_palettes_of_pictures_and_the_one_asked_for(tmp_path: Path) -> None:
    page = standalone_html(Market(), tmp_path / "a.html", look=Look(palette="viridis"))
    for theme in meta_of(page)["themes"].values():
        assert [*theme["palettes"]] == [*PALETTES, "viridis"]


def test_page__is_sent_the_sizes_of_the_session(tmp_path: Path) -> None:
    market = Market()
    page = standalone_html(market, tmp_path / "a.html", price_range=(490.0, 500.0))
    for agg, sizes in meta_of(page)["sizes"].items():
        known = sizes_of_session(market.spans(), (market.time_range, market.price_range), agg)
        np.testing.assert_array_equal(np.float32(sizes), np.float32(known.at))
