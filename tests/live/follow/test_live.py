"""`lm.live` against an exchange in a box: what was watched is what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from liqmap.live.play import Exchange
from liqmap.schema import LiveError, SessionError


@pytest.fixture(scope="module")
def capture():
    return lm.simulate(minutes=0.5, seed=2, levels=50, keep_truth=False)


def test_live__is_the_batch_ingest_of_its_raw_file(tmp_path: Path, capture) -> None:
    with Exchange(capture, "bybit", speed=float("inf")).running() as exchange:
        with lm.live("bybit", "SIMUSDT", store=tmp_path / "s", feed="ob50", url=exchange.url) as live:
            session = live.session("SIMUSDT")
            assert exchange.wait(30)
            assert live.status.loc[0, "market"] == "bybit:SIMUSDT:ob50"
            assert "SIMUSDT" in live._repr_html_()
        assert session.closed
        assert not session.error
        assert live.status.loc[0, "state"] == "stopped"
    (raw,) = tmp_path.rglob("*.ndjson.zst")
    lm.ingest(raw, store=tmp_path / "batch", venue="bybit", progress=False)
    batch = lm.open_store(tmp_path / "batch").session("bybit", "SIMUSDT")
    stored = lm.open_store(tmp_path / "s").session("bybit", "SIMUSDT")
    for other in (batch, stored):
        assert session.spans().to_arrow().equals(other.spans().to_arrow())
        assert session.spans().window.equals(other.spans().window)
        assert session.depth().to_pandas().equals(other.depth().to_pandas())
        assert session.trades().to_pandas().equals(other.trades().to_pandas())
    assert batch.spans().to_arrow().equals(lm.replay(capture.depth).to_arrow())


def test_live__a_market_that_is_not_there_is_told_at_once(tmp_path: Path, capture) -> None:
    with (
        Exchange(capture, "bybit", speed=float("inf")).running() as exchange,
        lm.live("bybit", "NOUSDT", store=tmp_path, feed="ob50", url=exchange.url) as live,
    ):
        with pytest.raises(SessionError, match=r"bybit:NOUSDT:ob50: expected a first message.*stopped"):
            live.session("NOUSDT")
        with pytest.raises(SessionError, match="one of NOUSDT"):
            live.session("OTHER")


def test_live__one_that_is_not_there_is_told_beside_one_that_is(tmp_path: Path, capture) -> None:
    with (
        Exchange(capture, "bybit", speed=float("inf")).running() as exchange,
        lm.live("bybit", ["NOUSDT", "SIMUSDT"], store=tmp_path, feed="ob50", url=exchange.url) as live,
    ):
        session = live.session("SIMUSDT")
        with pytest.raises(
            SessionError, match=r"bybit:NOUSDT:ob50: expected a first message.*handler not found"
        ):
            live.session("NOUSDT", timeout="1h")
    assert session.closed
    assert not session.error


def test_live__that_is_stopped_has_no_error_of_a_gap_before(tmp_path: Path, capture) -> None:
    with (
        Exchange(capture, "bybit", speed=float("inf"), faults=["lose@20"]).running() as exchange,
        lm.live("bybit", "SIMUSDT", store=tmp_path, feed="ob50", url=exchange.url) as live,
    ):
        session = live.session("SIMUSDT")
        assert exchange.wait(30)
    assert live.status.loc[0, "error"].startswith("u ")
    assert (session.closed, session.error) == (True, "")


def test_live__follows_what_another_recorder_writes(tmp_path: Path, capture) -> None:
    with (
        Exchange(capture, "bybit", speed=float("inf")).running() as exchange,
        lm.live("bybit", "SIMUSDT", store=tmp_path, feed="ob50", url=exchange.url) as recorder,
    ):
        recorder.session("SIMUSDT")
        assert exchange.wait(30)
        with lm.live("bybit", "SIMUSDT", store=tmp_path, feed="ob50", record=False) as live:
            followed = live.session("SIMUSDT")
            recorder.__exit__(None, None, None)
    stored = lm.open_store(tmp_path).session("bybit", "SIMUSDT")
    assert followed.spans().to_arrow().equals(stored.spans().to_arrow())


def test_live__what_cannot_be_listened_to(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="symbols"):
        lm.live("bybit", [])
    with pytest.raises(SessionError, match="store"):
        lm.live("bybit", "BTCUSDT", record=False)
    with pytest.raises(LiveError, match="ob7"):
        lm.live("bybit", "BTCUSDT", store=tmp_path, feed="ob7")
