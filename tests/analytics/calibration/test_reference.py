"""The figures of real captures: those that were agreed on, and those of two plain books read line by line."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

import liqmap as lm
from tests.oracle.held_out import Book, oracle_held_out

pytestmark = pytest.mark.long

EVERY = os.environ.get("LIQMAP_EVERY", "") == "1"
"""Every capture by the plain books, not only the narrowest: some minutes."""

SECONDS = (5, 15, 30, 60, 120, 300, 900, 3600, None)
BTC, BITSTAMP = (
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob{}.data.zip",
    "derived-bitstamp/2015-05-01_BTCUSD_ob{}.data.zip",
)
KNOWN = {
    (BTC, 200, 1000): {30: 0.8335, 60: 0.8138, None: 0.8608},
    (BTC, 50, 1000): {30: 0.8261, 60: 0.7824, None: 0.7794},
    (BITSTAMP, 10, 20): {30: 0.8808, None: 0.6311},
}


def errors(real_data: Path, file: str, view: int, depth: int) -> dict[int | None, float]:
    """By half-life, without a prune."""
    capture = lm.read(real_data / file.format(depth), venue="bybit")
    lives = [None if s is None else f"{s}s" for s in SECONDS]
    found = lm.calibrate(capture, view, half_lives=lives, draws=1).surface.sel(prune="none")
    seconds = {float("inf") if s is None else float(s): s for s in SECONDS}
    return {seconds[float(h)]: float(e) for h, e in zip(found["half_life_s"], found)}


@pytest.mark.parametrize("key", KNOWN, ids=lambda key: f"{key[1]} of {key[2]}")
def test_errors__are_those_agreed_on(real_data: Path, key: tuple) -> None:
    found = errors(real_data, *key)
    for half_life, error in KNOWN[key].items():
        assert found[half_life] == pytest.approx(error, abs=1e-4)


def messages(path: Path, tick_size: float) -> list:
    """A Bybit archive line by line."""
    out = []
    with zipfile.ZipFile(path) as packed:
        for line in packed.read(packed.namelist()[0]).splitlines():
            raw = json.loads(line)
            rows = [
                (side, round(float(price) / tick_size), float(size))
                for side, key in (("bid", "b"), ("ask", "a"))
                for price, size in raw["data"][key]
            ]
            event = "snapshot" if raw["type"] == "snapshot" else "update" if rows else "heard"
            out.append((event, raw["cts"] * 10**6, rows))
    return out


PLAIN = [(BTC, 50, 1000, 0.1), *([(BTC, 200, 1000, 0.1), (BITSTAMP, 10, 20, 0.01)] if EVERY else [])]


@pytest.mark.parametrize(("file", "view", "depth", "tick_size"), PLAIN)
def test_errors__are_those_of_two_plain_books(
    real_data: Path, file: str, view: int, depth: int, tick_size: float
) -> None:
    """The shallow file, cut by others, beside the deep one: no replay of liqmap's, no cut of its own."""
    narrow, wide = (Book(messages(real_data / file.format(n), tick_size), n, "top_n") for n in (view, depth))
    rows = oracle_held_out(narrow, wide, 10**9)
    true = sum(row[-1] for row in rows)
    found = errors(real_data, file, view, depth)
    for half_life in SECONDS:
        rate = 0.0 if half_life is None else 1e-9 / half_life
        wrong = sum(abs(size * 2 ** (-age * rate) - t) for *_, size, age, _, t in rows)
        assert found[half_life] == pytest.approx(wrong / true, abs=1e-6)
