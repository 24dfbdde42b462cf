"""Links of the page: in the words of the app, and those of before as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State
from liqmap.browser.page import _choice
from liqmap.browser.rules import LAYERS
from liqmap.carry import nanoseconds, spell
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS
from liqmap.render.frames.palettes import PALETTES
from liqmap.render.marks.drawing import Drawing
from liqmap.render.marks.registry import overlays
from liqmap.schema import AGGREGATES
from tests.browser.engine import call

BASE = int(datetime(2025, 11, 28, tzinfo=UTC).timestamp())
OPENED = [50_400 * 10**9, 54_000 * 10**9, 91_250.0, 91_402.5]
FIRST = _choice(Drawing.of({}), None, LAYERS)
PAGE = {
    "choice": FIRST,
    "opened": OPENED,
    "themes": {theme: {"palettes": dict.fromkeys(PALETTES)} for theme in ("dark", "light")},
    "baseSeconds": BASE,
}


def read(address: str) -> tuple[dict[str, Any], list[float] | None]:
    told = call("readAddress", address, PAGE)
    return told["some"], told["view"]


def at(clock: str) -> int:
    return int((np.datetime64(f"2025-11-28T{clock}", "ns") - np.datetime64(BASE, "s")).astype(np.int64))


BEFORE: dict[str, tuple[dict[str, Any], list[float] | None]] = {
    "half_life=1.5min&prune=none&layers=bids,asks,bbo": (
        {"halfLife": 90 * 10**9, "prune": None, "bids": True, "asks": True, "bbo": True, "bubbles": False},
        None,
    ),
    "layers=bids,bubbles": ({"bids": True, "asks": False, "bbo": False, "bubbles": True}, None),
    "layers=asks": ({"bids": False, "asks": True, "bbo": False, "bubbles": False}, None),
    "layers=": ({"bids": False, "asks": False, "bbo": False, "bubbles": False}, None),
    "prune=0s&view=50400000000000,50500000000000,91300,91310.5": (
        {"prune": 0},
        [50_400 * 10**9, 50_500 * 10**9, 91_300, 91_310.5],
    ),
    "agg=mean&theme=light&palette=classic&scaling=linear&cutoffs=30,99"
    "&strength=0.5&carried=outline&min_size=0.25": (
        {
            "agg": "mean",
            "theme": "light",
            "palette": "classic",
            "scaling": "linear",
            "cutoffs": [30, 99],
            "carried": 0.5,
            "carriedShown": "outline",
            "minSize": 0.25,
        },
        None,
    ),
    "limits=0.5,20&cutoffs=auto&stable=off&carried=0.4&carried_shown=hide": (
        {"limits": [0.5, 20], "cutoffs": None, "stable": False, "carried": 0.4, "carriedShown": "hide"},
        None,
    ),
}
"""Links that pages have written, with what they open. A line is added; none is ever changed."""

LATER = {"mid": False, "candles": False, "trust": False}
"""Layers that pages have had since: a link of before that says which there are leaves them out."""

APP: dict[str, tuple[dict[str, Any], list[float] | None]] = {
    "market=bybit/BTCUSDT/ob200&half_life=2min&prune=none": ({"halfLife": 120 * 10**9, "prune": None}, None),
    "half_life=none&prune=0": ({"halfLife": None, "prune": 0}, None),
    "dates=2025-11-28&from=2025-11-28T14:30:00&to=2025-11-28T15:00:00.25&low=91250&high=91402.35": (
        {},
        [at("14:30"), at("15:00:00.25"), 91_250, 91_402.35],
    ),
    "from=2025-11-28T14:40:00.000000001&half_life=100000s": (
        {"halfLife": 10**14},
        [at("14:40:00.000000001"), *OPENED[1:]],
    ),
    "view=as%20transmitted&agg=mean&row=5&min_size=2.5": (
        {"prune": 0, "agg": "mean", "rowTicks": 5, "minSize": 2.5},
        None,
    ),
    "half_life=auto&prune=auto": ({"halfLife": "auto", "prune": "auto"}, None),
    "preset=by view&prune=2min&row_ticks=none&min_trade=0.5": (
        {"halfLife": "auto", "prune": 120 * 10**9, "rowTicks": None, "minTrade": 0.5},
        None,
    ),
    "view=as+transmitted&prune=none": ({"prune": 0}, None),
    "view=before%20and%20after&agg=last&palette=classic&scaling=linear&theme=light": (
        {"agg": "last", "palette": "classic", "scaling": "linear", "theme": "light"},
        None,
    ),
    "cutoffs=12.5,99&carried=0.4&carried_shown=outline&opacity=0.55&stable=off": (
        {"cutoffs": [12.5, 99], "carried": 0.4, "carriedShown": "outline", "opacity": 0.55, "stable": False},
        None,
    ),
    "scaling=equalised&limits=0.5,20&carried_shown=hide&bids=off": (
        {"scaling": "equalised", "limits": [0.5, 20], "carriedShown": "hide", "bids": False},
        None,
    ),
    "asks=off&layers=mid,candles&panels=delta,ladder&time_zone=Asia/Tokyo": (
        {
            "asks": False,
            "bbo": False,
            "mid": True,
            "bubbles": False,
            "candles": True,
            "trust": False,
            "timeZone": "Asia/Tokyo",
        },
        None,
    ),
    "layers=none": ({"bbo": False, "bubbles": False} | LATER, None),
    "layers=bbo,mid,bubbles": ({"bbo": True, "bubbles": True} | LATER | {"mid": True}, None),
    "preset=extended market depth&prune=90min": ({"halfLife": None, "prune": 5400 * 10**9}, None),
    "low=1.234e-05&high=0.1": ({}, [*OPENED[:2], 1.234e-05, 0.1]),
}
"""Links of the app: what the page has of it, it takes."""


@pytest.mark.parametrize("address", BEFORE)
def test_link__of_before_opens_what_it_did(address: str) -> None:
    some, view = BEFORE[address]
    assert read(address) == (some | (LATER if "bbo" in some else {}), view)


@pytest.mark.parametrize("address", APP)
def test_link__of_the_app_opens_the_same(address: str) -> None:
    assert read(address) == APP[address]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "half_life=soon",
        "prune=-5s",
        "agg=sum",
        "cutoffs=9,1",
        "cutoffs=nan,10",
        "limits=0,inf",
        "min_size=",
        "bids=yes",
        "carried=1.5",
        "opacity=2",
        "row=0",
        "row=1.5",
        "min_trade=-1",
        "time_zone=Mars/Olympus",
        "time_zone=",
        "view=3,2,1,0",
        "view=1,2,3",
        "from=noon",
        "from=2025-02-30",
        "from=2025-11-28T25:00",
        "to=2025-11-28T13:00",
        "low=1e9",
        "preset=best",
        "colour=red",
        "half_life=%",
        "constructor=1",
        "palette=toString",
    ],
)
def test_link__what_cannot_be_read_is_left(address: str) -> None:
    assert read(address) == ({}, None)


@pytest.mark.parametrize(
    ("python", "link"),
    [
        ("start=2025-11-28T14:30&end=2025-11-28T14:45", "from=2025-11-28T14:30&to=2025-11-28T14:45"),
        ("overlays=bbo", "layers=bbo"),
        ("overlays=none", "layers=none"),
    ],
)
def test_names__of_python_are_read_in_page_and_app(python: str, link: str) -> None:
    assert read(python) == read(link) != ({}, None)
    state, notices = state_of(python)
    assert notices == []
    assert query_of(state) == query_of(state_of(link)[0]) != ""


def test_layers__are_those_that_the_page_draws() -> None:
    assert {name for name, overlay in overlays().items() if overlay.in_page} >= set(LAYERS)
    assert list(FIRST) >= list(LAYERS)


rising = st.tuples(st.integers(0, 999), st.integers(0, 999)).map(lambda p: (min(p) / 10, max(p) / 10 + 0.1))
choices = st.fixed_dictionaries(
    {},
    optional={
        "half_life": st.sampled_from(["2min", "90s", "250ms", "100000s", "none", "auto"]),
        "prune": st.sampled_from(["0", "none", "90min", "1d", "auto"]),
        "row_ticks": st.none() | st.integers(1, 1000),
        "opacity": st.integers(0, 100).map(lambda n: n / 100),
        "time_zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
        "agg": st.sampled_from(AGGREGATES),
        "palette": st.sampled_from(list(PALETTES)),
        "scaling": st.sampled_from(SCALINGS),
        "carried_shown": st.sampled_from(CARRIED_SHOWN),
        "theme": st.sampled_from(["dark", "light"]),
        "carried": st.integers(0, 100).map(lambda n: n / 100),
        "cutoffs": st.none() | rising,
        "limits": st.none() | rising,
        "min_size": st.integers(0, 400).map(lambda n: n / 8),
        "stable": st.booleans(),
        "bids": st.booleans(),
        "asks": st.booleans(),
        "layers": st.sets(st.sampled_from(LAYERS)).map(
            lambda some: [name for name in LAYERS if name in some]
        ),
    },
)
views = st.none() | st.tuples(
    st.integers(0, OPENED[1] - 2), st.integers(1, 10**12), st.integers(1, 10**6), st.integers(1, 10**6)
).map(lambda v: [v[0], v[0] + v[1], v[2] / 8, (v[2] + v[3]) / 8])


@given(choices, views)
def test_link__of_page_and_app_is_one(some: dict[str, Any], view: list[float] | None) -> None:
    """Of the same choices both write the same link, which opens in either what it was made of."""
    more = {name: some[name] for name in some.keys() - {"half_life", "prune"}}
    for name in some.keys() & {"half_life", "prune"}:
        ns = some[name] if some[name] == "auto" else nanoseconds(some[name])
        more[f"{name}_s"] = ns if ns in (None, "auto") else ns / 1e9
    seen = {} if view is None else dict(zip(("start", "end", "low", "high"), view))
    for name in seen.keys() & {"start", "end"}:
        seen[name] = np.datetime64(BASE * 10**9 + seen[name], "ns")
    state = State(**more, **seen)
    short = {
        "half_life": "halfLife", "carried_shown": "carriedShown", "min_size": "minSize",
        "row_ticks": "rowTicks", "time_zone": "timeZone",
    }  # fmt: skip
    choice = FIRST | {short.get(name, name): value for name, value in some.items()}
    for name in ("halfLife", "prune"):
        if isinstance(choice[name], str) and choice[name] != "auto":
            choice[name] = nanoseconds(choice[name])
    if (layers := choice.pop("layers", None)) is not None:
        choice |= {name: name in layers for name in LAYERS}
    address = call("addressOf", choice, view or OPENED, PAGE)
    if view is None or all(a != b for a, b in zip(view, OPENED)):
        assert address == query_of(state)
    told, there = read(address)
    assert {**FIRST, **told} == {
        **choice,
        "cutoffs": _listed(choice["cutoffs"]),
        "limits": _listed(choice["limits"]),
    }
    assert (there or OPENED) == (view or OPENED)


def _listed(pair: Any) -> Any:
    return None if pair is None else list(pair)


def test_duration__is_written_as_in_the_app() -> None:
    for text in ("2min", "90s", "250ms", "1d", "7h", "1ns"):
        assert spell(nanoseconds(text)) == text
        assert call("spelled", nanoseconds(text)) == text
