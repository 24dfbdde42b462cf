"""`lm.live`: against an exchange in a box, and beside a store that another fills."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import liqmap as lm
from liqmap.live.play import Exchange
from liqmap.schema import SessionError
from liqmap.session import Session

PLAYED = {"minutes": 1.0, "seed": 3, "activity": 0.3}


@pytest.fixture(scope="module")
def capture() -> lm.Capture:
    return lm.simulate(**PLAYED)


def until(session: lm.LiveSession, last: int) -> None:
    """Wait until a session has heard the message of a time."""
    grown = threading.Event()
    stop = session.on_grown(grown.set)
    while session.last < last:
        assert grown.wait(30), session
        grown.clear()
    stop()


def agree(one: Session, other: Session) -> None:
    for k in (0, 1):
        for name in ("tick", "start", "seen", "end", "size"):
            ours, theirs = (getattr(s.spans().sides[k], name) for s in (one, other))
            np.testing.assert_array_equal(ours, theirs)
    assert one.grid(time="5s", price=1.0).equals(other.grid(time="5s", price=1.0))
    assert one.depth().num_rows == other.depth().num_rows
    assert one.trades().num_rows == other.trades().num_rows > 0


def test_live__is_the_market_as_it_is_heard_and_as_it_is_stored(capture: lm.Capture, tmp_path: Path) -> None:
    last = int(capture.depth["ts"][-1].value)
    with (
        Exchange(capture, "bybit", speed=float("inf")).running() as exchange,
        lm.live("bybit", "SIMUSDT", tmp_path, feed="ob200", url=exchange.url) as live,
    ):
        session = live.session("SIMUSDT")
        assert len(session.bbo()) > 0
        until(session, last)
        (status,) = live.status.to_dict("records")
        assert (status["state"], status["gaps"]) == ("live", 0)
        assert status["messages"] > 500
        assert "bybit:SIMUSDT" in live._repr_html_()
        assert session.time_range[1] == np.datetime64(last, "ns")
    assert session.closed
    stored = lm.open_store(tmp_path).session("bybit", "SIMUSDT")
    agree(session, stored)
    (raw,) = tmp_path.glob("raw/bybit/SIMUSDT/*.zst")
    assert len(lm.replay(lm.read(raw, venue="bybit").depth)) == len(session.spans())


def test_live__beside_a_recorder_follows_what_is_stored(capture: lm.Capture, tmp_path: Path) -> None:
    last = int(capture.depth["ts"][-1].value)
    with (
        Exchange(capture, "bybit", speed=60).running() as exchange,
        lm.live("bybit", "SIMUSDT", tmp_path, feed="ob200", url=exchange.url) as recording,
    ):
        recording.session("SIMUSDT")
        with lm.live("bybit", "SIMUSDT", tmp_path, record=False, start="2026-01-05") as live:
            session = live.session("SIMUSDT")
            until(session, last)
    agree(session, lm.open_store(tmp_path).session("bybit", "SIMUSDT"))


def test_live__says_what_it_cannot_listen_to(capture: lm.Capture, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="one symbol or several"):
        lm.live("bybit", [])
    with pytest.raises(SessionError, match="the store that another process records into"):
        lm.live("bybit", "SIMUSDT", record=False)
    with (
        Exchange(capture, "bybit").running() as exchange,
        lm.live("bybit", "NONEUSDT", tmp_path, url=exchange.url) as live,
    ):
        with pytest.raises(SessionError, match="expected a market that the venue has"):
            live.session("NONEUSDT")
        with pytest.raises(SessionError, match="expected one of NONEUSDT"):
            live.session("SIMUSDT")
    (tmp_path / "empty" / "depth").mkdir(parents=True)
    with (
        lm.live("bybit", "SIMUSDT", tmp_path / "empty", record=False) as live,
        pytest.raises(SessionError, match="got none"),
    ):
        live.session("SIMUSDT", timeout="10ms")
