"""Links and presets that are out in the world: each opens what it opened when it was made.

Queries and values are literals, written by the code as it was before its parts were parted. A line is
added when the state learns something; none is ever changed.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State

DAY = date(2025, 11, 28)


def at(text: str) -> np.datetime64:
    return np.datetime64(text, "ns")


LINKS: dict[str, dict[str, Any]] = {
    "market=bybit/BTCUSDT/ob200&half_life=2min&prune=none": {
        "market": "bybit/BTCUSDT/ob200", "half_life_s": 120.0, "prune_s": None,
    },
    "market=binance-futures/ETHUSDT/full&dates=2025-11-27,2025-11-28&half_life=none&prune=0": {
        "market": "binance-futures/ETHUSDT/full", "dates": (date(2025, 11, 27), DAY),
        "half_life_s": None, "prune_s": 0.0,
    },
    "dates=2025-11-28&from=2025-11-28T14:30:00&to=2025-11-28T15:00:00.25&low=91250&high=91402.35": {
        "dates": (DAY, DAY), "start": at("2025-11-28T14:30"), "end": at("2025-11-28T15:00:00.250"),
        "low": 91250.0, "high": 91402.35,
    },
    "view=as%20transmitted&agg=mean&row=5&min_size=2.5&min_trade=0.5": {
        "view": "as transmitted", "agg": "mean", "row_ticks": 5, "min_size": 2.5, "min_trade": 0.5,
    },
    "view=before%20and%20after&agg=last&palette=classic&scaling=linear&theme=light": {
        "view": "before and after", "agg": "last", "palette": "classic", "scaling": "linear",
        "theme": "light",
    },
    "cutoffs=12.5,99&carried=0.4&carried_shown=outline&opacity=0.55&stable=off": {
        "cutoffs": (12.5, 99.0), "carried": 0.4, "carried_shown": "outline", "opacity": 0.55,
        "stable": False,
    },
    "scaling=equalised&limits=0.5,20&carried_shown=hide&bids=off": {
        "scaling": "equalised", "limits": (0.5, 20.0), "carried_shown": "hide", "bids": False,
    },
    "asks=off&layers=mid,candles&panels=delta,ladder&time_zone=Asia/Tokyo": {
        "asks": False, "layers": ["mid", "candles"], "panels": ["delta", "ladder"],
        "time_zone": "Asia/Tokyo",
    },
    "half_life=250ms&prune=90min&layers=none&panels=profile&time_zone=America/New_York": {
        "half_life_s": 0.25, "prune_s": 5400.0, "layers": [], "panels": ["profile"],
        "time_zone": "America/New_York",
    },
    "from=2025-11-28T14:40:00.000000001&to=2025-11-28T14:45:10.5&half_life=100000s"
    "&at=2025-11-28T14:45:10.5&speed=600": {
        "start": at("2025-11-28T14:40:00.000000001"), "end": at("2025-11-28T14:45:10.5"),
        "half_life_s": 100000.0, "at": at("2025-11-28T14:45:10.5"), "speed": 600,
    },
    "low=1.234e-05&high=0.1&layers=bbo,mid,bubbles,candles&panels=delta,profile,ladder&speed=1": {
        "low": 1.234e-05, "high": 0.1, "layers": ["bbo", "mid", "bubbles", "candles"],
        "panels": ["delta", "profile", "ladder"], "speed": 1,
    },
    "market=bybit/BTCUSDT/live&last=90s": {"market": "bybit/BTCUSDT/live", "last_s": 90.0},
    "carry=fitted&half_life=2min&prune=none&presence=on": {
        "carry_by": "fitted", "half_life_s": 120.0, "prune_s": None, "presence": True,
    },
    "alerts=imbalance@5%3E0.6,ofi@1%3C-50%20every%2010s": {
        "alerts": ["imbalance@5 > 0.6", "ofi@1 < -50 every 10s"],
    },
    "half_life=2min&page=calibration&levels=25&over=view": {
        "half_life_s": 120.0, "page": "calibration", "levels": 25, "over": "view",
    },
}  # fmt: skip

DEFAULTS: dict[str, Any] = {
    "market": "", "dates": None, "start": None, "end": None, "low": None, "high": None, "view": "carried",
    "half_life_s": 30.0, "prune_s": 300.0, "agg": "peak", "row_ticks": None, "min_size": 0.0,
    "palette": "default", "scaling": "log", "cutoffs": None, "limits": None, "carried": 0.72,
    "carried_shown": "fade", "opacity": 1.0, "stable": True, "bids": True, "asks": True,
    "layers": ["bbo", "bubbles"], "min_trade": 0.0, "panels": [], "theme": "dark", "time_zone": "UTC",
    "last_s": 300.0, "at": None, "speed": 60, "playing": False,
    "page": "picture", "levels": None, "over": "session", "carry_by": "half-life",
    "presence": False, "alerts": [],
}  # fmt: skip
"""What a link does not say."""

PRESETS = {
    "preset=default": {},
    "preset=extended market depth": {"half_life_s": None, "prune_s": None},
    "preset=as transmitted": {"prune_s": 0.0},
    "preset=as transmitted&half_life=5s&opacity=0.5": {"half_life_s": 5.0, "prune_s": 0.0, "opacity": 0.5},
}

OWN = {"walls": {
    "half_life": "2min", "prune": None, "agg": "mean", "overlays": ["candles", "mid"], "panels": ["ladder"],
    "row_ticks": 5, "time_zone": "Asia/Tokyo", "stable": False, "cutoffs": [10.0, 99.0],
    "limits": [0.5, 20.0], "scaling": "linear", "carried": 0.4, "carried_shown": "outline",
    "opacity": 0.5, "min_size": 1.5,
    "bids": False, "asks": True, "palette": "classic", "theme": "light",
}}  # fmt: skip
"""The user's own presets, as the file holds them."""

OWN_VALUES = {
    "half_life_s": 120.0, "prune_s": None, "agg": "mean", "layers": ["mid", "candles"], "panels": ["ladder"],
    "row_ticks": 5, "time_zone": "Asia/Tokyo", "stable": False, "cutoffs": (10.0, 99.0),
    "limits": (0.5, 20.0), "scaling": "linear", "carried": 0.4, "carried_shown": "outline",
    "opacity": 0.5, "min_size": 1.5,
    "bids": False, "asks": True, "palette": "classic", "theme": "light",
}  # fmt: skip


def values(state: State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in DEFAULTS}


def test_links__say_something_of_every_choice() -> None:
    named = {name for choices in LINKS.values() for name in choices}
    assert named == set(State.param) - {"name", "playing"}
    assert set(State.param) - {"name"} == set(DEFAULTS)


@pytest.mark.parametrize("query", LINKS)
def test_link__opens_what_it_did(query: str) -> None:
    state, notices = state_of(query)
    assert notices == []
    assert values(state) == DEFAULTS | LINKS[query]


@pytest.mark.parametrize("query", LINKS)
def test_state__is_written_as_it_was(query: str) -> None:
    assert query_of(State(**LINKS[query])) == query


@pytest.mark.parametrize("query", PRESETS)
def test_preset__of_liqmap_in_a_link(query: str) -> None:
    state, notices = state_of(query)
    assert notices == []
    assert values(state) == DEFAULTS | PRESETS[query]


def test_preset__of_the_user_in_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path))
    (tmp_path / "presets.json").write_text(json.dumps(OWN))
    state, notices = state_of("preset=walls")
    assert notices == []
    assert values(state) == DEFAULTS | OWN_VALUES
