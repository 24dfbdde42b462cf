"""Alerts over the heatmap: what a view shows, a play that knows nothing of later, a market that grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from liqmap.analytics.alerts import Alert, Crossings, conditions_of
from liqmap.analytics.book.events.hits import prints_of
from liqmap.render import picture
from liqmap.render.marks import alerted
from liqmap.render.marks.alerted import fired_in
from liqmap.render.marks.overlays.alerts import COLOURS
from liqmap.render.marks.registry import Scene, names, overlays
from liqmap.render.marks.view import View
from liqmap.schema import GridError, SessionError
from liqmap.session.sampling import known_values
from liqmap.spans.growing import Growing, Growth
from tests.app.live_market import Revealed, simulated
from tests.render.market import BEGIN, SECOND, Market
from tests.render.marks.made import sample, whole

ASK_SIZE = "ask_depth@1 > 2.5"
"""Of `Market`: 2 until 300 s, then 5 at the next price, 3 from 400 s on."""


def scene(market: Any, *conditions: str, **more: Any) -> Scene:
    return Scene(market, market.price_range, alerts=tuple(conditions_of(list(conditions))), **more)


def drawn(market: Any, view: View, *conditions: str) -> list[Any]:
    return overlays()["alerts"].on_engine(scene(market, *conditions), view)


def test_marks__stand_where_conditions_came_to_hold() -> None:
    market = Market()
    ((_, alerts, known),) = fired_in(market, conditions_of(ASK_SIZE))
    (alert,) = alerts
    assert (alert.time, alert.value, alert.until, known) == (BEGIN + 301 * SECOND, 5.0, -1, 1.0)
    stem, bar, disc = drawn(market, whole(market), ASK_SIZE)
    assert disc.x.tolist() == stem.x0.tolist() == bar.x0.tolist() == [alert.time]
    assert bar.x1.tolist() == [BEGIN + 600 * SECOND]
    assert (stem.y0[0], stem.y1[0]) == (market.price_range[1], disc.y[0])
    assert disc.told.words == [(ASK_SIZE, "12:05:01.000", "5", "not over", "1")]
    assert disc.colours[0] == COLOURS["dark"][0]


def test_rows__are_one_a_condition_from_the_lower_edge() -> None:
    market, view = Market(), whole(Market())
    *_, one, other = drawn(market, view, ASK_SIZE, "mid > 1")
    low, high = market.price_range
    pixel = (high - low) / view.height
    assert [(disc.y[0] - low) / pixel for disc in (one, other)] == pytest.approx([18, 31])
    assert one.colours[0] != other.colours[0]
    assert drawn(market, view) == []


@pytest.mark.parametrize("second", [0, 299, 300, 301, 302, 599])
def test_play__shows_nothing_of_later(second: int) -> None:
    market, until = Market(), BEGIN + second * SECOND
    found = fired_in(market, conditions_of([ASK_SIZE, "bid_depth@1 < 5"]), until)
    assert all(one.time <= until and one.settled <= until for each in found for one in each.alerts)
    assert len(found[0].alerts) == (second >= 301)
    view = whole(market)._replace(until=until)
    for shape in drawn(market, view, ASK_SIZE):
        x = shape.x if hasattr(shape, "x") else shape.x1
        assert (x <= until).all()


def test_marks__that_would_lie_on_each_other_are_one() -> None:
    market, condition = sample(), "imbalance@5 > 0.3"
    view = View(*(int(t.astype(np.int64)) for t in market.time_range), market.price_range, 400, 300)
    disc = drawn(market, view, condition)[-1]
    alerts = fired_in(market, conditions_of(condition))[0].alerts
    apart = np.diff(disc.x) * view.width / (view.end - view.begin)
    assert (apart >= 10 - 1e-6).all()
    assert sum(int(words[-1]) for words in disc.told.words) == len(alerts) > len(disc.x) > 3


@pytest.mark.parametrize("young", [None, 1_000], ids=["whole", "in parts"])
@pytest.mark.parametrize("condition", ["imbalance@5 > 0.5", "ofi@1 < -8 every 2s", "added@5 > 24 every 2s"])
def test_market_that_grows__has_the_alerts_of_the_whole(
    condition: str, young: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerted, "REST", 0.0)
    monkeypatch.setattr(alerted, "REARM", 2 * SECOND)
    market, (one,) = Revealed(simulated(), 7.3), conditions_of(condition)
    if young is not None:
        market._replayer = Growing(market._replayer, Growth(young=young))
    seen: list[Alert] = []
    for seconds in (0.4, 1.0, 9.7, 0.1, 21.0, 3.3, 30.0, 12.0):
        market.reveal(seconds)
        alerts = fired_in(market, [one])[0].alerts
        assert [a[:2] for a in alerts[: len(seen)]] == [a[:2] for a in seen]
        assert all(a.until in (-1, b.until) for a, b in zip(seen, alerts))
        seen = alerts
    assert len(seen) >= 3
    assert len(market.spans().parts) == (2 if young else 0)
    spans = market.spans()
    last = alerted._final(market, spans, one)
    assert 0 <= market.last - last < SECOND  # trades come all the time
    times = np.arange(-(-market.begin // one.every), last // one.every + 1) * one.every
    value, _ = known_values(spans, times, one.measure, prints_of(market.trades(), spans), one.every)
    crossings = Crossings(one.holds, -(-alerted.REARM // one.every))
    crossings.feed(times, value)
    assert crossings.alerts == seen


def test_look__costs_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    market, conditions = Revealed(simulated(), 60.0), conditions_of("imbalance@5 > 0.5")
    looked: list[tuple[int, int]] = []

    def counted(spans: Any, times: Any, *rest: Any) -> Any:
        looked.append((len(spans), len(times)))
        return known_values(spans, times, *rest)

    monkeypatch.setattr(alerted, "known_values", counted)
    fired_in(market, conditions)
    fired_in(market, conditions)
    market.reveal(2.0)
    fired_in(market, conditions)
    (all_spans, _), (new_spans, new) = looked
    assert new == 2
    assert new_spans < all_spans / 3


def test_session__that_is_too_long_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerted, "MOST", 10)
    with pytest.raises(SessionError, match="every 10s"):
        fired_in(Market(), conditions_of("mid > 1"))


def test_layer__is_not_offered_but_drawn_where_there_are_conditions(tmp_path: Path) -> None:
    assert "alerts" not in names()
    for name, alerts in (("none", []), ("some", [ASK_SIZE])):
        picture(Market(), tmp_path / f"{name}.png", width=1000, height=600, overlays=[], alerts=alerts)
    images = [np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")) for name in ("none", "some")]
    assert (images[0] != images[1]).any(axis=2).sum() > 500
    (entry,) = overlays()["alerts"].entries_in(scene(Market(), ASK_SIZE), whole(Market()))
    assert (entry.word, entry.colour) == (ASK_SIZE, COLOURS["dark"][0])


def test_picture__refuses_what_is_no_condition(tmp_path: Path) -> None:
    with pytest.raises((SessionError, GridError), match="Did you mean"):
        picture(Market(), tmp_path / "a.png", alerts="imbalnce@5 > 1")
