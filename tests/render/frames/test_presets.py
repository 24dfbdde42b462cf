"""Presets: liqmap's own, the user's on disk, and what heatmap makes of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.presets import (
    CHOICES,
    PRESETS,
    Unsaid,
    check_choices,
    merged,
    presets,
    presets_path,
    remove_preset,
    save_preset,
)
from liqmap.render.marks.drawing import Drawing
from liqmap.render.png.picture import picture
from liqmap.schema import GridError, LiqmapError
from tests.render.market import Market


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / "config"))
    return tmp_path


def test_presets__are_those_of_the_design() -> None:
    assert lm.PRESETS is PRESETS
    assert presets() == PRESETS
    assert PRESETS["default"] == {"half_life": "30s", "prune": "5min"}
    assert PRESETS["extended market depth"] == {"half_life": None, "prune": None}
    assert PRESETS["as transmitted"]["prune"] == "0s"


def test_presets__of_the_user_are_kept_and_forgotten() -> None:
    path = save_preset("walls", half_life="10min", palette="classic", cutoffs=(60, 99), overlays=["candles"])
    assert path == presets_path()
    save_preset("night", theme="dark")
    assert list(presets()) == [*PRESETS, "walls", "night"]
    assert presets()["walls"]["overlays"] == ["candles"]
    remove_preset("walls")
    assert list(presets()) == [*PRESETS, "night"]
    with pytest.raises(GridError, match="preset: expected one of your own"):
        remove_preset("walls")


def test_presets__saved_at_the_same_moment_are_all_kept() -> None:
    names = [f"preset {k}" for k in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(save_preset, half_life="1min"), names))
        assert set(presets()) == {*PRESETS, *names}
        list(pool.map(remove_preset, names))
    assert presets() == PRESETS
    assert {p.name for p in presets_path().parent.iterdir()} == {"presets.json", ".presets.json.lock"}


def test_preset__takes_the_place_of_arguments_and_of_parts_of_the_look() -> None:
    save_preset("walls", half_life=None, palette="classic", cutoffs=(60, 99), overlays=["candles"])
    given = {"half_life": Unsaid("5s"), "prune": "1min", "look": DEFAULT}
    got = merged(given, "walls")
    assert (got["half_life"], got["prune"], got["overlays"]) == (None, "1min", ("candles",))
    assert (got["look"].palette, got["look"].cutoffs, got["look"].theme) == ("classic", (60, 99), "dark")


@pytest.mark.parametrize("said", [{"half_life": "30s"}, {"prune": None}, {"carry": lm.HOLD}])
def test_preset__is_refused_beside_what_it_has(said: dict, tmp_path: Path) -> None:
    name = next(iter(said))
    for draw in (lm.heatmap, lambda market, **given: picture(market, tmp_path / "a.png", **given)):
        with pytest.raises(GridError, match=f"{name}: expected none beside preset='default'"):
            draw(Market(), preset="default", **said)
    assert not (tmp_path / "a.png").exists()


def test_preset__is_refused_beside_a_look_that_says_what_it_has() -> None:
    save_preset("mine", carried=0.3, palette="classic")
    with pytest.raises(GridError, match="carried: expected none beside"):
        lm.heatmap(Market(), preset="mine", look=Look(carried=0.5))
    assert lm.heatmap(Market(), preset="mine", look=Look(opacity=0.5), palette="fire", dynamic=False)


def test_preset__refuses_overlays_that_it_has() -> None:
    save_preset("walls", overlays=["candles"])
    with pytest.raises(GridError, match="overlays: expected none beside"):
        lm.heatmap(Market(), preset="walls", overlays=["bbo"])


@pytest.mark.parametrize("key", sorted(CHOICES))
def test_preset__every_choice_is_taken_by_picture(key: str) -> None:
    other = {"half_life": "2min", "prune": "1min", "agg": "mean", "overlays": ["mid"], "panels": ["delta"],
             "row_ticks": 3, "time_zone": "Asia/Tokyo", "stable": False, "cutoffs": [10, 90],
             "limits": [1, 2], "scaling": "linear", "carried": 0.3, "carried_shown": "outline",
             "opacity": 0.5, "min_size": 2.0,
             "bids": False, "asks": False, "palette": "fire", "theme": "light"}  # fmt: skip
    save_preset("one", **{key: other[key]})
    drawing, plain = Drawing.of({}, "one"), Drawing.of({})
    assert drawing != plain


def write(text: str) -> None:
    presets_path().parent.mkdir(parents=True, exist_ok=True)
    presets_path().write_text(text)


OLD = {"old": {"cutoffs": [40.0, 99.7], "palette": "classic"}, "chosen": {"cutoffs": [40, 99]},
       "no": {"agg": "mean"}, "version": {"half_life": "2min"}, "presets": {"prune": None}}  # fmt: skip
"""As files had it before they said their version; names of presets are free."""


def test_presets__of_before_had_their_own_cutoffs_written() -> None:
    write(json.dumps(OLD))
    expected = OLD | {"old": {"cutoffs": None, "palette": "classic"}}
    assert presets() == PRESETS | expected
    save_preset("new", cutoffs=(40, 99.7))
    assert presets() == PRESETS | expected | {"new": {"cutoffs": [40, 99.7]}}
    assert json.loads(presets_path().read_text())["version"] == 2


def test_presets__keep_cutoffs_that_were_chosen() -> None:
    """Though they are those of auto, of which a log scale has caps beside them."""
    save_preset("walls", cutoffs=(40.0, 99.7))
    save_preset("auto", cutoffs=None)
    for _ in range(2):
        assert presets()["walls"]["cutoffs"] == [40.0, 99.7]
        assert presets()["auto"]["cutoffs"] is None
        save_preset("again", agg="mean")
    assert Drawing.of({}, "walls").look == Look(cutoffs=(40.0, 99.7))


@pytest.mark.parametrize(
    ("text", "got"),
    [('{"version": 3, "presets": {}}', "expected version 2 or before, got version 3"),
     ('{"version": 2}', "presets"),
     ('{"version": 2, "presets": [1]}', ""), ('{"version": 2, "presets": {"a": {"b": 1}}}', "got 'b'")],
)  # fmt: skip
def test_presets__of_another_version_or_none_are_refused(text: str, got: str) -> None:
    write(text)
    with pytest.raises(LiqmapError, match=rf"presets\.json: expected presets as JSON.*{got}.*Mend the file"):
        presets()
    with pytest.raises(LiqmapError):
        save_preset("mine", agg="mean")
    assert presets_path().read_text() == text


def test_heatmap__draws_a_preset() -> None:
    save_preset("mine", half_life="2min", prune=None, theme="light", panels=["delta"], cutoffs=[50, 99])
    chart = lm.heatmap(Market(), preset="extended market depth", dynamic=False)
    assert "no decay, no prune" in chart.opts.get("plot").kwargs["title"]
    assert len(lm.heatmap(Market(), preset="mine", dynamic=False)) == 2


@pytest.mark.parametrize(
    ("choices", "message"),
    [({"colour": 1}, "preset: expected choices of"), ({"theme": "dusk"}, "theme: "),
     ({"half_life": "x"}, "half_life: "), ({"cutoffs": (9, 1)}, "cutoffs: "),
     ({"overlays": None}, "overlays: expected a list"), ({"panels": "delta"}, "panels: expected a list"),
     ({"time_zone": "Nowhere/X"}, "time_zone: "), ({"row_ticks": 1e30}, "row_ticks: "),
     ({"agg": object()}, "that JSON can hold")],
)  # fmt: skip
def test_check_choices__names_what_no_preset_can_hold(choices: dict, message: str) -> None:
    with pytest.raises(GridError, match=message):
        check_choices(choices)


@pytest.mark.parametrize("name", ["default", "", "  "])
def test_save_preset__keeps_names_of_its_own(name: str) -> None:
    with pytest.raises(GridError, match="preset: expected a name other than"):
        save_preset(name, half_life="1s")


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": {"b": 1}}', '{"a": 3}'])
def test_presets__say_where_a_broken_file_is(text: str) -> None:
    presets_path().parent.mkdir(parents=True)
    presets_path().write_text(text)
    with pytest.raises(
        LiqmapError, match=r"presets\.json: expected presets as JSON.*Mend the file or remove it"
    ):
        presets()


def test_presets_path__is_in_the_users_configuration(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.delenv("LIQMAP_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setattr("sys.platform", "linux")
    assert presets_path() == home / "liqmap" / "presets.json"
