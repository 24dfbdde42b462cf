"""Forty choices at random: PNG, app, notebook and the page's scripts draw and say the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from matplotlib.image import imread

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.render.charts.element import SpansElement
from liqmap.render.charts.operation import liquidity
from liqmap.render.frames.frame import instant_ns, screen
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS, Look
from liqmap.render.frames.share import carried_share
from liqmap.render.frames.words import share_words
from liqmap.render.png import picture as png
from liqmap.render.png.layout import Layout
from tests.app.asking import coloured, show
from tests.browser.engine import call, cells_of, look_of

SECOND = 10**9
LAYOUT = Layout.of(420, 300)


@pytest.fixture(scope="module", autouse=True)
def charts() -> None:
    hv.extension("bokeh", logo=False)


class Part:
    """A session over a part of its time."""

    def __init__(self, time_range: Any) -> None:
        whole = session()
        self.venue, self.symbol, self.feed = whole.venue, whole.symbol, whole.feed
        self.time_range, self.price_range = time_range, whole.price_range

    def spans(self, depth_limit: int | None = None) -> Any:
        return session().spans(depth_limit)

    def trades(self) -> Any:
        return session().trades()


class Whole:
    """A simulated session, some of whose sizes are a hundred thousand times larger."""

    def __init__(self) -> None:
        spans = lm.replay(lm.simulate(minutes=4, seed=5).depth)
        table = spans.to_arrow()
        tail = np.maximum(1.0, 0.02 * (np.random.default_rng(1).pareto(0.8, len(table)) + 1))
        sizes = np.round(table["size"].to_numpy() * tail, 6)
        table = table.set_column(table.column_names.index("size"), table.schema.field("size"), [sizes])
        self._spans = lm.Spans.from_arrow(table, spans.window)
        self._trades = lm.simulate(minutes=1, seed=5).trades.slice(0, 0)
        meta = self._spans.meta
        self.venue, self.symbol, self.feed = meta.venue, meta.symbol, meta.feed
        begin, last = self._spans.begin // SECOND * SECOND, self._spans.last
        self.time_range = np.datetime64(begin, "ns"), np.datetime64(last, "ns")
        ticks = np.concatenate([side.tick for side in self._spans.sides])
        low, high = np.percentile(ticks, [5, 95])
        self.price_range = tuple(float(t) * self._spans.tick_size for t in (int(low), int(high)))

    def spans(self, depth_limit: int | None = None) -> Any:
        return self._spans

    def trades(self) -> Any:
        return self._trades


@cache
def session() -> Whole:
    return Whole()


def chosen(seed: int) -> tuple[Look, dict[str, Any], Any]:
    """A look, the carry and aggregate, and a view whose columns are the picture's pixels."""
    random = np.random.default_rng(seed)
    pick = lambda *some: some[random.integers(len(some))]  # noqa: E731
    low = round(float(random.uniform(0, 95)), 1)
    look = Look(
        cutoffs=pick(None, None, (low, round(float(random.uniform(low + 0.1, 100)), 1))),
        limits=pick(None, None, None, (0.5, 40.0)), scaling=pick(*SCALINGS),
        carried=pick(0.72, 0.3, 1.0), carried_shown=pick(*CARRIED_SHOWN), opacity=pick(1.0, 0.5),
        min_size=pick(0.0, 0.0, 1.0), bids=pick(True, True, False), asks=True,
        palette=pick("default", "classic", "viridis", "fire", "cividis"), theme=pick("dark", "light"),
    )  # fmt: skip
    carry = {"half_life": pick("30s", "2s", None), "prune": pick("5min", None, "0s", "20s"),
             "agg": pick("peak", "mean", "last")}  # fmt: skip
    whole, step = session(), int(pick(10, 50, 100, 200, 500)) * 10**6
    begun, ended = (instant_ns(t) for t in whole.time_range)
    length = step * LAYOUT.width
    begin = (begun + int(random.integers(0, max(ended - begun - length, 1)))) // step * step
    tick, (bottom, top) = whole.spans().tick_size, whole.price_range
    rows = int(pick(4, 40, round((top - bottom) / tick)))  # down to some ticks
    first, last = round(bottom / tick), round(top / tick)
    low = first + int(random.integers(0, max(last - first - rows, 0) + 1))
    prices = low * tick, (low + rows) * tick
    return look, carry, ((np.datetime64(begin, "ns"), np.datetime64(begin + length, "ns")), prices)


@pytest.mark.parametrize("seed", range(40))
def test_picture__is_the_same_in_every_face(seed: int, tmp_path: Path, monkeypatch: Any) -> None:
    look, carry, view = chosen(seed)
    whole, part = session(), Part(view[0])
    pixels = {"width": LAYOUT.width, "height": LAYOUT.height}

    state = State(
        start=view[0][0], end=view[0][1], low=view[1][0], high=view[1][1], layers=[], agg=carry["agg"],
        half_life_s=None if carry["half_life"] is None else float(carry["half_life"][:-1]),
        prune_s={"5min": 300.0, None: None, "0s": 0.0, "20s": 20.0}[carry["prune"]],
        **{name: getattr(look, name) for name in ("cutoffs", "limits", "scaling", "carried", "carried_shown",
           "opacity", "min_size", "bids", "asks", "palette", "theme")},
    )  # fmt: skip
    data = Data(whole, state)
    answers = show(data, (LAYOUT.width, LAYOUT.height))
    told, shown = answers.last.scale, data.shown
    in_app = coloured(answers.last.message(0), data)

    element = SpansElement(whole.spans(), time_range=whole.time_range, price_range=whole.price_range)
    model = lm.HalfLife(carry["half_life"], carry["prune"])
    in_notebook = liquidity(
        element, dynamic=False, x_range=view[0], y_range=view[1], carry=model, agg=carry["agg"], **pixels,
        **{name: getattr(look, name) for name in Look.__dataclass_fields__},
    )  # fmt: skip
    assert in_notebook.data.attrs["scale"] == told
    np.testing.assert_array_equal(in_app, in_notebook.data.attrs["pixels"])

    frame = screen(whole.spans(), *view, **pixels, carry=model, agg=carry["agg"])
    in_page = call("picture", cells_of(frame), shown.sizes.at.tolist(), look_of(look))
    np.testing.assert_allclose(
        [in_page["scale"]["low"], in_page["scale"]["high"]], [told.low, told.high], rtol=1e-9
    )
    seen = np.array(in_page["pixels"], np.uint32).reshape(frame.state.shape[1:])[::-1]
    seen, wanted = (_channels(image) for image in (seen, in_app))
    assert np.abs(seen - wanted).max() <= 1

    said: list[str] = []
    monkeypatch.setattr(png.labels, "share_words", lambda share: said.append(share_words(share)) or said[-1])
    path = png.picture(part, tmp_path / "a.png", width=420, height=300, overlays=(), look=look, scale=told,
                       price_range=view[1], **carry)  # fmt: skip
    image = np.rint(imread(path)[::-1, :, :3] * 255).astype(int)
    inside = image[LAYOUT.bottom : LAYOUT.bottom + LAYOUT.height, LAYOUT.left : LAYOUT.left + LAYOUT.width]
    low, high = view[1]
    centres = low + (np.arange(LAYOUT.height) + 0.5) * ((high - low) / LAYOUT.height)
    row = np.searchsorted(frame.prices, centres, side="right") - 1
    alpha, ground = wanted[row][..., 3:] / 255, np.array(look.colours.background)
    drawn = np.rint(wanted[row][..., :3] * alpha + ground * (1 - alpha))
    off = np.abs(inside - drawn).max(axis=2) > 1
    lines = [off.mean(axis=axis) > 0.1 for axis in (1, 0)]  # of the grid, and the frame around it
    assert max(mask.mean() for mask in lines) < 0.15
    assert off[~lines[0]][:, ~lines[1]].mean() < 1e-3
    share = carried_share(whole.spans(), view, model, carry["agg"], look, told)
    assert shown.share == share
    assert said == [share_words(share)]
    assert re.match(r"\d+\.\d % of the liquidity drawn is carried", said[0])


def _channels(image: np.ndarray) -> np.ndarray:
    packed = np.ascontiguousarray(image, np.uint32)
    return packed.view(np.uint8).reshape(*packed.shape, 4).astype(int)
