"""Of a session that is played up to a time nothing later is shown, wherever hands go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from tests.chromium.drawn import STAGE, axes, css, figures, painted, readout, settled, words

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

AT = np.datetime64("2026-01-05T00:01:00.700")
LINK = (
    "?half_life=20s&prune=none&from=2026-01-05T00:00:40&to=2026-01-05T00:01:00.700&at=2026-01-05T00:01:00.700"
)
AT_MS = float(AT.astype("datetime64[us]").astype(np.int64)) / 1e3

HANDS = {
    "wheel": lambda page: [page.mouse.wheel(0, 300) for _ in range(8)],
    "first view": lambda page: page.keyboard.press("0"),
    "to the right": lambda page: [page.keyboard.press("ArrowRight") for _ in range(12)],
    "farther": lambda page: [page.keyboard.press("-") for _ in range(12)],
}


@pytest.fixture(scope="module")
def trades(store_path: Path) -> pd.DataFrame:
    table = lm.open_store(store_path).session("bybit", "AAAUSDT").trades().to_pandas()
    at = table.ts.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    return table.assign(ns=at)


def told(page: Any, name: str) -> Any:
    return page.evaluate(f"name => {{ {STAGE} return stage.chart.told[name] }}", name)


@pytest.mark.parametrize("hand", HANDS)
def test_view__does_not_reach_beyond(visit: Callable, app: str, hand: str) -> None:
    page = visit(app + LINK + "&layers=bubbles", 1280, 720).page
    settled(page)
    before = figures(page)[0]
    assert before["end"] == pytest.approx(AT_MS, abs=1)
    page.mouse.move(*axes(page).at(0.5, 0.5))
    page.locator(".liqmap-chart").focus()
    HANDS[hand](page)
    page.wait_for_timeout(500)
    drawn = settled(page)
    figure = figures(page)[0]
    if hand in ("wheel", "farther", "first view"):
        assert figure["start"] < before["start"] - 10_000
    assert figure["end"] <= AT_MS + 1
    assert drawn["x"] + drawn["dw"] <= AT_MS + 1_000  # a column
    base = int(page.evaluate(f"() => {{ {STAGE} return stage.chart.market.base }}"))
    times = [bubble["time"] + base for bubble in told(page, "bubbles")]
    assert times
    assert max(times) < AT_MS * 1e6


def test_last_candle_tag_and_numbers__are_of_what_was_known(
    visit: Callable, app: str, trades: pd.DataFrame
) -> None:
    page = visit(app + LINK + "&layers=candles&panels=delta,profile,ladder").page
    settled(page)
    figure, known = figures(page)[0], trades[trades.ns < AT_MS * 1e6]
    candles = told(page, "candles")
    base = int(page.evaluate(f"() => {{ {STAGE} return stage.chart.market.base }}"))
    last, begin = candles["bars"][-1], candles["bars"][-1]["time"] + base
    assert begin < AT_MS * 1e6 < begin + candles["step"]  # it is not over yet
    inside = known[known.ns >= begin]
    over = trades[(trades.ns >= begin) & (trades.ns < begin + candles["step"])]
    assert len(inside) < len(over)
    assert last["count"] == len(inside)
    assert last["close"] == inside.price.iloc[-1]
    (tag,) = [w for w in words(page, "lines") if w["colour"] == f"#{bytes(css(page, 'background')).hex()}"]
    assert tag["words"] == f"{known.price.iloc[-1]:,.1f}"
    shown = known[known.ns >= figure["start"] * 1e6]
    page.locator(".liqmap-corner dd", has_text=f"{len(shown):,}").wait_for()
    volume = page.evaluate(f"""() => {{ {STAGE}
      return Object.fromEntries(panels.map(panel => [panel.name, panel.content.told.words.length])) }}""")
    assert volume["delta"] > 0 < volume["profile"]
    lines = painted(page, "lines")
    assert lines.of(*css(page, "up")).any() or lines.of(*css(page, "down")).any()


def test_column_that_is_not_over__is_not_drawn(visit: Callable, app: str) -> None:
    """It holds what comes after the time that is played up to."""
    late = LINK.replace("40&to=2026-01-05T00:01:00.700", "50&to=2026-01-05T00:00:52.602")
    page = visit(app + late.replace("at=2026-01-05T00:01:00.700", "at=2026-01-05T00:00:52.602")).page
    settled(page)
    begin, end, step = page.evaluate(f"""() => {{ {STAGE} const {{bounds, steps}} = stage.chart.picture
      return [bounds[0], bounds[1], steps[0]] }}""")
    until, view = page.evaluate(f"() => {{ {STAGE} return [stage.chart.until, stage.chart.view] }}")
    over = begin + (until - begin) // step * step
    assert begin < over < until < end
    alpha = painted(page, "picture").rgba[..., 3]
    edge = (over - view[0]) / (view[1] - view[0]) * alpha.shape[1]
    assert alpha.shape[1] - edge > 0.6  # a column has a pixel and a bit: the last pixel lies in it
    assert (alpha[:, :-1] > 0).any(axis=0).all()
    assert not alpha[:, -1].any()
    page.mouse.move(*axes(page).at(1 - 0.3 / alpha.shape[1], 0.5))
    page.wait_for_timeout(400)
    assert not any(word in line for line in readout(page) for word in ("observed", "empty", "unknown"))
