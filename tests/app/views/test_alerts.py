"""Alerts as they are chosen, linked, listed and marked: of a session, of a play, of a market that grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from liqmap.app.controls import Controls
from liqmap.app.data.alerted import listed
from liqmap.app.data.data import Data
from liqmap.app.main import explore
from liqmap.app.picture.choice import choice_of
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State
from liqmap.app.views import Alerts, Heatmap
from liqmap.app.views.legend import Legend
from liqmap.render.marks import alerted
from liqmap.schema import GridError, LiqmapError, SessionError
from tests.app.asking import ask_of, shapes_of, t
from tests.app.choosing import choose
from tests.app.live_market import Revealed, simulated
from tests.render.market import SECOND, Market

ASK = "ask_depth@1 > 2.5"
"""Of `Market`: 2 until 300 s, 5 until 400 s, then 3."""

MORE = "ask_depth@1 > 4"
"""Of `Market`: from 300 s to 400 s."""


def rows(view: Alerts) -> list[list[str]]:
    return [row["words"] for row in view.form.values["alerts"]["rows"]]


def note(view: Alerts) -> str:
    return str(view.form.values["alerts"]["note"])


@pytest.mark.parametrize("wanted", [[ASK], ["imbalance@5 > 0.6", "ofi@1 < -50 every 10s"]])
def test_link__holds_conditions(wanted: list[str]) -> None:
    query = query_of(State(alerts=wanted))
    assert query.startswith("alerts=")
    assert " " not in query
    assert [state_of(query)[0].alerts, state_of(query)[1]] == [wanted, []]
    assert query_of(State()) == ""


def test_link__reads_as_people_write() -> None:
    state, notices = state_of("alerts=imbalance@5>0.6,spread_bps >= 2,ofi@1<-50+every+10s")
    assert notices == []
    assert state.alerts == ["imbalance@5 > 0.6", "spread_bps >= 2", "ofi@1 < -50 every 10s"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("imbalnce@5>1", "Did you mean imbalance@5?"), ("0.6<mid", "Did you mean 'mid > 0.6'?"),
        ("&&", "conditions such as imbalance@5>0.6 with commas between, or none"),
        (",".join(f"mid>{k}" for k in range(9)), "conditions such as"),
    ],
)  # fmt: skip
def test_link__with_nonsense_says_what_would_have_been_right(text: str, words: str) -> None:
    from urllib.parse import quote

    state, (notice,) = state_of(f"alerts={quote(text)}")
    assert state.alerts == []
    assert words in notice
    assert notice.startswith("alerts: expected ")


def test_explore__takes_conditions() -> None:
    assert explore(Market(), alerts=[ASK]).state.alerts == [ASK]
    with pytest.raises(SessionError, match=r"Did you mean imbalance@5"):
        explore(Market(), alerts=["imbalnce@5 > 1"])


def test_field__takes_conditions_in_words_and_refuses_what_is_none() -> None:
    state, said = State(), []
    controls = Controls(state=state, say=said.append)
    assert choose(controls, alerts="mid>500.1,  spread < 3 ") == ["alerts"]  # which says it so:
    assert controls.form.values["alerts"] == "mid > 500.1, spread < 3"
    assert choose(controls, alerts="mid") == ["alerts"]
    assert "a measure, one of >" in said[0]
    assert state.alerts == ["mid > 500.1", "spread < 3"]
    assert choose(controls, alerts="") == []
    assert state.alerts == []


def test_list__has_the_latest_first_and_is_there_while_there_are_conditions() -> None:
    data = Data(Market(), State())
    view = Alerts(data=data)
    assert not view.form.visible
    data.state.alerts = [ASK, MORE, "mid > 400"]
    assert view.form.visible
    assert rows(view) == [
        ["12:05:01", ASK, "5", "not over"], ["12:05:01", MORE, "5", "for 100 s"],
        ["12:00:01", "mid > 400", "500", "not over"],
    ]  # fmt: skip
    assert view.form.values["alerts"]["count"] == 3
    data.state.time_zone = "Asia/Tokyo"
    assert rows(view)[0][0] == "21:05:01"
    data.state.alerts = []
    assert not view.form.visible


def test_list__says_when_there_are_none_or_none_can_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(Market(), State(alerts=["mid > 1000"]))
    view = Alerts(data=data)
    assert (rows(view), note(view)) == ([], "none so far")
    data.state.alerts = ["depth@7 > 1"]
    assert note(view) == "depth@7: never known in full, at most 29 %"
    monkeypatch.setattr(alerted, "MOST", 10)
    data.state.alerts = ["mid > 12"]
    assert "every 10s" in note(view)


@pytest.mark.parametrize("second", [150, 300, 301, 350, 405, 415])
def test_play__lists_and_marks_nothing_of_later(second: int) -> None:
    data = Data(Market(), State(alerts=[ASK, MORE], at=t(second), start=t(100), end=t(second)))
    view = Alerts(data=data)
    expected = (
        [] if second < 301 else [["12:05:01", ASK, "5", "not over"], ["12:05:01", MORE, "5", "not over"]]
    )
    if second >= 410:  # ten seconds after it held last
        expected[1][-1] = "for 100 s"
    assert rows(view) == expected
    sent = shapes_of(data)["overlays"]["alerts"]
    assert all(max(shape["x"], default=0) <= second * SECOND + 12 * 3600 * SECOND for shape in of_discs(sent))
    data.state.param.update(at=t(550), end=t(550))
    assert rows(view)[1][-1] == "for 100 s"


def of_discs(wired: list[Any]) -> list[dict[str, Any]]:
    return [
        {"x": np.frombuffer(one["x"], np.float64) if isinstance(one["x"], bytes) else one["x"]}
        for one in wired
        if "radius" in one
    ]


def test_press__brings_an_alert_into_view_and_rests_the_play() -> None:
    data = Data(Market(), State(alerts=[ASK], at=t(500), start=t(450), end=t(500), playing=True))
    view = Alerts(data=data)
    (row,) = view.form.values["alerts"]["rows"]
    view.form.hear("press", {"name": row["key"]})
    begin, end = data.time_range
    assert begin < t(301) < end
    assert end - begin == np.timedelta64(50, "s")
    assert (data.state.playing, data.state.at) == (False, t(500))
    with pytest.raises(GridError, match="an alert that is listed"):
        view.form.hear("press", {"name": "9:9"})
    with pytest.raises(LiqmapError):
        view.form.hear("press", {})


def test_page__is_told_of_conditions_and_marks_them_in_layer_and_legend() -> None:
    data = Data(Market(), State(layers=[]))
    heatmap, _ = Heatmap(data=data), Alerts(data=data)
    assert (heatmap.picture.choice["alerts"], heatmap.picture.choice["alertsOf"]) == (False, [])
    data.state.alerts = [ASK]
    assert heatmap.picture.choice == choice_of(data)
    assert (heatmap.picture.choice["alerts"], heatmap.picture.choice["alertsOf"]) == (
        True,
        ["ask_depth@1>2.5"],
    )
    assert "alerts" in shapes_of(data)["overlays"]
    heatmap.answers.answer("frame", ask_of(data))
    heatmap.answers.settle()
    assert ASK.replace(">", "&gt;") in Legend(data=data).words(data.shown)


def test_market_that_grows__lists_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(market := Revealed(simulated(), 5.0), State(alerts=["imbalance@5 > 0.5"]))
    view, heatmap = Alerts(data=data), Heatmap(data=data)
    seen = rows(view)
    of = view.form.values["alerts"]["of"]
    for _ in range(6):
        market.reveal(15.0)
        data.session.growth.update()
        heatmap._hear("growth", {"have": 0})
        now = rows(view)
        assert [row[:3] for row in now[len(now) - len(seen) :]] == [row[:3] for row in seen]
        seen = now
    assert len(seen) >= 3
    assert seen[0][0] > seen[1][0]
    assert view.form.values["alerts"]["of"] == of  # so that the page knows which are new
    assert len(listed(view._found, data).rows) == len(seen)
