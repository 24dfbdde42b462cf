"""Order flow of real captures against sums made by hand from their raw files, and what slopes it has."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import liqmap as lm

SECOND = 10**9
Best = tuple[list[tuple[float, float]], list[tuple[float, float]]]


def gained(before: Best, now: Best, m: int) -> float:
    """The event contribution of the m-th best levels, as the papers write it."""
    (pb, qb), (pa, qa) = before[0][m], before[1][m]
    (pb1, qb1), (pa1, qa1) = now[0][m], now[1][m]
    return qb1 * (pb1 >= pb) - qb * (pb1 <= pb) - qa1 * (pa1 <= pa) + qa * (pa1 >= pa)


def sums(moments: list[tuple[int, Best]], levels: int, step: int) -> dict[int, list[float]]:
    """End of an interval -> what each level contributed in it."""
    found: dict[int, list[float]] = defaultdict(lambda: [0.0] * levels)
    for (_, before), (ts, now) in zip(moments, moments[1:]):
        for m in range(levels):
            found[(ts // step + 1) * step][m] += gained(before, now, m)
    return found


def compared(spans: lm.Spans, expected: dict[int, list[float]], every: str, levels: int) -> int:
    table = lm.order_flow_imbalance(spans, every, levels)
    whole = table[table["known"] == 1]
    names = [f"ofi_{m + 1}" for m in range(levels)]
    for ts, values in zip(whole["ts"].astype("int64"), whole[names].to_numpy()):
        np.testing.assert_allclose(values, expected.get(ts, [0.0] * levels), atol=1e-6)
    return len(whole)


def test_usdm__by_hand(real_data: Path) -> None:
    path = real_data / "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip"
    books: dict[str, dict[float, float]] = {"b": {}, "a": {}}
    moments: dict[int, Best] = {}
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as lines:
        for line in io.TextIOWrapper(lines, "utf-8"):
            message = json.loads(line)
            for side, book in books.items():
                if message["type"] == "snapshot":
                    book.clear()
                for price, size in message["data"][side]:
                    book[float(price)] = float(size)
                    if not float(size):
                        del book[float(price)]
            ts = message.get("cts", message["ts"]) * 10**6
            bids = sorted(books["b"].items(), reverse=True)[:3]
            moments[ts] = bids, sorted(books["a"].items())[:3]
    spans = lm.replay(lm.read(path, venue="bybit").depth)
    assert compared(spans, sums(list(moments.items()), 3, 5 * SECOND), "5s", 3) > 60


def test_lobster__by_hand(real_data: Path) -> None:
    stem = "AAPL_2012-06-21_34200000_57600000"
    path = real_data / "lobster" / f"{stem}_orderbook_10.csv"
    depth = lm.read(path).depth
    spans = lm.replay(depth)
    day = spans.last // (86_400 * SECOND) * 86_400 * SECOND
    with path.open() as book, (path.parent / f"{stem}_message_10.csv").open() as told:
        moments: dict[str, Best] = {}
        for row, message in zip(csv.reader(book), csv.reader(told)):
            values = [int(value) for value in row]
            asks, bids = ([(values[4 * m + k], values[4 * m + k + 1]) for m in range(2)] for k in (0, 2))
            moments[message[0]] = bids, asks  # the last of one time holds
    seconds = [
        (whole, (fraction + "0" * 9)[:9]) for whole, _, fraction in (t.partition(".") for t in moments)
    ]
    clock = [int(whole) * SECOND + int(fraction) for whole, fraction in seconds]
    shift = int(spans.begin) - min(clock)  # local midnight in UTC
    assert (shift - day) % (3600 * SECOND) == 0
    assert (
        compared(spans, sums([*zip([t + shift for t in clock], moments.values())], 2, SECOND), "1s", 2) > 40
    )


def test_slope_falls_with_depth(real_data: Path) -> None:
    """Over 24 h, in half hours: slope = c / depth**exponent; the paper finds 1 on liquid US stocks."""
    path = real_data / "derived-bitstamp/2015-05-01_BTCUSD_ob20.data.zip"
    found = lm.price_impact(lm.replay(lm.read(path).depth), "10s", "30min")
    found = found[(found["slope"] > 0) & (found["intervals"] > 20)]
    x, y = np.log(found["depth"]), np.log(found["slope"])
    design = np.stack([np.ones(len(x)), x], axis=1)
    (_, slope), (left,), *_ = np.linalg.lstsq(design, y)
    error = np.sqrt(left / (len(x) - 2) * np.linalg.inv(design.T @ design)[1, 1])
    assert len(found) > 40
    assert -slope == pytest.approx(0.45, abs=0.05)
    assert slope + 1.96 * error < 0
