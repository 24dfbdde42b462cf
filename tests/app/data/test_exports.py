"""Files of what is in view hold what they say."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.app.data import exports
from liqmap.app.data.data import Data
from liqmap.app.data.exports import View, grid, write
from liqmap.app.state.state import State
from liqmap.render.frames.colour import Scale


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("exports")
    raw = write_bybit(lm.simulate(minutes=0.5, seed=3, levels=20), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return lm.open_store(folder / "store")


@pytest.fixture
def data(store: lm.Store) -> Data:
    choices = {"start": np.datetime64("2026-01-05T00:00:05"), "end": np.datetime64("2026-01-05T00:00:15")}
    data = Data(store, State(half_life_s=120.0, prune_s=None, agg="mean", **choices))
    data.seen(data.frame(200, 100), Scale(1.0, 50.0))
    return data


def test_name__says_market_time_and_settings(data: Data) -> None:
    name, _ = write(View(data), "PNG")
    assert name == "bybit-SIMUSDT-ob20_2026-01-05_000005-000015_half-life-2min_prune-none_mean.png"


def test_png__is_a_picture(data: Data) -> None:
    from matplotlib.image import imread

    image = imread(io.BytesIO(write(View(data), "PNG")[1]))
    assert image.shape[:2] == (1080, 1920)
    colours = (image * 255).round().astype(np.int64) @ 256 ** np.arange(image.shape[-1])
    assert len(np.unique(colours)) > 100


def test_png__has_the_colours_of_the_screen(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict] = []
    monkeypatch.setattr(exports, "picture", lambda *_, **options: asked.append(options))
    exports.png(View(data), Path("a.png"))
    assert asked[0]["scale"] is data.shown.scale


def test_png__of_before_and_after_has_both(data: Data) -> None:
    from matplotlib.image import imread

    data.state.param.update(view="before and after", panels=["delta"], layers=[])
    image = imread(io.BytesIO(write(View(data), "PNG")[1]))
    assert image.shape[:2] == (1080, 2560)
    before, after = np.split(image[150:1000, :, :3], 2, axis=1)
    assert (before != after).any(axis=2).mean() > 0.01


def test_html__opens_as_it_was_seen(data: Data) -> None:
    data.state.param.update(
        theme="light", palette="classic", layers=["bbo", "candles"], low=100.0, high=101.0
    )
    page = write(View(data), "HTML")[1].decode()
    meta = json.loads(re.search(r'<script[^>]*id="meta"[^>]*>(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    first = {"theme": "light", "palette": "classic", "bbo": True, "bubbles": False, "halfLife": 120 * 10**9}
    assert {name: meta["choice"][name] for name in first} == first
    assert meta["opened"] == [5 * 10**9, 15 * 10**9, 100.0, 101.0]
    assert meta["view"][:2] == [0, pytest.approx(30 * 10**9, rel=0.01)]
    assert meta["themes"]["light"]["empty"] >> 24 == 255  # it has no candles to make way for


def test_grid__is_that_of_the_session_in_view(data: Data) -> None:
    cells = grid(View(data))
    assert cells.attrs["half_life"] == "2min"
    assert cells.attrs["prune"] == "none"
    assert float(np.diff(cells["price"]).mean()) == pytest.approx(data.shown.row)
    begin, end = cells["time_bounds"].values.min(), cells["time_bounds"].values.max()
    assert (begin, end) == (data.state.start, data.state.end)


def test_file__is_of_what_was_seen_when_it_was_asked_for(data: Data) -> None:
    asked = View(data)
    data.state.param.update(half_life_s=5.0, prune_s=60.0, agg="peak", end=None)
    assert grid(asked).attrs["half_life"] == "2min"
    assert write(asked, "Parquet")[0].endswith("_000005-000015_half-life-2min_prune-none_mean.parquet")


def test_file__of_a_session_that_is_played_knows_nothing_later(data: Data) -> None:
    times = data.session.traded().time
    now = times[np.searchsorted(times, times[0] + 9 * 10**9)]
    data.state.param.update(at=np.datetime64(int(now), "ns"), end=np.datetime64(int(now), "ns"))
    assert View(data).traded().time.tolist() == [t for t in times.tolist() if t < now]
    data.state.end = np.datetime64("2026-01-05T00:00:15")  # nor does a view that ends later
    assert View(data).time_range[1] == np.datetime64(int(now), "ns")
    assert View(data).traded().time.tolist() == [t for t in times.tolist() if t < now]


def test_netcdf__opens_as_the_same_grid(data: Data, tmp_path: Path) -> None:
    name, content = write(View(data), "NetCDF")
    (tmp_path / name).write_bytes(content)
    back = lm.open_grid(tmp_path / name)
    assert back.identical(grid(View(data)))
    assert back.attrs["agg"] == "mean"


def test_parquet__holds_the_known_cells(data: Data) -> None:
    name, content = write(View(data), "Parquet")
    assert name.endswith("_mean.parquet")
    table = pd.read_parquet(io.BytesIO(content))
    pd.testing.assert_frame_equal(table, grid(View(data)).liqmap.to_frame())
    assert table.attrs["half_life"] == "2min"


def test_html__is_one_page(data: Data) -> None:
    name, content = write(View(data), "HTML")
    assert name.endswith(".html")
    assert b"</html>" in content
    assert b"SIMUSDT" in content


def test_file__is_given_or_it_is_said_why_not(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    from liqmap.app.component import Component
    from liqmap.app.views import saver
    from liqmap.schema import GridError

    def refuse(*_: object) -> None:
        raise GridError("grid: expected fewer cells")

    class Page(Component):
        @classmethod
        def script(cls) -> str:
            return ""

    said: list[dict] = []
    page = Page(saver.Saver(data).answer)
    monkeypatch.setattr(page, "_send_msg", said.append)

    def press(kind: object) -> dict:
        page._handle_msg({"id": 1, "kind": "file", "ask": {"kind": kind}})
        return said.pop()

    name, content = write(View(data), "Parquet")
    assert press("Parquet")["answer"] == {"name": name, "content": content}
    assert data.warnings == []
    monkeypatch.setattr(saver, "write", refuse)
    assert press("PNG") == {"id": 1, "error": "grid: expected fewer cells"}
    assert data.warnings == ["grid: expected fewer cells"]
    data.warn("another")
    press("PNG")
    assert data.warnings == ["grid: expected fewer cells", "another"]  # nothing is lost, or said twice
    assert press("exe")["error"] == "file: expected one of PNG, Parquet, NetCDF, HTML, got 'exe'"
    assert data.warnings == ["grid: expected fewer cells", "another"]
