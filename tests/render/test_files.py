"""Finished files: PNG and standalone HTML."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from liqmap.browser import standalone_html
from liqmap.carry import HOLD
from liqmap.files import whole
from liqmap.render import picture
from liqmap.render.frames.colour import Scale, scale_of_session
from liqmap.render.frames.frame import screen
from liqmap.schema import GridError, LiqmapError, SessionError
from tests.render.market import BEGIN, TICK, Lone, Market


def read(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return (imread(path)[..., :3] * 255).round().astype(int)


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (801, 457), (300, 200)])
def test_picture__has_exactly_the_size_asked_for(tmp_path: Path, width: int, height: int) -> None:
    path = picture(Market(), tmp_path / "a.png", width=width, height=height)
    assert read(path).shape == (height, width, 3)
    assert list(tmp_path.iterdir()) == [path]


def test_picture__draws_cells_without_smoothing(tmp_path: Path) -> None:
    from liqmap.render import shade
    from liqmap.render.frames import palettes

    market = Market()
    path = picture(market, tmp_path / "a.png", None, None, overlays=())
    image = read(path)
    frame = screen(market.spans(), market.time_range, market.price_range, 1600, 900, HOLD)
    cells = np.ascontiguousarray(shade(frame).data).view(np.uint8).reshape(-1, 4)
    bright = {tuple(int(v) for v in c[:3]) for c in cells if c[3] and c[:3].sum() > 300}
    drawn = {tuple(c) for c in image[200:780, 100:1300].reshape(-1, 3)}
    assert bright
    assert bright <= drawn
    assert palettes.DARK.background in drawn


def test_picture__half_life_and_prune_change_it(tmp_path: Path) -> None:
    choices = [(None, None), ("30s", None), (None, "0s")]
    images = [read(picture(Market(), tmp_path / "a.png", *choice)) for choice in choices]
    assert (images[0] != images[1]).any()
    assert (images[0] != images[2]).any()


def test_picture__scale_of_the_picture_of_the_session_or_given(tmp_path: Path) -> None:
    def drawn(**options: object) -> np.ndarray:
        few = {"price_range": (498.0, 502.0), "overlays": ()}
        return read(picture(Market(), tmp_path / "a.png", None, None, **few, **options))  # type: ignore[arg-type]

    market = Market()
    ranges = market.time_range, market.price_range
    session = scale_of_session(market.spans(), ranges, "peak")
    assert (drawn() == drawn(scale=session)).all()
    assert (drawn(stable=False) != drawn()).any()
    assert (drawn(scale=Scale(2.0, 3.0)) != drawn()).any()


def test_picture__without_trades(tmp_path: Path) -> None:
    class Silent(Market):
        def trades(self):  # type: ignore[no-untyped-def]
            return super().trades().slice(0, 0)

    assert picture(Silent(), tmp_path / "a.png", agg="mean", price_range=(480, 510)).exists()


def test_html__names_no_network_and_stays_small(tmp_path: Path) -> None:
    path = standalone_html(Market(), tmp_path / "a.html")
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", text)
    assert tags
    assert not [tag for tag in tags if " src" in tag or (" href" in tag and 'href="data:,"' not in tag)]
    assert path.stat().st_size < 300_000
    for word in ("bybit BTCUSDT ob3", "2026-01-05 12:00:00", "bids, <span", "half-life", "prune"):
        assert word in text


@pytest.mark.parametrize("length", [1, 3000, 999_999, 10**6])
def test_picture__shows_the_book_of_a_lone_message(tmp_path: Path, length: int) -> None:
    from liqmap.render.frames import palettes

    image = read(picture(Lone(length), tmp_path / "a.png", overlays=()))
    inner = image[140:840, 40:1480]
    lit = (inner.max(axis=2) > 60).sum(axis=1) > 1300  # rows lit from left to right
    assert lit.sum() >= 2
    assert (inner == palettes.DARK.background).all(axis=2).any()


def test_html__shows_the_book_of_a_lone_message(tmp_path: Path) -> None:
    text = standalone_html(Lone(), tmp_path / "a.html").read_text(encoding="utf-8")
    start = BEGIN % (86_400 * 10**9)
    assert f'"view":[{start},{start + 10**9},' in text


@pytest.mark.parametrize("draw", [picture, standalone_html])
def test_files__need_a_directory_and_leave_nothing_unfinished(tmp_path: Path, draw) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LiqmapError, match=r"nowhere/a\.out: the directory .*nowhere does not exist"):
        draw(Market(), tmp_path / "nowhere" / "a.out")
    with pytest.raises(LiqmapError, match="got a directory"):
        draw(Market(), tmp_path)
    with pytest.raises(GridError, match=r"^prune: "):
        draw(Market(), tmp_path / "a.out", prune="x")
    with pytest.raises(SessionError, match="expected a Session, got int"):
        draw(5, tmp_path / "a.out")
    assert list(tmp_path.iterdir()) == []


def test_whole__removes_what_was_not_finished(tmp_path: Path) -> None:
    def write_half() -> None:
        with whole(tmp_path / "a") as path:
            path.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def near(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    """Pixels about as a colour."""
    return int((np.abs(image - colour).max(axis=2) < 40).sum())


def test_picture__draws_one_line_for_a_spread_thinner_than_a_pixel(tmp_path: Path) -> None:
    """Zoomed out to 4000 ticks, the lines at 995 and 996 fall on the same pixels."""
    from liqmap.render.frames.palettes import DARK

    far, close = (
        read(picture(Lone(), tmp_path / "a.png", price_range=r))[140:840, 40:1480]
        for r in ((0.0, 2000 * TICK), (980 * TICK, 1010 * TICK))
    )
    assert near(far, DARK.mid) > 1000
    assert near(far, DARK.best_bid) == near(far, DARK.best_ask) == 0
    assert near(close, DARK.mid) == 0
    assert min(near(close, DARK.best_bid), near(close, DARK.best_ask)) > 1000


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("panels", [(), ("delta",), ("ladder", "profile", "delta")])
def test_picture__draws_panels_in_their_place(tmp_path: Path, theme: str, panels: tuple[str, ...]) -> None:
    from liqmap.render.frames import palettes
    from liqmap.render.png.layout import Layout

    colours, layout = palettes.theme(theme), Layout.of(1600, 900, panels)
    path = picture(Market(), tmp_path / "a.png", None, None, panels=panels, overlays=["mid"], theme=theme)
    image = read(path)
    assert tuple(image[2, 2]) == colours.background
    assert set(layout.panels) == set(panels)
    for name, (left, bottom, width, height) in layout.panels.items():
        assert 0 < left < left + width < 1600
        assert 0 < bottom < bottom + height <= 900
        inner = image[900 - bottom - height : 900 - bottom, left : left + width]
        colour = tuple(palettes.ramp(0, theme=colours)[184]) if name == "ladder" else colours.buy
        assert near(inner, colour) > 50  # type: ignore[arg-type]


def test_layout__keeps_its_parts_apart() -> None:
    from liqmap.render.png.layout import Layout

    for size in ((1600, 900), (1280, 720), (700, 500)):
        layout = Layout.of(*size, ("ladder", "profile", "delta"))
        boxes = [(layout.left, layout.bottom, layout.width, layout.height), *layout.panels.values()]
        for i, (a, b, w, h) in enumerate(boxes):
            for x, y, v, z in boxes[:i]:
                assert a >= x + v or x >= a + w or b >= y + z or y >= b + h


def test_picture__draws_candles_bubbles_and_specks(tmp_path: Path) -> None:
    def drawn(*overlays: str) -> np.ndarray:
        return read(picture(Market(), tmp_path / "a.png", overlays=overlays))

    plain = drawn()
    for name in ("candles", "bbo", "mid", "bubbles"):
        assert (drawn(name) != plain).any(axis=2).sum() > 100


def test_picture__takes_zone_preset_and_palette(tmp_path: Path) -> None:
    first = read(picture(Market(), tmp_path / "a.png", None, None))
    assert (read(picture(Market(), tmp_path / "a.png", preset="extended market depth")) == first).all()
    for choice in ({"time_zone": "Asia/Kolkata"}, {"palette": "classic"}, {"row_ticks": 5}):
        assert (read(picture(Market(), tmp_path / "a.png", None, None, **choice)) != first).any()
    with pytest.raises(GridError, match=r"^panels: expected some of"):
        picture(Market(), tmp_path / "a.png", panels=["x"])


def test_picture__loads_no_plotting_of_pages() -> None:
    import subprocess
    import sys

    heavy = "[m for m in ('holoviews', 'bokeh') if m in sys.modules]"
    code = f"import sys, liqmap.render.png.picture; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SIGNATURES = {".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff", ".JPEG": b"\xff\xd8\xff", "": b"\x89PNG"}


@pytest.mark.parametrize("ending", SIGNATURES)
def test_picture__is_what_its_name_ends_in(tmp_path: Path, ending: str) -> None:
    from matplotlib.image import imread

    path = picture(Market(), tmp_path / f"a{ending}", width=400, height=300)
    assert path.read_bytes().startswith(SIGNATURES[ending])
    with path.open("rb") as file:
        assert imread(file, format="jpg" if ".j" in ending.lower() else "png").shape[:2] == (300, 400)


@pytest.mark.parametrize("name", ["a.svg", "a.pdf", "a.html", "a.tiff", "a.2026"])
def test_picture__of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LiqmapError, match=r"a name that ends in .png or .jpg"):
        picture(Market(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_page__of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LiqmapError, match=r"a name that ends in .html"):
        standalone_html(Market(), tmp_path / "a.png")
