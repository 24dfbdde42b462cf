"""Widgets and state, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from liqmap.app import presets
from liqmap.app.controls import Controls
from liqmap.app.controls.colour import limits_text, read_limits
from liqmap.app.state import State

OTHER: dict[str, Any] = {
    "half_life_s": 120.0, "prune_s": None, "agg": "mean", "row_ticks": 5, "min_size": 2.5,
    "palette": "classic", "scaling": "linear", "cutoffs": (10.0, 90.0), "limits": (1.0, 20.0), "carried": 0.2,
    "carried_shown": "outline", "opacity": 0.5, "stable": False, "bids": False, "asks": False,
    "layers": ["mid", "candles"], "panels": ["ladder"],
}  # fmt: skip


def test_controls__there_is_one_for_every_choice_of_the_picture() -> None:
    assert Controls(state=State()).bound.keys() == OTHER.keys()


@pytest.mark.parametrize("name", OTHER)
def test_control__writes_the_state_and_follows_it(name: str) -> None:
    state, default = State(), State.param[name].default
    bound = Controls(state=state).bound[name]
    assert bound.of_widget(bound.widget.value) == default
    bound.widget.value = bound.to_widget(OTHER[name])
    assert getattr(state, name) == OTHER[name]
    setattr(state, name, default)
    assert bound.widget.value == bound.to_widget(default)


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
    bound = Controls(state=state).bound["limits"]
    bound.widget.value = text
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
    assert other.query() == "half_life=2min&prune=none&limits=0.5,20&layers=candles&theme=light"
    assert State.from_query("preset=walls&opacity=0.5")[0].query() == other.query().replace(
        "&layers", "&opacity=0.5&layers"
    )


def test_preset__of_the_users_own_is_removed() -> None:
    state = State(scaling="linear")
    controls = Controls(state=state)
    assert not controls.presets.remover.visible
    controls.presets.name_field.value = "mine"
    assert controls.presets.remover.visible
    assert not controls.presets.button.visible  # it is saved already
    controls.presets.remover.clicks += 1
    assert "mine" not in controls.presets.select.options
    assert state.scaling == "linear"  # the picture stays as it is
    assert not controls.presets.remover.visible
    other = Controls(state=State(), keep=False)
    other.presets.name_field.value = "theirs"
    assert not other.presets.remover.visible


def test_preset__that_is_gone_cannot_be_removed_again() -> None:
    controls = Controls(state=State(scaling="linear"))
    controls.presets.name_field.value = "mine"
    presets.remove("mine")
    controls.presets.remover.clicks += 1
    assert controls.presets.name_field.placeholder.startswith("preset: expected one of your own")
    assert "mine" not in controls.presets.select.options


def test_preset__that_cannot_be_kept_is_told() -> None:
    controls = Controls(state=State())
    controls.presets.name_field.value = "default"
    assert controls.presets.name_field.placeholder.startswith("preset: expected a name other than")
    assert controls.presets.name_field.visible
    assert not Controls(state=State(), keep=False).presets.button.visible


def test_presets__that_cannot_be_kept_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / "file" / "folder"))
    (tmp_path / "file").write_text("in the way")
    presets = Controls(state=State(scaling="linear")).presets
    presets.name_field.value = "mine"
    assert "expected a place to keep presets" in presets.name_field.placeholder
    presets.name_field.value = "custom"
    assert "expected a name other than 'custom'" in presets.name_field.placeholder
    assert presets.select.options.count("custom") == 1
