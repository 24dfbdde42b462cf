"""Public verbs given what they do not take: one clear line, never an exception of somebody else's."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.files import check_folder
from liqmap.simulation import write_bybit

pytestmark = pytest.mark.long

FLAGS = {
    "parts", "strict", "stable", "progress", "repair", "bids", "asks", "keep_truth", "wide", "as_xarray",
    "read_only",
}  # fmt: skip
"""Arguments of which only the truth is asked."""


class Foreign:
    """Nothing that liqmap knows of."""


WRONG: dict[str, Any] = {
    "None": None, "5": 5, "-1": -1, "1.5": 1.5, "nan": float("nan"), "True": True, "text": "x", "empty": "",
    "bytes": b"x", "no list": [], "list": [1], "tuple": (1, 2), "words": ("a", "b"), "no dict": {},
    "dict": {"a": 1}, "object": object(), "class": Foreign, "int": int, "function": abs,
    "frame": pd.DataFrame({"a": [1, 2]}), "table": pa.table({"a": [1]}), "array": np.array([1, 2]),
    "carry model": lm.HalfLife("1s"), "its class": lm.HalfLife, "NaT": np.datetime64("NaT"),
    "date": date(2026, 1, 5), "Timestamp": pd.Timestamp("2026-01-05"), "Timedelta": pd.Timedelta("1s"),
}  # fmt: skip


@pytest.fixture(scope="module")
def capture() -> lm.Capture:
    return lm.simulate(minutes=0.2, seed=3, levels=20, keep_truth=False)


@pytest.fixture(scope="module")
def store(capture: lm.Capture, tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    root = tmp_path_factory.mktemp("wrong")
    lm.ingest(write_bybit(capture, root / "raw"), store=root / "store", progress=False, strict=True)
    return lm.open_store(root / "store")


@pytest.fixture
def verbs(
    store: lm.Store, capture: lm.Capture, tmp_path: Path
) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Verbs with arguments that are right."""
    session = store.session("bybit", "SIMUSDT")
    spans = session.spans()
    begin = np.datetime64(spans.begin, "ns")
    times = begin + np.arange(4) * np.timedelta64(1, "s")
    frame = lm.snapshots(spans, "1s", 3)
    grid = session.grid("1s", 100.0)
    measures = grid.liqmap
    return {
        "ingest": (lm.ingest, {"paths": tmp_path / "none", "store": tmp_path / "store", "progress": False}),
        "read": (lm.read, {"path": tmp_path / "none"}),
        "open_store": (lm.open_store, {"path": store.path}),
        "replay": (lm.replay, {"depth": capture.depth}),
        "rasterize": (lm.rasterize, {"spans": spans, "time_edges": times, "price_edges": [6e4, 7e4]}),
        "snapshots": (lm.snapshots, {"source": spans, "every": "1s", "levels": 3}),
        "fill_forward": (lm.fill_forward, {"frame": frame}),
        "HalfLife": (lm.HalfLife, {}),
        "Exponentials": (lm.Exponentials, {"parts": [(1.0, "1s")]}),
        "Survival": (lm.Survival, {"ages": ["0s", "1s"], "weights": [1.0, 0.5]}),
        "Look": (lm.Look, {}),
        "simulate": (lm.simulate, {"minutes": 0.001, "keep_truth": False}),
        "Spans.from_arrow": (lm.Spans.from_arrow, {"table": spans.to_arrow(), "window": spans.window}),
        "Store.session": (store.session, {"venue": "bybit", "symbol": "SIMUSDT"}),
        "Store.files": (store.files, {"kind": "depth"}),
        "Session.spans": (session.spans, {}),
        "Session.book": (session.book, {"t": times[1]}),
        "Session.grid": (session.grid, {"time": "1s", "price": 100.0}),
        "Session.quality": (session.quality, {}),
        "picture": (lm.picture, {"session": 5, "path": tmp_path / "a.png"}),
        "standalone_html": (lm.standalone_html, {"session": 5, "path": tmp_path / "a.html"}),
        "heatmap": (lm.heatmap, {"session": 5}),
        "check_folder": (check_folder, {"path": tmp_path}),
        "save_grid": (lm.save_grid, {"grid": grid, "path": tmp_path / "a.nc"}),
        "open_grid": (lm.open_grid, {"path": tmp_path / "none.nc"}),
        "concat": (lm.concat, {"grids": [grid]}),
        "quality": (lm.quality, {"spans": spans}),
        "bars": (lm.bars, {"trades": session}),
        "volume_profile": (lm.volume_profile, {"trades": session}),
        "value_area": (lm.value_area, {"profile": lm.volume_profile(session)}),
        "footprint": (lm.footprint, {"trades": session}),
        "developing": (lm.developing, {"trades": session}),
        "cumulative_delta": (lm.cumulative_delta, {"trades": session}),
        "vwap": (lm.vwap, {"trades": session}),
        "sweeps": (lm.sweeps, {"trades": session}),
        "time_and_sales": (lm.time_and_sales, {"trades": session}),
        "ladder": (lm.ladder, {"book": session, "t": times[1]}),
        "save_preset": (lm.save_preset, {"name": ""}),
        "explore": (lm.explore, {"source": session}),
        "Session.sql": (session.sql, {"query": "select 1"}),
        "Session.sample": (session.sample, {}),
        "Session.levels": (session.levels, {"count": 2}),
        "Session.books": (session.books, {"times": times[:1]}),
        "Session.sel": (session.sel, {}),
        "Session.bbo": (session.bbo, {}),
        "GridAccessor.mid": (measures.mid, {}),
        "GridAccessor.spread": (measures.spread, {}),
        "GridAccessor.depth": (measures.depth, {}),
        "GridAccessor.imbalance": (measures.imbalance, {"bps": 10}),
        "GridAccessor.cumulative": (measures.cumulative, {}),
        "GridAccessor.coarsen": (measures.coarsen, {}),
        "GridAccessor.notional": (measures.notional, {}),
        "GridAccessor.carried_share": (measures.carried_share, {}),
        "GridAccessor.coverage": (measures.coverage, {}),
        "GridAccessor.image": (measures.image, {}),
    }  # fmt: skip


NAMES = (
    "ingest", "read", "open_store", "replay", "rasterize", "snapshots", "fill_forward", "HalfLife",
    "Exponentials", "Survival", "Look", "simulate", "Spans.from_arrow", "Store.session", "Store.files",
    "Session.spans",
    "Session.book", "Session.grid", "Session.quality", "picture", "standalone_html", "heatmap",
    "check_folder", "save_grid", "open_grid", "concat", "quality", "bars", "volume_profile", "ladder",
    "value_area", "footprint", "developing", "cumulative_delta", "vwap", "sweeps", "time_and_sales",
    "save_preset", "explore", "Session.sql", "Session.sample", "Session.levels", "Session.books",
    "Session.sel", "Session.bbo", "GridAccessor.mid", "GridAccessor.spread", "GridAccessor.depth",
    "GridAccessor.imbalance", "GridAccessor.cumulative", "GridAccessor.coarsen", "GridAccessor.notional",
    "GridAccessor.carried_share", "GridAccessor.coverage", "GridAccessor.image",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_a_verb_does_not_take_is_refused_in_one_line(verbs: dict[str, Any], name: str) -> None:
    verb, right = verbs[name]
    raw: list[str] = []
    for argument, parameter in inspect.signature(verb).parameters.items():
        if argument in FLAGS or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        for label, wrong in WRONG.items():
            if argument in ("path", "paths", "store") and isinstance(wrong, str):
                continue  # it is one, and might be written
            try:
                verb(**right | {argument: wrong})
            except lm.LiqmapError as error:
                if "\n" in str(error):
                    raw.append(f"{argument}={label}: {error}")
            except TypeError as error:
                if "raise" not in (traceback.extract_tb(error.__traceback__)[-1].line or ""):
                    raw.append(f"{argument}={label}: {error!r}")
            except Exception as error:
                raw.append(f"{argument}={label}: {error!r}")
    assert raw == []


def test_every_verb_has_its_line() -> None:
    assert set(NAMES) <= {*dir(lm), *(n for n in NAMES if "." in n), "check_folder"}


@pytest.mark.parametrize(
    "options",
    [
        {"price_range": ("61600", "61700")},
        {"price_range": (2, 1)},
        {"price_range": np.array(["a", "b"])},
        {"row_ticks": "1"},
        {"theme": 5},
        {"palette": []},
        {"time_zone": 5},
        {"carry": lm.HalfLife},
    ],
    ids=str,
)
def test_options_of_a_picture(store: lm.Store, tmp_path: Path, options: dict[str, Any]) -> None:
    session = store.session("bybit", "SIMUSDT")
    for draw in (partial(lm.picture, session, tmp_path / "a.png"), partial(lm.heatmap, session)):
        with pytest.raises(lm.LiqmapError, match=next(iter(options))) as error:
            draw(**options)
        assert "\n" not in str(error.value)


def test_what_simply_works(store: lm.Store, capture: lm.Capture) -> None:
    """A session for its spans, a capture for its depth, a frame of polars for one of pandas."""
    session = store.session("bybit", "SIMUSDT")
    begin = session.time_range[0]
    edges = begin + np.arange(3) * np.timedelta64(1, "s"), [64_000.0, 66_000.0]
    assert lm.rasterize(session, *edges).identical(lm.rasterize(session.spans(), *edges))
    assert lm.replay(capture).to_arrow().equals(lm.replay(capture.depth).to_arrow())
    for frame in (capture.depth.to_pandas(), capture.depth.to_pandas().to_dict()):
        with pytest.raises(lm.LiqmapError, match="depth: expected an Arrow table with its Meta"):
            lm.replay(frame)
    with pytest.raises(lm.LiqmapError, match=r"spans: expected Spans, or a Session, got Capture. Pass"):
        lm.rasterize(capture, *edges)
    day = store.files("depth", date=date(2026, 1, 5))
    assert day == store.files("depth", date="2026-01-05") == store.files("depth")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"half_live_s": 5}, "half_live_s: expected a choice of the app, got none of that name.*half_life_s"),
        ({"theme": 5}, "explore: expected choices of the app, got .*theme"),
        ({"half_life_s": "5"}, "explore: expected choices of the app, got .*half_life_s"),
        ({"height": "x"}, "height: expected a whole number"),
    ],
)
def test_choices_of_the_app(store: lm.Store, choices: dict[str, Any], said: str) -> None:
    with pytest.raises(lm.LiqmapError, match=said) as error:
        lm.explore(store.session("bybit", "SIMUSDT"), **choices)
    assert "\n" not in str(error.value)


def test_an_option_that_holoviews_does_not_take(store: lm.Store) -> None:
    grid = store.session("bybit", "SIMUSDT").grid("1s", 100.0)
    with pytest.raises(lm.LiqmapError, match=r"options: expected options of HoloViews, got .*widht") as error:
        grid.liqmap.image(widht=5)
    assert "\n" not in str(error.value)
