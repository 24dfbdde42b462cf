"""The ribbon of trust in shapes, charts and files, from a session that tells and one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from matplotlib.image import imread

import liqmap as lm
from liqmap.render.charts.layers import scene as chart_scene
from liqmap.render.frames.palettes import THEMES
from liqmap.render.marks.overlays.trust import COLOURS, HAIR, HEIGHT, RIM
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.view import View
from liqmap.render.png.layout import Layout
from liqmap.schema.trust import TRUST
from tests.formats.bybit.lines import write_lines
from tests.session.test_trust import KRAKEN, kraken_lines


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    """0 to 3 s doubted, then a gap to 20, then unverifiable to 21 s."""
    hv.extension("bokeh", logo=False)
    folder = tmp_path_factory.mktemp("trust")
    path = write_lines(folder / "capture.ndjson", kraken_lines(dropped=1))
    lm.ingest(path, store=folder / "store")
    return lm.open_store(folder / "store").session(*KRAKEN)


def view_of(session: lm.Session, width: int = 210, height: int = 100) -> View:
    begin, end = (int(t.astype(np.int64)) for t in session.time_range)
    return View(begin, end, session.price_range, width, height)


def test_shapes__lie_at_the_lower_edge_and_tell_of_themselves(session: lm.Session) -> None:
    view = view_of(session)
    ground, best, beyond = overlays()["trust"].on_engine(Scene(session, session.price_range), view)
    assert [TRUST[k] for k in best.colour] == ["unverifiable", "verified", "gap", "unverifiable"]
    assert [TRUST[k] for k in beyond.colour] == ["gap", "gap", "gap", "unverifiable"]  # doubted, as red
    heights = np.array([best.y0[0], best.y1[0], beyond.y1[0], ground.y1[0]]) - view.prices[0]
    pixel = (view.prices[1] - view.prices[0]) / view.height
    assert np.allclose(heights / pixel, [0, HEIGHT, HEIGHT + HAIR, HEIGHT + HAIR + RIM])
    assert [round((t - view.begin) / 1e9, 1) for t in (*best.x0, best.x1[-1])] == [0, 2, 3, 20, 21]
    assert best.told.words[1] == (
        "verified (best 10 levels)", "unverifiable", "yes, beyond: a later checksum differs",
    )  # fmt: skip
    played = overlays()["trust"].on_engine(
        Scene(session, session.price_range), view._replace(until=view.begin + 10**9)
    )
    assert played[1].x1.max() <= view.begin + 10**9


def test_shapes__are_none_of_a_market_that_cannot_tell() -> None:
    class Untold:
        time_range = (np.datetime64(0, "ns"), np.datetime64(10**9, "ns"))

    assert (
        overlays()["trust"].on_engine(Scene(Untold(), (1.0, 2.0)), View(0, 10**9, (1.0, 2.0), 10, 10)) == []
    )  # type: ignore[arg-type]


def test_chart__has_the_same_boxes_with_a_tooltip(session: lm.Session) -> None:
    chart = overlays()["trust"].on_chart(chart_scene(session, session.price_range, dynamic=False))
    _, best, beyond = chart
    told = best.dframe()
    assert told["book"].tolist()[1] == "verified (best 10 levels)"
    assert len(beyond) == len(best) == 4
    plot = hv.render(lm.heatmap(session, overlays=["bbo", "trust"], dynamic=False))
    tips = [str(tool.tooltips) for tool in plot.tools if type(tool).__name__ == "HoverTool"]
    assert any("@{book}" in tip and "@{lost}" in tip for tip in tips)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_picture__has_a_ribbon_of_a_few_pixels_only_where_it_is_asked_for(
    session: lm.Session, tmp_path: Path, theme: str
) -> None:
    def pixels(**choices: Any) -> np.ndarray:
        path = lm.picture(
            session, tmp_path / "p.png", width=1600, height=900, look=lm.Look(theme=theme), **choices
        )
        return np.rint(imread(path)[:, :, :3] * 255).astype(int)

    layout, colours = Layout.of(1600, 900), THEMES[theme]
    edge = 900 - layout.bottom
    shown, plain = pixels(overlays=["trust"]), pixels(overlays=[])
    at = [layout.left + round(layout.width * s / 21) for s in (1, 2.5, 10, 20.5)]
    wanted = ["unverifiable", "verified", "gap", "unverifiable"]
    for x, word in zip(at, wanted):
        assert tuple(shown[edge - 3, x]) == getattr(colours, COLOURS[TRUST.index(word)])
        assert tuple(shown[edge - HEIGHT - 1, x]) == (colours.sell if x < at[3] else colours.muted)
    rows = np.flatnonzero((shown != plain).any(axis=(1, 2)))
    rows = rows[rows > layout.figure[1] - layout.bottom - layout.height]
    assert edge - HEIGHT - HAIR - RIM - 1 <= rows.min()
    assert rows.max() <= edge
