"""The key of a picture has what is drawn, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.lines import Line2D

from liqmap.render.frames.look import Look
from liqmap.render.marks.drawing import Drawing
from liqmap.render.png.picture import _drawn
from tests.render.market import Market

KEY = {"bids, BTC", "asks, BTC", "observed", "carried"}


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (Look(), KEY),
        (Look(asks=False), KEY - {"asks, BTC"}),
        (Look(bids=False, carried_shown="hide"), {"asks, BTC", "observed"}),
        (Look(carried_shown="outline"), KEY),
        (Look(bids=False, asks=False), set()),
    ],
)
def test_key__has_a_bar_for_each_side_and_a_strip_for_each_state(look: Look, said: set[str]) -> None:
    figure = _drawn(Market(), Drawing(look=look, width=1600, height=900))
    words: set[Any] = {text.get_text() for text in figure.texts}
    assert words & KEY == said
    strips = [image.get_array().shape[0] for axes in figure.axes for image in axes.get_images()]
    assert strips == [len(look.states)] * len(look.sides)


def test_key__has_discs_with_sizes_of_the_bubbles_drawn() -> None:
    figure = _drawn(Market(), Drawing(overlays=("bubbles",), width=1600, height=900))
    drawn = figure.axes[0].collections[-1].get_sizes() ** 0.5
    words = [text.get_text() for text in figure.texts]
    assert Market().trades()["size"].to_numpy().max() == 3
    at = words.index("3")
    assert words[at : at + 4] == ["3", "0.75", "0.19", "BTC"]
    discs = [one for one in figure.artists if isinstance(one, Line2D)]
    rings = [one.get_markersize() for one in discs if one.get_markerfacecolor() == "none"]
    assert rings[0] == pytest.approx(drawn.max())
    assert rings[0] / 2 == pytest.approx(rings[1])
    plain = _drawn(Market(), Drawing(overlays=("bubbles",), min_trade=1e9, width=1600, height=900))
    assert "buys" not in {text.get_text() for text in plain.texts}


@pytest.mark.parametrize("size", [(1600, 900), (1200, 700), (2400, 1350)])
def test_key__of_many_overlays_keeps_off_the_title(size: tuple[int, int]) -> None:
    width, height = size
    over = ("bbo", "vwap", "poc", "bubbles", "stacking", "candles", "mid")
    figure = _drawn(Market(), Drawing(overlays=over, panels=("delta",), width=width, height=height))
    texts = {text.get_text(): text.get_window_extent() for text in figure.texts}
    title = next(box for word, box in texts.items() if word.startswith("bybit"))
    entries = [box for word, box in texts.items() if word in {"best bid", "buys", "bids stacked", "mid"}]
    assert len(entries) == 4
    assert not any(title.overlaps(box) for box in entries)
    heads = [(a, b) for k, a in enumerate(entries) for b in entries[:k] if a.overlaps(b)]
    assert heads == []
