"""Replay of real captures: what is known of them by counting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

import liqmap as lm
from liqmap.schema import SIDES, codes, int64

FILES = {
    "bybit/linear_BTCUSDT_ob200.ndjson": 200,
    "bybit/2024-12-01_XRPUSDT_ob500.data.zip": 500,
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip": 200,
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob50.data.zip": 50,
    "derived-bitstamp/2015-05-01_BTCUSD_ob20.data.zip": 20,
}


@pytest.mark.parametrize(("name", "levels"), FILES.items())
def test_each_side_has_exactly_n_levels_after_every_message(real_data: Path, name: str, levels: int) -> None:
    depth = lm.read(real_data / name, venue="bybit").depth
    books: tuple[dict, dict] = ({}, {})
    rows = zip(
        depth["seq"].to_pylist(), codes(depth["side"], SIDES).tolist(), depth["price"].to_pylist(),
        depth["size"].to_pylist(),
    )  # fmt: skip
    last = None
    for seq, side, price, size in rows:
        if seq != last and last is not None:
            assert (len(books[0]), len(books[1])) == (levels, levels), last
        last = seq
        if size:
            books[side][price] = size
        else:
            del books[side][price]
    assert (len(books[0]), len(books[1])) == (levels, levels)


def test_left_the_window_is_told_from_cancelled(real_data: Path) -> None:
    depth = lm.read(real_data / "bybit/linear_BTCUSDT_ob200.ndjson", venue="bybit").depth
    spans = lm.replay(depth)
    removals = depth.filter(pc.equal(depth["size"], 0.0))
    assert removals.num_rows == 1_522
    left = 0
    ticks = np.rint(removals["price"].to_numpy() / spans.tick_size).astype(int)
    for ts, side, tick in zip(int64(removals["ts"]), codes(removals["side"], SIDES), ticks):
        s = spans.sides[side]
        level = np.searchsorted(s.levels, tick)
        mine = slice(s.first[level], s.first[level + 1])
        (ended,) = np.flatnonzero(s.seen[mine] == ts)
        left += bool(s.end[mine][ended] > ts)
    assert left == 378


def test_a_deep_feed_cut_to_50_levels_is_the_feed_of_50(real_data: Path) -> None:
    folder = real_data / "derived-usdm-btc"
    deep = lm.read(folder / "2024-08-08_BTCUSDT_ob1000.data.zip", venue="bybit").depth
    for levels in (50, 200):
        shallow = lm.read(folder / f"2024-08-08_BTCUSDT_ob{levels}.data.zip", venue="bybit").depth
        cut, own = lm.replay(deep, depth_limit=levels), lm.replay(shallow)
        assert cut.to_arrow().equals(own.to_arrow())
        assert cut.window.equals(own.window)


TRADED = [
    ("bybit/linear_BTCUSDT_ob200.ndjson", "bybit/linear_BTCUSDT_publicTrade.ndjson", {"venue": "bybit"}),
    (
        "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip",
        "derived-usdm-btc/BTCUSDT2024-08-08.csv.gz",
        {"venue": "bybit"},
    ),
    ("derived-bitstamp/2015-05-01_BTCUSD_ob20.data.zip", "derived-bitstamp/BTCUSD2015-05-01.csv.gz", {}),
    ("binance/usdm_btcusdt_20240808.gz", "binance/usdm_btcusdt_20240808.gz", {}),
    ("databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst", "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst", {}),
]


@pytest.mark.parametrize(("book", "prints", "hints"), TRADED, ids=[pair[0] for pair in TRADED])
def test_trades_join_to_the_prices_of_their_levels(
    real_data: Path, book: str, prints: str, hints: dict[str, str]
) -> None:
    spans = lm.replay(lm.read(real_data / book, **hints).depth)
    table, trades = spans.to_arrow(), lm.read(real_data / prints, **hints).trades
    price = trades["price"].to_numpy()
    by_tick = np.isin(np.rint(price / spans.tick_size), table["tick"].to_numpy())
    assert by_tick.mean() > 0.5
    assert (np.isin(price, table["price"].to_numpy()) == by_tick).all()
