"""The pickers of market, days and time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.views import Head
from liqmap.simulation import write_bybit
from tests.app.choosing import choose
from tests.render.market import Market


def test_jump__that_works_takes_the_notice_of_one_that_did_not(market: Market) -> None:
    head = Head(data=Data(market))
    choose(head.right, jump="nonsense")
    assert head.data.warnings
    assert choose(head.right, jump="12:05") == ["jump"]  # the field is empty again
    assert head.data.warnings == []


def test_head__takes_days_that_are_not_there(market: Market) -> None:
    """The notice tells; the picker stays empty."""
    from datetime import date

    class Days(Data):
        days = (date(2026, 1, 5), date(2026, 1, 7))

    data = Days(market)
    head = Head(data=data)
    for dates, shown in (
        ((date(2026, 1, 5), date(2026, 1, 7)), True),
        ((date(2020, 1, 1), date(2020, 1, 1)), False),
        ((date(2026, 1, 7), date(2026, 1, 7)), True),
    ):
        data.state.dates = dates
        assert head.dates.value == (dates if shown else None)


def test_head__follows_to_a_market_of_other_days(tmp_path: Path) -> None:
    for symbol, day in (("NEW", "2026-01-05"), ("OLD", "2024-08-08")):
        capture = lm.simulate(minutes=0.2, seed=1, symbol=symbol, levels=5, start=day, keep_truth=False)
        lm.ingest(write_bybit(capture, tmp_path / symbol), store=tmp_path / "store")
    data = Data(lm.open_store(tmp_path / "store"))
    head = Head(data=data)
    for market, day in (("OLD", "2024-08-08"), ("NEW", "2026-01-05")):
        choose(head.left, market=f"bybit/{market}/ob5")
        assert data.session.symbol == market
        assert head.dates.value == (date.fromisoformat(day),) * 2
