"""State and Data, without a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import liqmap as lm
from liqmap.app.data.carry import state_carry
from liqmap.app.data.data import Data
from liqmap.app.state.link import state_of
from liqmap.app.state.options import DURATIONS, PRESETS
from liqmap.app.state.presets import choices_of, choose, chosen, names
from liqmap.app.state.state import State
from liqmap.schema import CARRIED, OBSERVED, SessionError
from tests.render.market import CARRIED_BID, Market


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    """Two markets of half a minute each."""
    folder = tmp_path_factory.mktemp("app")
    from liqmap.simulation import write_bybit

    for seed, symbol in enumerate(("AAAUSDT", "BBBUSDT")):
        raw = write_bybit(lm.simulate(minutes=0.5, seed=seed, symbol=symbol, levels=20), folder / symbol)
        assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return lm.open_store(folder / "store")


def carried_row(data: Data) -> np.ndarray:
    frame = data.frame(120, 100)
    row = int(np.searchsorted(frame.rows, CARRIED_BID, side="right") - 1)
    return frame.liquidity[0, row, 45:118]


def test_durations__rise_to_none() -> None:
    values = list(DURATIONS.values())
    assert values[0] == 1.0
    assert values[-2:] == [86_400.0, None]
    assert values[:-1] == sorted(values[:-1])
    steps = np.diff(np.log([v for v in values if v is not None]))
    assert steps.max() < np.log(2.1)  # even to the eye on a log scale
    for preset in map(choices_of, PRESETS):
        assert preset["half_life_s"] in values
        assert preset["prune_s"] in [*values, 0.0]


def test_duration() -> None:
    assert state_carry(State(half_life_s=None)).half_life is None
    assert state_carry(State(half_life_s=1.5)).half_life == np.timedelta64(1_500_000_000, "ns")


@pytest.mark.parametrize("wrong", [{"half_life_s": 0}, {"half_life_s": -1}, {"prune_s": -1}, {"agg": "sum"},
                                   {"carried": 2}, {"cutoffs": (0, 101)}, {"row_ticks": 0}, {"layers": ["x"]},
                                   {"theme": "dim"}, {"min_size": -1}])  # fmt: skip
def test_state__refuses_what_is_out_of_bounds(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        State(**wrong)


def test_presets__are_taken_and_recognised() -> None:
    state = State()
    for name in names():
        choose(state, name)
        assert chosen(state) == name
    state.half_life_s, state.prune_s = 17.0, 300.0
    assert chosen(state) is None


def test_aggregate__mean_of_a_row_of_one_tick_is_never_above_peak(market: Market) -> None:
    mean, peak = (Data(market, State(agg=agg, row_ticks=1)).frame(200, 100) for agg in ("mean", "peak"))
    assert mean.ticks_a_row == peak.ticks_a_row == 1
    known = ~np.isnan(peak.liquidity)
    assert (~np.isnan(mean.liquidity) == known).all()
    sizes, most = mean.liquidity[known], peak.liquidity[known]
    assert (sizes <= most * (1 + 1e-6)).all()
    assert (sizes < 0.9 * most).any()


def test_half_life__none_stops_the_fading(market: Market) -> None:
    state = State(half_life_s=30.0, prune_s=None)
    data = Data(market, state)
    fading = carried_row(data)
    assert fading[-1] < 0.1 * fading[0]
    state.half_life_s = None
    assert (carried_row(data) == 10.0).all()


def test_prune__zero_shows_observed_only(market: Market) -> None:
    data = Data(market, State(prune_s=0.0))
    assert set(np.unique(data.frame().state)) == {0, OBSERVED}
    data.state.prune_s = None
    assert CARRIED in data.frame().state


def test_prune__drops_what_is_older(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=100.0))
    row = carried_row(data)
    assert row[0] == 10.0
    assert np.isnan(row[-1])


def test_row_ticks__aggregate_and_agg_reach_the_frame(market: Market) -> None:
    data = Data(market, State(row_ticks=5, agg="last"))
    assert data.frame().ticks_a_row == 5
    assert data.frame().agg == "last"
    assert data.look.carried == 0.72


def test_spans__are_not_replayed_for_a_choice(market: Market) -> None:
    data = Data(market)
    before = data.session.spans()
    data.state.param.update(half_life_s=5.0, prune_s=None, agg="mean")
    assert data.session.spans() is before


def test_store__offers_its_sessions_and_keeps_those_opened(store: lm.Store) -> None:
    data = Data(store)
    assert list(data.markets) == ["bybit AAAUSDT ob20", "bybit BBBUSDT ob20"]
    first = data.session
    assert first.symbol == "AAAUSDT"
    data.state.market = data.markets["bybit BBBUSDT ob20"]
    assert data.session.symbol == "BBBUSDT"
    data.state.market = data.markets["bybit AAAUSDT ob20"]
    assert data.session is first
    assert data.notice == ""


def test_empty_store__says_how_to_run_the_demo(tmp_path: Path) -> None:
    data = Data(lm.open_store(tmp_path))
    assert data.session is None
    assert "liqmap demo" in data.notice


def test_errors__become_a_notice(market: Market) -> None:
    class Broken(Market):
        def spans(self, depth_limit: int | None = None):  # type: ignore[no-untyped-def]
            raise SessionError("no such thing: expected depth, got none")

    data = Data(Broken())
    assert data.session is None
    assert data.notice == "no such thing: expected depth, got none"


def test_errors_nobody_foresaw__become_a_notice_too(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Market):
        def spans(self, depth_limit: int | None = None):  # type: ignore[no-untyped-def]
            raise RuntimeError("boom")

    data = Data(Broken())
    assert "RuntimeError: boom" in data.notice
    assert "Traceback" not in data.notice
    assert "cannot be shown" in caplog.text


def of_link(market: Market, query: str) -> Data:
    return Data(market, state_of(query)[0])


def test_view_of_a_link__that_ends_before_it_begins_is_reported(market: Market) -> None:
    data = of_link(market, "at=2026-01-05T12:02&from=2026-01-05T12:05")
    assert data.state.at is None
    assert data.time_range[0] < data.time_range[1]
    assert [w[:3] for w in data.warnings] == ["at:"]


@pytest.mark.parametrize(("query", "name"), [("low=0&high=70000", "low"), ("low=-1e17&high=1e17", "low"),
                                             ("from=2025-01-01&to=2027-01-01", "from")])  # fmt: skip
def test_view_of_a_link__wider_than_any_is_the_whole(market: Market, query: str, name: str) -> None:
    data = of_link(market, query)
    assert (data.state.start, data.state.end, data.state.low, data.state.high) == (None,) * 4
    assert [w.split(",")[0] for w in data.warnings] == [name]


def test_view_of_a_link__that_reaches_a_little_beyond_is_taken(market: Market) -> None:
    data = of_link(market, "low=480&high=520&from=2026-01-05T11:55&to=2026-01-05T12:15")
    assert not data.warnings
    assert data.price_range == (480.0, 520.0)
