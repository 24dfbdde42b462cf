"""What lies over the picture and what is said of it, against the trades and quotes of the session."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.render.frames.words import short
from tests.chromium.drawn import STAGE, axes, css, figures, painted, readout, settled, words

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=20s&prune=none&layers="
NEAR = "&from=2026-01-05T00:00:20&to=2026-01-05T00:00:50"
TICK = 0.1
SEEN = re.compile(r"(\S+) AAA seen (.+) ago, weighs (\S+)$", re.M)


@pytest.fixture(scope="module")
def session(store_path: Path) -> lm.Session:
    return lm.open_store(store_path).session("bybit", "AAAUSDT")


@pytest.fixture(scope="module")
def trades(session: lm.Session) -> pd.DataFrame:
    """Times in ns, prices, sizes, sides."""
    table = session.trades().to_pandas()
    return table.assign(ns=table.ts.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64))


def places(page: Any) -> list[tuple[float, float]]:
    """All over the axes."""
    plot = axes(page)
    return [plot.at(x, y) for x in np.linspace(0.3, 0.95, 9) for y in np.linspace(0.2, 0.9, 12)]


def test_readout__of_a_carried_cell_says_how_it_was_seen(visit: Callable, app: str) -> None:
    page = visit(app + LINK + "none").page
    settled(page)
    found = []
    for place in places(page):
        page.mouse.move(*place)
        page.wait_for_timeout(60)
        said = re.search(
            r"(bids|asks|bid|ask)  (\S+) AAA seen (.+) ago, weighs (\S+)$", "\n".join(readout(page)), re.M
        )
        if said:
            size, weight = float(said[2].replace(",", "")), float(said[4].replace(",", ""))
            found.append((pd.Timedelta(said[3]).total_seconds(), weight / size))
        if len(found) == 12:
            break
    age, share = np.array(found).T
    assert len(found) == 12
    assert np.ptp(age) > 1
    np.testing.assert_allclose(share, 2 ** (-age / 20), rtol=0.1)


@pytest.mark.parametrize("view", ["", NEAR])
def test_tag__is_the_price_traded_last(visit: Callable, app: str, trades: pd.DataFrame, view: str) -> None:
    page = visit(app + LINK + "none" + view).page
    settled(page)
    figure, plot = figures(page)[0], axes(page)
    last = trades[trades.ns < figure["end"] * 1e6].iloc[-1]
    said = words(page, "lines")
    (tag,) = [one for one in said if one["colour"] == f"#{bytes(css(page, 'background')).hex()}"]
    assert tag["words"] == f"{last.price:,.1f}"
    assert tag["x"] > plot.width
    top = page.locator(".liqmap-chart").bounding_box()["y"]
    share = (figure["high"] - last.price - TICK / 2) / (figure["high"] - figure["low"])
    assert tag["y"] + top == pytest.approx(plot.top + share * plot.height, abs=1)
    beside = [one["y"] for one in said if one["x"] == tag["x"] and one is not tag and "," in one["words"]]
    assert min(abs(y - tag["y"]) for y in beside if y < plot.height - 20) > 12  # none looks out from under it


def test_candles__are_those_of_the_trades(visit: Callable, app: str, trades: pd.DataFrame) -> None:
    page = visit(app + LINK + "candles").page
    settled(page)
    figure = figures(page)[0]
    told = page.evaluate(f"() => {{ {STAGE} return stage.chart.told.candles }}")
    bars, step = pd.DataFrame(told["bars"]), told["step"]
    base = int(page.evaluate(f"() => {{ {STAGE} return stage.chart.market.base }}"))
    group = trades.groupby((trades.ns - base) // step)
    expected = pd.DataFrame({
        "time": [k * step for k, _ in group], "open": group.price.first(), "high": group.price.max(),
        "low": group.price.min(), "close": group.price.last(), "count": group.price.count(),
    })  # fmt: skip
    assert len(bars) > 20
    pd.testing.assert_frame_equal(bars[list(expected)], expected.reset_index(drop=True), check_dtype=False)
    lines = painted(page, "lines")
    colours = {way: lines.of(*css(page, way)) for way in ("up", "down")}
    for bar in bars.itertuples():
        if abs(bar.close - bar.open) < 1:
            continue
        x = (bar.time + step / 2 + base) / 1e6 - figure["start"]
        column = int(x / (figure["end"] - figure["start"]) * lines.rgba.shape[1])
        if not 2 < column < lines.rgba.shape[1] - 2:
            continue
        middle = (bar.open + bar.close) / 2 - figure["low"]
        row = int(middle / (figure["high"] - figure["low"]) * lines.rgba.shape[0])
        assert colours["up" if bar.close > bar.open else "down"][row, column]


def test_mid__lies_between_the_quotes(visit: Callable, app: str, session: lm.Session) -> None:
    page = visit(app + LINK + "mid&from=2026-01-05T00:00:20&to=2026-01-05T00:00:28").page
    settled(page)
    figure = figures(page)[0]
    drawn = painted(page, "lines").of(*css(page, "mid"))
    rows, columns = drawn.shape
    quotes = session.bbo().to_pandas() if hasattr(session.bbo(), "to_pandas") else session.bbo()
    quotes = quotes.dropna()
    times = pd.to_datetime(quotes.ts, utc=True).dt.tz_localize(None)
    ms = times.to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e6
    mid = (quotes.bid + quotes.ask).to_numpy() / 2
    width = figure["end"] - figure["start"]
    pixel, hit = width / columns, []
    for k in range(len(ms) - 1):
        at = (ms[k] + ms[k + 1]) / 2
        if ms[k + 1] - ms[k] < 8 * pixel or not figure["start"] < ms[k] < ms[k + 1] < figure["end"]:
            continue  # it moves at once
        row = int((mid[k] + TICK / 2 - figure["low"]) / (figure["high"] - figure["low"]) * rows)
        hit.append(drawn[max(row - 2, 0) : row + 3, int((at - figure["start"]) / pixel)].any())
    assert len(hit) > 10
    assert np.mean(hit) > 0.95


def test_measure__with_alt_says_what_was_traded_and_what_rests(
    visit: Callable, app: str, trades: pd.DataFrame
) -> None:
    page = visit(app + LINK + "none").page
    settled(page)
    plot = axes(page)
    page.keyboard.down("Alt")
    page.mouse.move(*plot.at(0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*plot.at(0.4, 0.5))
    page.mouse.move(*plot.at(0.7, 0.8))
    page.mouse.up()
    page.keyboard.up("Alt")
    page.wait_for_function(f"() => {{ {STAGE} return stage.chart.measured?.more }}")
    box = page.evaluate(f"() => {{ {STAGE} return stage.chart.measured }}")
    base = int(page.evaluate(f"() => {{ {STAGE} return stage.chart.market.base }}"))
    begin, end = sorted(time + base for time in box["times"])
    low, high = (price / TICK for price in sorted(box["prices"]))
    ticks = (trades.price / TICK).round()
    inside = trades[
        (trades.ns >= begin) & (trades.ns < end) & (ticks >= np.floor(low)) & (ticks < np.ceil(high))
    ]
    volume = inside["size"].sum()
    said = [w["words"] for w in words(page, "pointer") if w["words"].startswith("volume")]
    assert len(said) == 1
    assert said[0].startswith(f"volume {short(volume)} AAA  ·  delta ")
    assert re.search(r"resting \S+ bid, \S+ ask", said[0])
    bought = inside["size"][inside.aggressor.astype(str) == "buy"].sum()
    delta = re.search(r"delta (\S+)", said[0])[1].replace("−", "-").replace("+", "")
    assert float(delta.replace(",", "")) == pytest.approx(2 * bought - volume, rel=0.05)
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => {{ {STAGE} return !stage.chart.measured }}")
    page.wait_for_timeout(200)
    assert not [w for w in words(page, "pointer") if w["words"].startswith("volume")]
