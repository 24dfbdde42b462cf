"""Panels and measures as they are chosen: switches, a field, links, the layout and the shapes of a page."""

from __future__ import annotations

import pytest

from liqmap.app.controls import Controls
from liqmap.app.data.data import Data
from liqmap.app.main import explore
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State
from liqmap.app.views.heatmap import Heatmap
from liqmap.schema import SessionError
from tests.app.asking import shapes_of
from tests.app.choosing import choose
from tests.render.market import Market


def test_switches__turn_panels_and_usual_measures_on_and_keep_what_was_typed() -> None:
    state = State(panels=["depth@7"])
    controls = Controls(state=state)
    assert controls.form.values["measures"] == "depth@7"
    assert choose(controls, panels=["delta", "imbalance@5"]) == []
    assert state.panels == ["delta", "imbalance@5", "depth@7"]
    assert choose(controls, panels=["imbalance@5"]) == []
    assert state.panels == ["imbalance@5", "depth@7"]
    assert choose(controls, panels=[]) == []
    assert state.panels == ["depth@7"]


def test_field__takes_measures_in_words_and_keeps_panels() -> None:
    state = State(panels=["ladder", "imbalance@5"])
    controls = Controls(state=state)
    assert choose(controls, measures="mid, spread_bps") == []
    assert state.panels == ["ladder", "mid", "spread_bps"]
    assert choose(controls, measures=" spread_bps,depth@10bps ; mid") == ["measures"]  # which says it so:
    assert state.panels == ["ladder", "spread_bps", "depth@10bps", "mid"]
    assert controls.form.values["measures"] == "spread_bps, depth@10bps, mid"
    assert controls.form.values["panels"] == ["ladder"]
    assert choose(controls, measures="") == []
    assert state.panels == ["ladder"]


def test_field__answers_a_name_that_there_is_not_with_the_nearest() -> None:
    state, said = State(panels=["ladder"]), []
    controls = Controls(state=state, say=said.append)
    assert choose(controls, measures="spread_bps, imbalanc@3") == ["measures"]
    assert "Did you mean 'imbalance@3'" in said[0]
    assert state.panels == ["ladder"]


@pytest.mark.parametrize("names", [["imbalance@5"], ["delta", "spread_bps", "depth@10bps"]])
def test_link__holds_measures(names: list[str]) -> None:
    query = query_of(State(panels=names))
    assert query == "panels=" + ",".join(names)
    state, notices = state_of(query)
    assert (state.panels, notices) == (names, [])


def test_link__with_a_name_that_there_is_not_says_the_nearest() -> None:
    state, (notice,) = state_of("panels=delta,imbalnce@5")
    assert state.panels == []
    assert "Did you mean 'imbalance@5'?" in notice
    assert "measures such as imbalance@5" in notice


def test_explore__takes_measures_among_panels() -> None:
    assert explore(Market(), panels=["imbalance@5", "delta"]).state.panels == ["imbalance@5", "delta"]
    with pytest.raises(SessionError, match=r"Did you mean 'imbalance@5'"):
        explore(Market(), panels=["imbalance@five"])


def test_page__lays_out_panes_and_is_answered_their_shapes() -> None:
    data = Data(Market(), State(panels=["imbalance@5", "delta", "spread_bps"]))
    layout = Heatmap(data=data)._layout()["panels"]
    assert [(one["name"], one["shares"]) for one in layout] == [
        ("delta", "time"), ("imbalance@5", "time"), ("spread_bps", "time"),
    ]  # fmt: skip
    sent = shapes_of(data)["panels"]
    assert sent["imbalance@5"]["axis"]["label"] == "imbalance@5"
    assert sent["spread_bps"]["axis"]["label"] == "spread_bps"
