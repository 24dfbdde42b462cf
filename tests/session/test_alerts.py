"""Alerts of a session: of its samples, one by one; the same of a session cut at any time."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import liqmap as lm
from liqmap.schema import GridError, SessionError
from liqmap.simulation import write_bybit

CONDITIONS = ["imbalance@5 > 0.6", "ofi@1 < -5 every 2s", "pulled@5 > 3 every 2s"]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("alerts")
    raw = write_bybit(lm.simulate(minutes=2, seed=3, keep_truth=False), folder / "raw")
    lm.ingest(raw, store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def slow(session: lm.Session, condition: str, calm: int) -> list[tuple[pd.Timestamp, float, object]]:
    """ts, value, until of each alert, row by row of the samples."""
    said, _, every = condition.partition(" every ")
    measure, sign, number = said.split()
    rows, state, quiet = [], "armed", []
    for _, row in session.sample(every or "1s", [measure]).iterrows():
        value = row[measure]
        if math.isnan(value) or row["known"] < 0.999999:
            continue
        if value > float(number) if sign == ">" else value < float(number):
            if state == "armed":
                rows.append([row["ts"], value, None])
            state, quiet = "on", []
        elif state == "on":
            quiet.append(row["ts"])
            if len(quiet) == calm:
                rows[-1][2], state = quiet[0], "armed"
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_alerts__are_those_of_the_samples(session: lm.Session, condition: str) -> None:
    found = session.alerts(condition, rearm="4s")
    assert list(found.columns) == ["ts", "measure", "condition", "value", "until"]
    assert str(found["ts"].dtype) == str(found["until"].dtype) == "datetime64[ns, UTC]"
    expected = slow(session, condition, 4 if "every" not in condition else 2)
    assert len(expected) >= 3
    until = [None if pd.isna(t) else t for t in found["until"]]
    assert list(zip(found["ts"], found["value"], until)) == expected
    assert set(found["condition"]) == {condition}
    assert found.attrs["known"] == {condition: 1.0}


@pytest.mark.parametrize("cut", ["00:00:31", "00:01:07.3", "00:01:40"])
def test_alerts__of_a_session_cut_at_a_time_are_the_same_up_to_it(session: lm.Session, cut: str) -> None:
    at = pd.Timestamp(f"{session.time_range[0]}"[:11] + cut, tz="UTC")
    whole, part = (one.alerts(CONDITIONS, rearm="4s") for one in (session, session.sel(end=at)))
    last = part["ts"].max()
    assert len(part) >= 2
    there = whole[whole["ts"] <= last].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.drop(columns="until"), there.drop(columns="until"))
    known = part["until"].notna()
    pd.testing.assert_series_equal(part.loc[known, "until"], there.loc[known, "until"])
    assert (there.loc[~known, "until"].isna() | (there.loc[~known, "until"] > at - pd.Timedelta("6s"))).all()


def test_alerts__of_several_stand_by_time(session: lm.Session) -> None:
    found = session.alerts(", ".join(CONDITIONS))
    assert found["ts"].is_monotonic_increasing
    alone = [session.alerts(one) for one in CONDITIONS]
    assert len(found) == sum(map(len, alone))
    assert [list(found.loc[found["condition"] == one, "ts"]) for one in CONDITIONS] == [
        list(one["ts"]) for one in alone
    ]


def test_measures__of_which_a_part_is_known_give_none(session: lm.Session) -> None:
    condition = "depth@60bps > 0"
    found = session.alerts(condition)
    assert len(found) == 0
    assert 0 < found.attrs["known"][condition] < 1
    assert str(found["until"].dtype) == "datetime64[ns, UTC]"


def test_alerts__refuse_what_is_none(session: lm.Session) -> None:
    with pytest.raises(SessionError, match="Did you mean imbalance@5"):
        session.alerts("imbalnce@5 > 1")
    with pytest.raises(GridError, match="rearm"):
        session.alerts("mid > 1", rearm="soon")
