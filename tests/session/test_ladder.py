"""`lm.ladder` against a plain walk over the levels of `Session.book`."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import GridError, SessionError
from liqmap.simulation import write_bybit


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder: Path = tmp_path_factory.mktemp("ladder")
    write_bybit(lm.simulate(minutes=0.5, seed=6, keep_truth=False), folder / "raw")
    lm.ingest(folder / "raw", store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def slow_ladder(session: lm.Session, at: int, ticks: int, half_life: float, prune: float) -> pd.DataFrame:
    """Each level in turn; the book in the instant before ``at`` is the book 1 ns earlier, 1 ns older."""
    rows: dict[tuple[str, int], list[float]] = {}
    for level in session.book(pd.Timestamp(at - 1)).itertuples():
        row = math.floor(round(level.price / session.meta.tick_size) / ticks)
        observed, carried = rows.setdefault((level.side, row), [0.0, 0.0])
        weight = 2 ** (-level.age / half_life) if level.age < prune else 0.0
        if level.state == "observed":
            observed += level.size
        else:
            carried += level.size * weight
        rows[level.side, row] = [observed, carried]
    found = []
    for side, sign in (("bid", -1), ("ask", 1)):
        total = 0.0
        for (_, row), (observed, carried) in sorted(
            ((k, v) for k, v in rows.items() if k[0] == side), key=lambda kv: sign * kv[0][1]
        ):
            total += observed + carried
            if observed + carried > 0:
                price = round(row * ticks * session.meta.tick_size, 6)
                found.append((side, price, observed, carried, observed + carried, total))
    columns = ["side", "price", "observed", "carried", "size", "cumulative"]
    return pd.DataFrame(found, columns=columns)


@given(st.floats(0.01, 1.0), st.integers(1, 60), st.sampled_from([(30.0, 300.0), (1.0, 5.0)]))
def test_ladder__is_a_walk_over_the_levels(
    session: lm.Session, share: float, ticks: int, carry: tuple[float, float]
) -> None:
    spans = session.spans()
    at = spans.begin + int(share * (spans.last - spans.begin))
    asked = {"half_life": f"{carry[0]}s", "prune": f"{carry[1]}s"}
    height = round(ticks * spans.tick_size, 6)
    found = lm.ladder(session, pd.Timestamp(at), height, **asked)
    expected = slow_ladder(session, at, ticks, *carry)
    assert found["side"].tolist() == expected["side"].tolist()
    assert found["price"].tolist() == expected["price"].tolist()
    for name in ("observed", "carried", "size", "cumulative"):
        assert np.allclose(found[name], expected[name], rtol=1e-6, atol=1e-9), name
    assert lm.ladder(spans, pd.Timestamp(at), height, **asked).equals(found)


def test_ladder__of_a_range_counts_from_there(session: lm.Session) -> None:
    at = session.time_range[0] + np.timedelta64(20, "s")
    whole = lm.ladder(session, at)
    best = whole[whole["side"] == "ask"]["price"].iloc[0]
    part = lm.ladder(session, at, price_range=(best + 1, best + 2))
    inside = whole[(whole["price"] >= best + 1 - 1e-9) & (whole["price"] < best + 2 - 1e-9)]
    assert part["price"].tolist() == inside["price"].tolist()
    assert part["size"].tolist() == inside["size"].tolist()
    assert part["cumulative"].iloc[-1] == pytest.approx(inside["size"].sum())


def test_ladder__refuses_in_one_line(session: lm.Session) -> None:
    at = session.time_range[0] + np.timedelta64(20, "s")
    for error, words, call in (
        (SessionError, "t: expected a time after", lambda: lm.ladder(session, "2020-01-01")),
        (GridError, "price: expected a whole multiple of the tick", lambda: lm.ladder(session, at, 0.15)),
        (GridError, "price: expected a whole multiple", lambda: lm.ladder(session, at, -1.0)),
        (GridError, "price_range: expected", lambda: lm.ladder(session, at, price_range=(5, 5))),
        (GridError, "at most 10,000,000 rows", lambda: lm.ladder(session, at, price_range=(0, 1e9))),
        (GridError, "book: expected a Session, or spans, got Table", lambda: lm.ladder(session.depth(), at)),
    ):
        with pytest.raises(error, match=words) as found:
            call()
        assert "\n" not in str(found.value)


def test_ladder__takes_a_time_of_the_day_of_the_session(session: lm.Session) -> None:
    day = str(session.time_range[0])[:10]
    for book in (session, session.spans()):
        pd.testing.assert_frame_equal(lm.ladder(book, "00:00:20"), lm.ladder(book, f"{day} 00:00:20"))
