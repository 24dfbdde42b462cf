"""What a session that grows says of flow and book is what one in a store says of the same messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.live.follow import LiveSession
from liqmap.schema import Meta, Source, int64
from liqmap.store import Writer
from tests.live.follow.taking import batch, message_cuts, meta_of, pieces

CAPTURE = lm.simulate(minutes=0.5, seed=8, levels=20, keep_truth=False)
DEPTH, TRADES = CAPTURE.depth.combine_chunks(), CAPTURE.trades.combine_chunks()
METAS = {"depth": meta_of(DEPTH), "trades": Meta.from_metadata(TRADES.schema.metadata)}

SAYS: dict[str, Callable[[lm.Session], pd.DataFrame]] = {
    "bars": lambda s: s.bars("5s"),
    "volume bars": lambda s: s.bars(3.0, "volume"),
    "footprint": lambda s: s.footprint("5s", 1.0).cells,
    "bars of a footprint": lambda s: s.footprint("5s", 1.0).bars,
    "cumulative_delta": lambda s: s.cumulative_delta(),
    "vwap": lambda s: s.vwap(),
    "developing": lambda s: s.developing("5s", 1.0),
    "volume_profile": lambda s: s.volume_profile(1.0),
    "sweeps": lambda s: s.sweeps("100ms"),
    "time_and_sales": lambda s: s.time_and_sales(),
    "stacking": lambda s: s.stacking("5s", 1.0),
    "sample": lambda s: s.sample("1s", ["mid", "ofi@1", "ofi@2bps", "added@5", "pulled@5", "depth@2bps"]),
    "order_flow_imbalance": lambda s: s.order_flow_imbalance("2s", 3),
    "price_impact": lambda s: s.price_impact("2s", "10s"),
    "kyle_lambda": lambda s: s.kyle_lambda("2s", "10s"),
    "microprice": lambda s: s.microprice(imbalances=4, spreads=2).adjustment,
    "spreads": lambda s: s.spreads("2s"),
    "tracker": lambda s: s.tracker("1s"),
    "beyond": lambda s: s.beyond(*s.price_range, "1s"),
}


def until(table: pa.Table, time: int) -> pa.Table:
    return table.filter(pa.array(int64(table["ts"]) <= time))


@pytest.fixture(scope="module", params=["early", "late", "flushed"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """A session that grew, asked at times on its way, and one of a store of the same messages."""
    folder = tmp_path_factory.mktemp("grown")
    cuts = message_cuts(DEPTH)
    stop = cuts[len(cuts) // 3] if request.param == "early" else DEPTH.num_rows
    depth = DEPTH.slice(0, stop)
    last = int(int64(depth["ts"])[-1])
    session = LiveSession(folder / "live", METAS["depth"].venue, METAS["depth"].symbol)
    told = 0
    for number, piece in enumerate(pieces(depth, cuts[cuts < stop][::40].tolist())):
        trades = until(TRADES, int(int64(piece["ts"])[-1]))
        session.take("depth", batch(piece), METAS["depth"])
        session.take("trades", batch(trades.slice(told)), METAS["trades"])
        told = trades.num_rows
        if number % 3 == 2:  # what is kept from now on has to go on with what comes
            for say in SAYS.values():
                say(session)
        if request.param == "flushed" and number == 3:
            write(folder / "live", until(DEPTH, int(int64(piece["ts"])[-1])), trades)
    write(folder / "store", depth, until(TRADES, last))
    return session, lm.open_store(folder / "store").session(METAS["depth"].venue, METAS["depth"].symbol)


def write(root: Path, depth: pa.Table, trades: pa.Table) -> None:
    with Writer(root, Source(name="x", sha256="0" * 64)) as writer:
        writer.append("depth", batch(depth))
        writer.append("trades", batch(trades))
        writer.commit(METAS)


def test_both__are_of_the_same_messages(both: tuple) -> None:
    grown, stored = both
    assert stored.time_range == grown.time_range
    assert stored.trades().num_rows == grown.trades().num_rows > 10


@pytest.mark.parametrize("name", SAYS)
def test_a_session_that_grew__says_the_same(both: tuple, name: str) -> None:
    grown, stored = both
    expected = SAYS[name](stored)
    assert len(expected)
    pd.testing.assert_frame_equal(SAYS[name](grown), expected, check_exact=True)
