"""Widgets and state, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from liqmap.app.controls import Controls
from liqmap.app.controls.colour import PLAIN, limits_text, opacity_slider, read_limits
from liqmap.app.data.data import Data
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.presets import names
from liqmap.app.state.state import State
from liqmap.render.frames.scale import AUTO
from tests.app.asking import show
from tests.render.market import Market

OTHER: dict[str, Any] = {
    "half_life_s": 120.0, "prune_s": None, "agg": "mean", "row_ticks": 5, "min_size": 2.5,
    "palette": "classic", "scaling": "linear", "cutoffs": (10.0, 90.0), "limits": (1.0, 20.0), "carried": 0.2,
    "carried_shown": "outline", "opacity": 0.5, "stable": False, "bids": False, "asks": False,
    "layers": ["mid", "candles"], "min_trade": 0.5, "panels": ["ladder"],
}  # fmt: skip


def test_controls__there_is_one_for_every_choice_of_the_picture() -> None:
    assert Controls(state=State()).bound.keys() == OTHER.keys()


@pytest.mark.parametrize("name", OTHER)
def test_control__writes_the_state_and_follows_it(name: str) -> None:
    state, default = State(), State.param[name].default
    bound = Controls(state=state).bound[name]
    assert bound.of_widget(bound.widget.value) == (AUTO if name == "cutoffs" else default)
    bound.widget.value = bound.to_widget(OTHER[name])
    assert getattr(state, name) == OTHER[name]
    setattr(state, name, default)
    assert bound.widget.value == bound.to_widget(default)


def test_cutoffs__handles_stand_where_the_picture_has_them_and_take_over() -> None:
    market = Market()
    data = Data(market, State(layers=[]))
    controls = Controls(state=data.state)
    show(data)
    controls.follow(data.shown)
    bound, shown = controls.bound["cutoffs"], data.shown
    ends = [shown.sizes.percent(size) for size in (shown.scale.low, shown.scale.high)]
    assert bound.widget.value == pytest.approx(ends, abs=0.11)
    assert (data.state.cutoffs, data.state.limits) == (None, None)
    assert bound.widget.format.args["at"] == shown.sizes.at.tolist()
    auto = bound.show[1]
    assert auto.value
    assert [end for _, end in bound.widget.format.args["ends"]] == [shown.scale.low, shown.scale.high]
    data.state.limits = (1.0, 2.0)
    assert not auto.value
    bound.widget.value = (20.0, 80.0)
    assert (data.state.cutoffs, data.state.limits, auto.value) == ((20.0, 80.0), None, False)
    auto.value = True
    assert (data.state.cutoffs, data.state.limits) == (None, None)


@pytest.mark.parametrize("name", OTHER)
def test_control__begins_with_what_the_state_says(name: str) -> None:
    bound = Controls(state=State(**{name: OTHER[name]})).bound[name]
    assert bound.of_widget(bound.widget.value) == OTHER[name]


def test_presets__are_taken_and_recognised() -> None:
    state = State()
    controls = Controls(state=state)
    state.half_life_s = 120.0
    assert controls.presets.select.value == "custom"
    state.param.update(half_life_s=None, prune_s=None)
    assert controls.presets.select.value == "extended market depth"
    controls.presets.select.value = "as transmitted"
    assert (state.half_life_s, state.prune_s) == (30.0, 0.0)


def test_controls__offer_what_code_has_chosen() -> None:
    state = State(half_life_s=17.5, row_ticks=7)
    controls = Controls(state=state)
    assert controls.bound["half_life_s"].widget.value == 17.5
    assert controls.bound["row_ticks"].widget.options["7 ticks"] == 7
    state.param.update(prune_s=1234.0, row_ticks=9)
    assert controls.bound["prune_s"].widget.value == 1234.0
    assert controls.bound["row_ticks"].widget.value == 9
    values = list(controls.bound["prune_s"].widget.options.values())
    assert values[-1] is None
    assert values[:-1] == sorted(values[:-1])


@pytest.mark.parametrize("text", ["5", "5 2", "a b", "1 2 3", "-1 2", "1 inf", "nan 2"])
def test_limits__what_cannot_be_read_is_taken_back(text: str) -> None:
    state = State(limits=(0.5, 20.0))
    said: list[str] = []
    bound = Controls(state=state, say=said.append).bound["limits"]
    bound.widget.value = text
    assert said == [f"cut-offs, size: expected two sizes that rise, such as 0.5 20, or nothing, got {text!r}"]
    assert state.limits == (0.5, 20.0)
    assert bound.widget.value == "0.5 – 20"
    with pytest.raises(ValueError):  # noqa: PT011 (of float() or ours)
        read_limits(text)


@pytest.mark.parametrize("text", ["1 20", "1,20", " 1 – 20 ", "1.0, 2e1"])
def test_limits__are_read_as_people_write_them(text: str) -> None:
    assert read_limits(text) == (1.0, 20.0)
    assert read_limits(limits_text((1.0, 20.0))) == (1.0, 20.0)
    assert read_limits(limits_text(None)) is None


def test_preset__of_the_users_own_is_kept_and_taken() -> None:
    state = State(half_life_s=120.0, prune_s=None, layers=["candles"], limits=(0.5, 20.0), theme="light")
    controls = Controls(state=state)
    controls.presets.name_field.value = "walls"
    assert controls.presets.select.value == "walls"
    state.param.update(half_life_s=30.0, prune_s=300.0, layers=[], limits=None, theme="dark")
    assert controls.presets.select.value == "default"
    again = Controls(state=(other := State()))
    assert "walls" in again.presets.select.options
    again.presets.select.value = "walls"
    assert query_of(other) == "half_life=2min&prune=none&limits=0.5,20&layers=candles&theme=light"
    assert query_of(state_of("preset=walls&opacity=0.5")[0]) == query_of(other).replace(
        "&layers", "&opacity=0.5&layers"
    )


def test_preset__of_the_users_own_is_removed_at_the_second_click() -> None:
    state = State(scaling="linear")
    mine = Controls(state=state).presets
    assert not mine.remover.visible
    mine.name_field.value = "mine"
    assert (mine.remover.visible, mine.saver.visible) == (True, False)  # it is saved already
    mine.remover.clicks += 1
    assert (mine.remover.label, "mine" in mine.select.options) == ("sure?", True)
    mine.select.value = "default"  # changes nothing of the state, but whose preset it is
    assert (mine.remover.visible, mine.saver.visible) == (False, True)
    mine.select.value = "mine"
    assert mine.remover.label == "remove"
    mine.remover.clicks += 1
    mine.remover.clicks += 1
    assert "mine" not in mine.select.options
    assert state.scaling == "linear"  # the picture stays as it is
    assert (mine.remover.visible, mine.saver.visible) == (False, True)


def test_preset__of_prune_0_or_as_another_can_be_chosen_and_removed() -> None:
    one = Controls(state=State(prune_s=0.0, scaling="linear")).presets
    one.name_field.value = "first"
    one.name_field.value = "second"
    fresh = Controls(state=State()).presets
    for name in ("second", "first"):
        fresh.select.value = name
        assert fresh.select.value == name
        fresh.remover.clicks += 1
        fresh.remover.clicks += 1
        assert name not in fresh.select.options


def test_preset__that_another_removed_is_reported() -> None:
    one, other = (Controls(state=State(scaling="linear")).presets for _ in range(2))
    one.name_field.value = "mine"
    other._follow()
    for _ in range(2):
        other.remover.clicks += 1
    one.remover.clicks += 1
    one.remover.clicks += 1
    assert one.message.visible
    assert one.message.object.startswith("preset: expected one of your own")
    assert "mine" not in one.select.options
    one.select.options = [*one.select.options, "mine"]  # as a page has it that was not told
    one.select.value = "mine"
    assert one.message.object.startswith("preset: expected one of by view, default")
    assert one.select.value == "default"


def test_presets__of_a_server_for_reading_stay_as_they_are() -> None:
    mine = Controls(state=State(scaling="linear")).presets
    mine.name_field.value = "mine"
    reader = Controls(state=State(scaling="linear"), keep=False).presets
    assert reader.select.value == "mine"
    assert not reader.saver.visible
    assert not reader.remover.visible
    assert not reader.name_field.visible
    reader.name_field.value = "theirs"  # as no page of it can
    reader.remover.clicks += 1
    reader.remover.clicks += 1
    assert "mine" in names()
    assert "theirs" not in names()


def test_preset__that_cannot_be_kept_is_reported() -> None:
    controls = Controls(state=State()).presets
    controls.saver.clicks += 1
    controls.name_field.value = "default"
    assert controls.message.object.startswith("preset: expected a name other than")
    assert controls.message.visible
    assert controls.name_field.visible


def test_presets__that_cannot_be_kept_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / "file" / "folder"))
    (tmp_path / "file").write_text("in the way")
    presets = Controls(state=State(scaling="linear")).presets
    presets.name_field.value = "mine"
    assert "expected a place to keep presets" in presets.message.object
    presets.name_field.value = "custom"
    assert "expected a name other than" in presets.message.object
    assert presets.select.options.count("custom") == 1


def test_opacity__says_what_candles_make_of_it() -> None:
    state = State(layers=["candles"])
    bound = opacity_slider(state)
    model = bound.widget.get_root()
    assert bound.widget.format.format == "0.4 under candles"
    state.theme = "light"
    assert bound.widget.format.format == "0.65 under candles"
    state.opacity = 0.7
    assert model.format == PLAIN
    state.param.update(opacity=1.0, layers=[])
    assert (model.format, model.value) == (PLAIN, 1.0)


def test_panels__are_not_offered_before_and_after() -> None:
    state = State(view="before and after", panels=["ladder"])
    widget = Controls(state=state).bound["panels"].widget
    assert widget.disabled
    assert widget.description == "Not in the view before and after"
    state.view = "carried"
    assert not widget.disabled
    assert widget.description is None
    assert state.panels == ["ladder"]


@pytest.mark.parametrize(("query", "words"), [("half_life=37s", "37 s"), ("half_life=1ns", "1 ns"),
                                              ("half_life=100min", "100 min")])  # fmt: skip
def test_stop__of_a_link_has_a_unit(query: str, words: str) -> None:
    slider = Controls(state=state_of(query)[0]).bound["half_life_s"].widget
    assert words in slider.options
    assert slider.options[words] == slider.value
