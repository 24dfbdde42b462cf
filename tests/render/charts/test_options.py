"""Titles, sizes and overlays of the pictures, given as HoloViews users give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holoviews as hv
import pytest
from bokeh.models import ColorBar, Div, Plot

import liqmap as lm
from liqmap.simulation import write_bybit

ASKED = {"title": "Mine", "width": 640, "height": 333}
OVERLAYS: list[tuple[str, ...]] = [("bbo", "bubbles"), ()]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("options")
    write_bybit(lm.simulate(minutes=0.2, seed=9, keep_truth=False), folder / "raw")
    lm.ingest(folder / "raw", store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def _figures(shown: Any) -> list[Plot]:
    drawn = hv.render(shown, backend="bokeh")
    return [drawn] if isinstance(drawn, Plot) else list(drawn.select({"type": Plot}))


def _facts(shown: Any) -> tuple[Any, ...]:
    """Title, size, axes, ground and colour bars of the one figure."""
    (figure,) = _figures(shown)
    labels = figure.xaxis[0].axis_label, figure.yaxis[0].axis_label
    bars = [bar.title for bar in (*figure.left, *figure.right) if isinstance(bar, ColorBar)]
    return (figure.title.text, figure.width, figure.height), (*labels, figure.background_fill_color, bars)


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("overlays", OVERLAYS)
def test_titles_and_sizes_are_those_asked_for(
    session: lm.Session, dynamic: bool, overlays: tuple[str, ...]
) -> None:
    plain = _facts(lm.heatmap(session, dynamic=dynamic, overlays=overlays))
    assert plain[0][0].startswith("bybit SIMUSDT")
    assert plain[0][1:] == (None, 560)  # as wide as there is room
    assert plain[1][:2] == ("time, UTC", "price, USDT")
    assert [title.split(",")[0] for title in plain[1][3]] == ["bids", "asks"]
    for given in ({}, {"width": 900, "height": 500}):
        asked = lm.heatmap(session, dynamic=dynamic, overlays=overlays, **given).opts(**ASKED)
        assert _facts(asked) == (tuple(ASKED.values()), plain[1])


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("overlays", OVERLAYS)
def test_what_is_laid_over_it_leaves_it_as_it_is(
    session: lm.Session, dynamic: bool, overlays: tuple[str, ...]
) -> None:
    """A still picture lost its title, its size, its theme and its colour bars."""
    price = sum(session.price_range) / 2
    chart = lm.heatmap(session, dynamic=dynamic, overlays=overlays, width=700, height=400)
    plain = _facts(chart)
    assert _facts(chart * hv.HLine(price)) == plain
    assert _facts((chart * hv.HLine(price)).opts(**ASKED)) == (tuple(ASKED.values()), plain[1])


def test_a_layout_has_a_title_of_its_own(session: lm.Session) -> None:
    drawn = hv.render(lm.heatmap(session, panels=("ladder", "delta")).opts(title="Mine"), backend="bokeh")
    assert sum("Mine" in div.text for div in drawn.select({"type": Div})) == 1
    assert sum(f.title.text.startswith("bybit SIMUSDT") for f in drawn.select({"type": Plot})) == 1


def test_grids_take_the_same_words(session: lm.Session) -> None:
    grid = session.grid("1s", 5.0)
    for shown in (grid.liqmap.image(**ASKED), grid.liqmap.image(cnorm="log").opts(**ASKED)):
        (figure,) = _figures(shown)
        assert (figure.title.text, figure.width, figure.height) == tuple(ASKED.values())


def test_pictures_are_saved_as_any_other(session: lm.Session, tmp_path: Path) -> None:
    hv.save(lm.heatmap(session, dynamic=False).opts(**ASKED), tmp_path / "a.html", backend="bokeh")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '"Mine"' in page
    assert '"width":640' in page
