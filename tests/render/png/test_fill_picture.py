"""`fill_picture`: the file, its size, its colours, and nothing over anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import liqmap as lm
from liqmap.render import fill_picture
from liqmap.render.frames import palettes
from liqmap.render.frames.look import Look
from liqmap.render.png.fill_picture import _haunt
from liqmap.schema import GridError, LiqmapError, SessionError
from tests.render.market import Lone, Market
from tests.strategies import SECOND, START, to_depth_table


@pytest.fixture(scope="module")
def comparison() -> lm.FillComparison:
    spans = lm.replay(lm.simulate(minutes=2, seed=5, keep_truth=False).depth)
    return lm.compare_fill(spans)


def read(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return (imread(path)[..., :3] * 255).round().astype(int)


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (801, 457)])
def test_has_exactly_the_size_asked_for(
    comparison: lm.FillComparison, tmp_path: Path, width: int, height: int
) -> None:
    path = lm.fill_picture(comparison, tmp_path / "a.png", width, height)
    assert read(path).shape == (height, width, 3)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.long
def test_has_the_colours_of_its_look(comparison: lm.FillComparison, tmp_path: Path) -> None:
    pictures = {}
    for theme in ("dark", "light"):
        for palette in ("default", "classic"):
            look = Look(theme=theme, palette=palette)
            pictures[theme, palette] = read(fill_picture(comparison, tmp_path / "a.png", look=look))
    for (theme, _), image in pictures.items():
        assert tuple(image[2, 2]) == palettes.theme(theme).background
    for theme in ("dark", "light"):
        differs = (pictures[theme, "default"] != pictures[theme, "classic"]).any(axis=2)
        assert differs[192:588].mean() > 0.05
        assert not differs[660:].any()  # lines have the same colours


def test_only_the_original_has_ghosts(comparison: lm.FillComparison, tmp_path: Path) -> None:
    """Pixels redder and bluer than green, as no bid or ask is, by panel."""
    image = read(fill_picture(comparison, tmp_path / "a.png"))
    panels = [image[192:588, left : left + 464] for left in (30, 522, 1014)]
    pink = [((p[..., 0] > p[..., 1] + 15) & (p[..., 2] > p[..., 1] + 15)).mean() for p in panels]
    assert pink[0] == pink[2] == 0
    ghosts = (comparison.cells["verdict"] == comparison.verdicts.index("ghost")).any("side").mean()
    assert (
        0.2 * ghosts < pink[1] < ghosts + 0.02
    )  # a faint one over a bright level of the other side is not pink


def test_words_do_not_overlap(
    comparison: lm.FillComparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes of all texts in the figure, as drawn."""
    from matplotlib.figure import Figure

    boxes = []
    save = Figure.savefig

    def look(figure, *args, **kwargs):  # type: ignore[no-untyped-def]
        save(figure, *args, **kwargs)
        texts = list(figure.texts)
        for axes in (a for a in figure.axes if a.axison):
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
                texts += [axis.label, *(t for tick in ticks for t in (tick.label1, tick.label2))]
            texts += axes.get_legend().get_texts() if axes.get_legend() else []
        boxes.extend((t.get_text(), t.get_window_extent()) for t in texts if t.get_text() and t.get_visible())

    monkeypatch.setattr(Figure, "savefig", look)
    fill_picture(comparison, tmp_path / "a.png")
    assert len(boxes) > 40
    for i, (words, box) in enumerate(boxes):
        assert 0 <= box.x0 <= box.x1 <= 1600, words
        assert 0 <= box.y0 <= box.y1 <= 1000, words
        for other, its in boxes[i + 1 :]:
            assert not box.overlaps(its), (words, other)


def test_the_faintest_ghost_shows() -> None:
    faint = _haunt(np.array([palettes.DARK.background]), np.array([[0.0]]), palettes.DARK)[0].astype(int)
    assert faint[0] - faint[1] > 15
    assert (
        _haunt(np.array([palettes.DARK.background]), np.array([[1.0]]), palettes.DARK)[0]
        == palettes.DARK.ghost
    ).all()


@pytest.mark.parametrize("spans", [Market().spans(), Lone().spans()])
def test_markets_of_a_few_levels(spans: lm.Spans, tmp_path: Path) -> None:
    try:
        comparison = lm.compare_fill(spans, time="20s", price=0.5)
    except GridError:
        assert len(spans) == 2  # a lone message: observed at no instant
        return
    assert fill_picture(comparison, tmp_path / "a.png").exists()


def test_one_bucket_without_truth(tmp_path: Path) -> None:
    told = [("snapshot", START, [("bid", 15, 1.0), ("ask", 21, 2.0)]), ("heard", START + SECOND, [])]
    comparison = lm.compare_fill(lm.replay(to_depth_table(told, 2)), every="1s")
    assert comparison.cells.sizes["time"] == 1
    assert fill_picture(comparison, tmp_path / "a.png").exists()


def test_needs_a_comparison_a_directory_and_pixels(comparison: lm.FillComparison, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="compare_fill returns, got Market"):
        fill_picture(Market(), tmp_path / "a.png")  # type: ignore[arg-type]
    with pytest.raises(GridError, match="pixels"):
        fill_picture(comparison, tmp_path / "a.png", width=100)
    with pytest.raises(LiqmapError, match="does not exist"):
        fill_picture(comparison, tmp_path / "nowhere" / "a.png")
    assert list(tmp_path.iterdir()) == []
