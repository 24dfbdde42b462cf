"""Trades of a session that grows: read once and continued, they are what reading all anew gives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.live.follow import LiveSession
from liqmap.schema import Meta, Source
from liqmap.store import Writer
from tests.live.follow.taking import batch, meta_of

CAPTURE = lm.simulate(minutes=0.2, seed=3, levels=5, keep_truth=False)


@given(data=st.data())
@settings(deadline=None, max_examples=15)
def test_trades__are_those_that_were_heard_whatever_the_store_has(data: st.DataObject) -> None:
    depth, trades = CAPTURE.depth.combine_chunks(), CAPTURE.trades.combine_chunks()
    meta = Meta.from_metadata(trades.schema.metadata)
    order = data.draw(st.permutations(range(trades.num_rows))) if data.draw(st.booleans()) else None
    trades = trades if order is None else trades.take(order)  # late ones too
    cuts = sorted(data.draw(st.sets(st.integers(1, trades.num_rows - 1), max_size=8)))
    with TemporaryDirectory() as folder:
        session = LiveSession(Path(folder) / "store", meta.venue, meta.symbol)
        session.take("depth", batch(depth.slice(0, 400)), meta_of(depth))
        flushed = 0
        for begin, stop in zip([0, *cuts], [*cuts, trades.num_rows]):
            session.take("trades", batch(trades.slice(begin, stop - begin)), meta)
            if data.draw(st.booleans()):
                _write(Path(folder) / "store", trades.slice(flushed, stop - flushed), str(stop))
                flushed = stop
            if data.draw(st.booleans()):
                found = session.trades()
                assert found.schema.metadata is not None
                assert _rows(found) == _rows(trades.slice(0, stop))
                assert (np.diff(found["ts"].cast(pa.int64())) >= 0).all()
                assert _rows(found) == _rows(session._read_anew("trades", session.start))
        assert _rows(session.trades()) == _rows(trades)


def _rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(zip(*(table[name].cast(pa.string()).to_pylist() for name in ("ts", "id", "price", "size"))))


def _write(root: Path, trades: pa.Table, name: str) -> None:
    with Writer(root, Source(name=name, sha256=name.rjust(64, "0"))) as writer:
        writer.append("trades", batch(trades))
        writer.commit({"trades": Meta.from_metadata(trades.schema.metadata)})
