"""Controls and state, both ways: what a page shows of a state, and what it says of hands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liqmap.app.controls import Controls
from liqmap.app.controls.colour import limits_text, read_limits
from liqmap.app.data.data import Data
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.presets import names
from liqmap.app.state.state import State
from liqmap.render.frames.scale import AUTO
from tests.app.asking import show
from tests.app.choosing import choose, part
from tests.app.picture.test_asked import json_values
from tests.render.market import Market

OTHER: dict[str, Any] = {
    "half_life_s": 120.0, "prune_s": None, "agg": "mean", "row_ticks": 5, "min_size": 2.5,
    "palette": "classic", "scaling": "linear", "cutoffs": (10.0, 90.0), "limits": (1.0, 20.0), "carried": 0.2,
    "carried_shown": "outline", "opacity": 0.5, "stable": False, "bids": False, "asks": False,
    "layers": ["mid", "candles"], "min_trade": 0.5, "panels": ["ladder"],
}  # fmt: skip
SHOWN: dict[str, Any] = OTHER | {"half_life_s": 120 * 10**9, "cutoffs": [10.0, 90.0], "limits": "1 – 20"}
"""The same as a page has it."""

FIRST: dict[str, Any] = {
    "half_life_s": 30 * 10**9, "prune_s": 300 * 10**9, "cutoffs": list(AUTO), "limits": "",
}  # fmt: skip
"""What a page shows of a new state, where that is not what the state says."""

OF_THE_PAGE = {
    "presets", "preset", "preset_to_save", "preset_to_remove", "carry_by", "carry_doubt", "carry_by_view",
    "cutoffs_by_themselves", "measures", "alerts", "presence",
}  # fmt: skip
"""What can be chosen and is no parameter of a state, or not of every market."""


def presets(controls: Controls) -> dict[str, Any]:
    return controls.form.values["presets"]


def test_controls__there_is_one_for_every_choice_of_the_picture() -> None:
    controls = Controls(state=State())
    assert controls.form.values.keys() - OF_THE_PAGE == OTHER.keys()
    parts = json.loads(controls.form.parts)
    named = [p["name"] for p in parts if "name" in p] + [o["name"] for p in parts for o in p.get("of", [])]
    assert len(named) == len(set(named))
    assert set(named) | {"preset", "preset_to_save", "preset_to_remove"} == set(controls.form.values)


@pytest.mark.parametrize("name", OTHER)
def test_control__writes_the_state_and_follows_it(name: str) -> None:
    state, default = State(), State.param[name].default
    controls = Controls(state=state)
    first = FIRST.get(name, default)
    assert controls.form.values[name] == first
    assert choose(controls, **{name: SHOWN[name]}) == []
    assert getattr(state, name) == OTHER[name]
    assert controls.form.shown["values"][name] == SHOWN[name]
    setattr(state, name, default)
    shown = SHOWN[name] if name == "cutoffs" else first  # handles stay until there is a picture
    assert controls.form.shown["values"][name] == shown


@pytest.mark.parametrize("name", OTHER)
def test_control__begins_with_what_the_state_says(name: str) -> None:
    assert Controls(state=State(**{name: OTHER[name]})).form.values[name] == SHOWN[name]


def test_values__say_which_message_was_heard_before_them() -> None:
    """By which a page knows what of its own choices Python has not yet heard of."""
    state = State()
    form = Controls(state=state).form
    form._handle_msg({"id": 0, "kind": "choose", "ask": {"count": 7, "values": {"carried": 0.25}}})
    assert (form.shown["heard"], form.shown["values"]["carried"]) == (7, 0.25)
    state.carried = 0.75
    assert (form.shown["heard"], form.shown["values"]["carried"]) == (7, 0.75)


def test_values__that_stay_are_not_sent_again() -> None:
    state, sent = State(), []
    form = Controls(state=state).form
    form.param.watch(lambda *events: sent.extend(e.name for e in events), ["shown", "looks"])
    choose_it = {"id": 0, "kind": "choose", "ask": {"count": 7, "values": {"carried": state.carried}}}
    form._handle_msg(choose_it)
    assert sent == []
    state.carried = 0.5
    assert sent == ["shown"]


def test_cutoffs__handles_stand_where_the_picture_has_them_and_take_over() -> None:
    data = Data(Market(), State(layers=[]))
    controls = Controls(state=data.state)
    show(data)
    controls.follow(data.shown)
    shown, values, look = data.shown, controls.form.values, controls.form.looks["cutoffs"]
    ends = [shown.sizes.percent(size) for size in (shown.scale.low, shown.scale.high)]
    assert values["cutoffs"] == pytest.approx(ends, abs=0.11)
    assert (data.state.cutoffs, data.state.limits) == (None, None)
    assert (look["sizes"], look["unit"]) == (shown.sizes.at.tolist(), shown.unit)
    assert look["ends"] == [[values["cutoffs"][0], shown.scale.low], [values["cutoffs"][1], shown.scale.high]]
    assert values["cutoffs_by_themselves"]
    data.state.limits = (1.0, 2.0)
    assert not controls.form.values["cutoffs_by_themselves"]
    choose(controls, cutoffs=[20.0, 80.0])
    assert (data.state.cutoffs, data.state.limits) == ((20.0, 80.0), None)
    assert not controls.form.values["cutoffs_by_themselves"]
    choose(controls, cutoffs_by_themselves=True)
    assert (data.state.cutoffs, data.state.limits) == (None, None)
    choose(controls, cutoffs_by_themselves=False)
    assert data.state.cutoffs == (20.0, 80.0)


def test_presets__are_taken_and_recognised() -> None:
    state = State()
    controls = Controls(state=state)
    state.half_life_s = 120.0
    assert presets(controls)["name"] == "custom"
    state.param.update(half_life_s=None, prune_s=None)
    assert presets(controls)["name"] == "extended market depth"
    choose(controls, preset="as transmitted")
    assert (state.half_life_s, state.prune_s) == (30.0, 0.0)
    assert presets(controls)["name"] == "as transmitted"


def test_controls__show_what_code_has_chosen() -> None:
    """Also where no option has it: the page offers it then."""
    state = State(half_life_s=17.5, row_ticks=7)
    controls = Controls(state=state)
    assert controls.form.values["half_life_s"] == 17_500_000_000
    assert controls.form.values["row_ticks"] == 7
    state.param.update(prune_s=1234.0, row_ticks=9, palette="viridis")
    assert controls.form.values["prune_s"] == 1234 * 10**9
    assert (controls.form.values["row_ticks"], controls.form.values["palette"]) == (9, "viridis")
    assert part(controls, "row_ticks")["unit"] == " ticks"
    assert choose(controls, row_ticks=7) == []


@pytest.mark.parametrize("text", ["5", "5 2", "a b", "1 2 3", "-1 2", "1 inf", "nan 2"])
def test_limits__what_cannot_be_read_is_taken_back(text: str) -> None:
    state = State(limits=(0.5, 20.0))
    said: list[str] = []
    controls = Controls(state=state, say=said.append)
    assert choose(controls, limits=text) == ["limits"]
    assert said == [f"cut-offs, size: expected two sizes that rise, such as 0.5 20, or nothing, got {text!r}"]
    assert state.limits == (0.5, 20.0)
    assert controls.form.values["limits"] == "0.5 – 20"
    with pytest.raises(ValueError):  # noqa: PT011 (of float() or ours)
        read_limits(text)


@pytest.mark.parametrize("text", ["1 20", "1,20", " 1 – 20 ", "1.0, 2e1"])
def test_limits__are_read_as_people_write_them(text: str) -> None:
    assert read_limits(text) == (1.0, 20.0)
    assert read_limits(limits_text((1.0, 20.0))) == (1.0, 20.0)
    assert read_limits(limits_text(None)) is None
    state = State()
    controls = Controls(state=state)
    choose(controls, limits=text)
    assert state.limits == (1.0, 20.0)
    assert choose(controls, limits=text) == ["limits"]  # spelled as liqmap does, again


WRONG = [
    ("half_life_s", 0, "half-life: expected ns, or None, got 0"),
    ("half_life_s", "auto", "half-life: expected ns, or None, got 'auto'"),
    ("prune_s", -1, "prune: expected ns, or None, got -1"),
    ("agg", "median", "aggregate: expected one of mean, peak, last, got 'median'"),
    ("row_ticks", 0, "row: expected a whole number of ticks from 1 to 1e+09, or auto, got 0"),
    ("row_ticks", True, "row: expected a whole number of ticks from 1 to 1e+09, or auto, got True"),
    ("min_size", -1, "smallest size: expected a number from 0 to 1e+18, got -1"),
    ("cutoffs", [90, 10], "cut-offs: expected two percentiles that rise, from 0 to 100, got [90, 10]"),
    ("cutoffs", [-1, 10], "cut-offs: expected two percentiles that rise, from 0 to 100, got [-1, 10]"),
    ("carried", 1.5, "strength of carried: expected a number from 0 to 1, got 1.5"),
    ("bids", 1, "bids: expected on or off, got 1"),
    (
        "layers",
        ["bbo", "<b>"],
        "layers: expected some of bbo, mid, bubbles, candles, trust, vwap, poc, footprint, stacking, "
        "got ['bbo', '<b>']",
    ),
    ("carry_by_view", None, "by what is in view (auto): expected on or off, got None"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_choice__that_no_page_has_is_refused_in_words(name: str, value: Any, words: str) -> None:
    state, said = State(), []
    before = query_of(state)
    controls = Controls(state=state, say=said.append)
    assert choose(controls, **{name: value}) == [name]
    assert said == [words]
    assert query_of(state) == before


def test_choices__that_can_be_taken_are_where_others_cannot() -> None:
    state, said = State(), []
    controls = Controls(state=state, say=said.append)
    assert choose(controls, carried=9, opacity=0.5) == ["carried"]
    assert (state.opacity, len(said)) == (0.5, 1)


VALUES = st.dictionaries(st.sampled_from([*OTHER, *sorted(OF_THE_PAGE), "market", "files", ""]), json_values)


@given(VALUES | json_values, st.integers() | json_values)
@example({"half_life_s": 10**400}, 1)
@example({"prune_s": 1e308}, 1)
@example({"cutoffs": [0, 10**400]}, 1)
@example({"layers": [["bbo"]]}, 1)
@example({"preset": ["default"]}, 1)
@example({"preset": "walls"}, 10**400)
@settings(deadline=None)
def test_message__whatever_it_is_leaves_a_state_that_can_be_drawn(values: Any, count: Any) -> None:
    """A state that its own link gives back, and words for what is refused."""
    state, said = State(), []
    form = Controls(state=state, say=said.append, keep=False).form
    form._handle_msg({"id": 0, "kind": "choose", "ask": {"count": count, "values": values}})
    form._handle_msg({"id": 0, "kind": "choose", "ask": values})
    again, notices = state_of(query_of(state))
    assert (query_of(again), notices) == (query_of(state), [])
    assert all(0 < len(words) < 300 for words in said)
    json.dumps(form.shown)


def test_preset__of_the_users_own_is_kept_and_taken() -> None:
    state = State(half_life_s=120.0, prune_s=None, layers=["candles"], limits=(0.5, 20.0), theme="light")
    controls = Controls(state=state)
    choose(controls, preset_to_save="walls")
    assert presets(controls)["name"] == "walls"
    state.param.update(half_life_s=30.0, prune_s=300.0, layers=[], limits=None, theme="dark")
    assert presets(controls)["name"] == "default"
    again = Controls(state=(other := State()))
    assert "walls" in presets(again)["names"]
    choose(again, preset="walls")
    assert query_of(other) == "half_life=2min&prune=none&limits=0.5,20&layers=candles&theme=light"
    assert query_of(state_of("preset=walls&opacity=0.5")[0]) == query_of(other).replace(
        "&layers", "&opacity=0.5&layers"
    )


def test_preset__of_the_users_own_is_removed() -> None:
    state = State(scaling="linear")
    mine = Controls(state=state)
    assert presets(mine)["own"] == []
    choose(mine, preset_to_save="mine")
    assert (presets(mine)["own"], presets(mine)["name"]) == (["mine"], "mine")
    choose(mine, preset="default")  # changes nothing of the state but the carry
    choose(mine, preset="mine")
    choose(mine, preset_to_remove="mine")
    assert "mine" not in presets(mine)["names"]
    assert state.scaling == "linear"  # the picture stays as it is


def test_preset__of_prune_0_or_as_another_can_be_chosen_and_removed() -> None:
    one = Controls(state=State(prune_s=0.0, scaling="linear"))
    choose(one, preset_to_save="first")
    choose(one, preset_to_save="second")
    fresh = Controls(state=State())
    for name in ("second", "first"):
        choose(fresh, preset=name)
        assert presets(fresh)["name"] == name
        choose(fresh, preset_to_remove=name)
        assert name not in presets(fresh)["names"]


def test_preset__that_another_removed_is_reported() -> None:
    one, other = (Controls(state=State(scaling="linear")) for _ in range(2))
    choose(one, preset_to_save="mine")
    choose(other, preset_to_remove="mine")
    choose(one, preset_to_remove="mine")
    assert presets(one)["message"].startswith("preset: expected one of your own")
    assert "mine" not in presets(one)["names"]
    choose(one, preset="mine")
    assert presets(one)["message"].startswith("preset: expected one of by view, default")
    assert presets(one)["name"] == "default"
    one.state.carried = 0.5
    assert presets(one)["message"] == ""


def test_presets__of_a_server_for_reading_stay_as_they_are() -> None:
    mine = Controls(state=State(scaling="linear"))
    choose(mine, preset_to_save="mine")
    reader = Controls(state=State(scaling="linear"), keep=False)
    assert presets(reader)["name"] == "mine"
    assert not presets(reader)["keep"]
    choose(reader, preset_to_save="theirs")  # as no page of it can
    choose(reader, preset_to_remove="mine")
    assert "mine" in names()
    assert "theirs" not in names()


def test_preset__that_cannot_be_kept_is_reported() -> None:
    controls = Controls(state=State())
    choose(controls, preset_to_save="default")
    assert presets(controls)["message"].startswith("preset: expected a name other than")


def test_presets__that_cannot_be_kept_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / "file" / "folder"))
    (tmp_path / "file").write_text("in the way")
    controls = Controls(state=State(scaling="linear"))
    choose(controls, preset_to_save="mine")
    assert "expected a place to keep presets" in presets(controls)["message"]
    choose(controls, preset_to_save="custom")
    assert "expected a name other than" in presets(controls)["message"]
    assert presets(controls)["names"].count("custom") == 0


def test_opacity__says_what_candles_make_of_it() -> None:
    state = State(layers=["candles"])
    form = Controls(state=state).form
    assert form.looks["opacity"] == {"words": "0.4 under candles"}
    state.theme = "light"
    assert form.looks["opacity"] == {"words": "0.65 under candles"}
    without = Controls(state=state, has_trades=lambda: False).form
    assert "opacity" not in without.looks
    state.opacity = 0.7
    assert "opacity" not in form.looks
    state.param.update(opacity=1.0, layers=[])
    assert "opacity" not in form.looks


def test_panels__are_not_offered_before_and_after() -> None:
    state = State(view="before and after", panels=["ladder"])
    form = Controls(state=state).form
    assert form.looks["panels"] == {"disabled": True, "title": "Not in the view before and after"}
    state.view = "carried"
    assert "panels" not in form.looks
    assert state.panels == ["ladder"]
