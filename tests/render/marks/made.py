"""Markets for what lies over and beside the heatmap: the bundled sample, and one of any trades."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

import liqmap as lm
from liqmap.render.frames.frame import instant_ns
from liqmap.render.marks.view import View
from liqmap.schema import TRADES
from tests.render.market import BEGIN, SECOND, TICK, Market

SAMPLE = Path(__file__).parents[3] / "data" / "sample"


class Sample(Market):
    """The bundled sample, as it is read."""

    def __init__(self) -> None:
        depth, trades = (next(SAMPLE.glob(name)) for name in ("*ob200*", "*.csv.gz"))
        self._made, self._trades = lm.replay(lm.read(depth).depth), lm.read(trades).trades
        begin, last = self._made.begin, self._made.last
        self.time_range = np.datetime64(begin, "ns"), np.datetime64(last, "ns")
        prices = self._trades["price"].to_numpy()
        self.price_range = float(prices.min()) - 5.0, float(prices.max()) + 5.0

    def spans(self, depth_limit: int | None = None) -> Any:
        return self._made

    def trades(self) -> pa.Table:
        return self._trades


@cache
def sample() -> Sample:
    """The bundled sample, read once."""
    return Sample()


class Traded(Market):
    """A market of given trades: (ms from its beginning, tick, size, aggressor)."""

    def __init__(self, trades: list[tuple[int, int, float, str | None]]) -> None:
        self.rows = sorted(trades, key=lambda trade: trade[0])

    def trades(self) -> pa.Table:
        rows = [
            {"ts": datetime.fromtimestamp(BEGIN // SECOND, UTC), "id": str(k), "aggressor": side,
             "price": tick * TICK, "size": size, "flags": None}
            for k, (_, tick, size, side) in enumerate(self.rows)
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=TRADES)
        times = np.array([BEGIN + ms * 10**6 for ms, *_ in self.rows], "datetime64[ns]")
        at = table.column_names.index("ts")
        return table.set_column(at, TRADES.field("ts"), [pa.array(times).cast(TRADES.field("ts").type)])


st_trades = st.lists(
    st.tuples(
        st.integers(0, 599_999),
        st.integers(975, 1012),
        st.sampled_from([0.001, 0.5, 1.0, 2.0, 3.125, 40.0]),
        st.sampled_from(["buy", "sell", None]),
    ),
    max_size=150,
)


@st.composite
def st_views(draw: Any) -> View:
    """Views of `Market`, within it, over its edges and beside it."""
    begin = BEGIN + draw(st.integers(-100, 650)) * SECOND
    end = begin + draw(st.sampled_from([1, 10**6, 7 * SECOND, 90 * SECOND, 600 * SECOND, 1000 * SECOND]))
    low = draw(st.floats(480, 510))
    prices = low, low + draw(st.sampled_from([0.25, 3.0, 20.0]))
    width, height = draw(st.sampled_from([(1200, 600), (300, 200), (33, 17)]))
    return View(begin, end, prices, width, height, draw(st.sampled_from([None, end, end - SECOND])))


def whole(market: Any, width: int = 1200, height: int = 600) -> View:
    """All of a market."""
    begin, end = (instant_ns(t) for t in market.time_range)
    return View(begin, end, market.price_range, width, height)
