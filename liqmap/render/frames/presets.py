"""Named choices of a picture: those of liqmap, and the user's own, kept as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from liqmap.carry import carry_model
from liqmap.files import whole
from liqmap.render.frames import auto_carry
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.market import check_view
from liqmap.render.frames.scale import AUTO
from liqmap.render.frames.words import check_zone
from liqmap.schema import GridError, Keyword, LiqmapError, Sentence
from liqmap.store.locks import locked

PRESETS: dict[str, dict[str, Any]] = {
    "default": {"half_life": "30s", "prune": "5min"},
    "extended market depth": {"half_life": None, "prune": None},
    "as transmitted": {"half_life": "30s", "prune": "0s"},
}
"""Of liqmap: carried for a while; the last transmitted size stays; nothing is carried."""

CUSTOM = "custom"
"""What the app says where the choices are those of no preset, and so the name of none."""

LONGEST = 100
"""Characters of a name."""

TAKEN = (*PRESETS, CUSTOM, auto_carry.BY_VIEW)
"""Names that the user's own cannot have."""

VERSION = 2
"""Of the file, which says so: ``{"version": 2, "presets": {...}}``. Before, it held the presets alone."""

LOOK = tuple(field.name for field in fields(Look))
CHOICES = (
    "half_life", "prune", "agg", "overlays", "panels", "row_ticks", "time_zone", "stable", *LOOK,
)  # fmt: skip
"""What a preset may hold: arguments of `heatmap`, and fields of `Look`."""


def presets() -> dict[str, dict[str, Any]]:
    """All presets by name: liqmap's, then the user's.

    Raises
    ------
    LiqmapError : the user's file cannot be read.
    """
    return {name: dict(choices) for name, choices in (PRESETS | _saved()).items()}


def save_preset(name: str, **choices: Any) -> Path:
    """Keep choices under a name; one of that name is replaced.

    Parameters
    ----------
    choices : of `CHOICES`, such as ``half_life="2min", palette="classic", overlays=["candles"]``.

    Returns
    -------
    The file they are in.

    Raises
    ------
    GridError : a name of liqmap's own or none, choices that no preset can hold.
    """
    if not (isinstance(name, str) and is_own(name)):
        expected = f"a name other than '' and {TAKEN}"
        raise GridError(argument="preset", expected=expected, got=f"{name!r:.60}")
    if len(name) > LONGEST or not name.isprintable():
        expected = f"a name of at most {LONGEST} characters, all of which can be printed"
        raise GridError(argument="preset", expected=expected, got=f"{name!r:.60}")
    choices = check_choices(choices)
    with _changing() as saved:
        saved[name] = choices
    return presets_path()


def is_own(name: str) -> bool:
    """Whether a preset of this name is the user's, if there is one."""
    return bool(name.strip()) and name not in TAKEN


def remove_preset(name: str) -> None:
    """Forget a preset of the user's.

    Raises
    ------
    GridError : the user has none of that name.
    """
    with _changing() as saved:
        if name not in saved:
            known = tuple(saved) or "of which there are none"
            raise GridError(argument="preset", expected=f"one of your own, {known}", got=repr(name))
        del saved[name]


def check_choices(choices: dict[str, Any]) -> dict[str, Any]:
    """The choices, where a preset can hold them.

    Raises
    ------
    GridError : an unknown name, a value out of range or one that JSON cannot hold.
    """
    strange = [name for name in choices if name not in CHOICES]
    if strange:
        raise GridError(argument="preset", expected=f"choices of {CHOICES}", got=repr(strange[0]))
    for name in ("overlays", "panels"):
        some = choices.get(name, [])
        if not isinstance(some, (list, tuple)) or not all(isinstance(one, str) for one in some):
            raise GridError(where="preset", argument=name, expected="a list of names", got=repr(some))
    check_zone(choices.get("time_zone", "UTC"))
    check_view(None, 1, None, choices.get("row_ticks"))
    Look(**{name: _plain(choices[name]) for name in LOOK if name in choices})
    usual = PRESETS["default"]
    carry_model(**usual | {n: choices[n] for n in usual if n in choices and choices[n] != auto_carry.AUTO})
    try:
        return json.loads(json.dumps(choices))
    except (TypeError, ValueError) as error:
        got = f"{choices!r} ({error})"
        raise GridError(argument="preset", expected="values that JSON can hold", got=got) from error


class Unsaid(str):
    """A choice that stands where nothing is said, and so makes way for a preset's."""


def merged(given: dict[str, Any], name: str) -> dict[str, Any]:
    """Arguments of `heatmap` with a preset's for those not said; its fields of `Look` change the look.

    What the preset leaves to the view (``auto``), which the app alone follows, is as if it were not in it.

    Parameters
    ----------
    given : arguments by name; those not said are `Unsaid`, or not there.

    Raises
    ------
    GridError : no such preset, or something that it has is said as well.
    """
    known = presets()
    if not (isinstance(name, str) and name in known):
        raise GridError(argument="preset", expected=f"one of {tuple(known)}", got=repr(name))
    choices = {key: _plain(value) for key, value in known[name].items() if value != auto_carry.AUTO}
    said = {key: value for key, value in given.items() if not isinstance(value, Unsaid)}
    clash = [key for key in said if key in choices and key not in LOOK]
    if said.get("carry") is not None and not choices.keys().isdisjoint({"half_life", "prune"}):
        clash.append("carry")
    look = given["look"]
    said |= {key: getattr(look, key) for key in LOOK if getattr(look, key) != getattr(DEFAULT, key)}
    clash += [key for key in LOOK if key in choices and key in said and given.get(key) is None]
    if clash:
        raise GridError(
            argument=clash[0],
            expected=Sentence("none beside ", Keyword("preset", name), ", which has its own"),
            got=str(said[clash[0]]),
            remedy="Leave one of the two out",
        )
    out = given | {key: value for key, value in choices.items() if key not in LOOK}
    out["look"] = replace(given["look"], **{key: choices[key] for key in LOOK if key in choices})
    return out


def presets_path() -> Path:
    """Where the user's presets are: ``liqmap/presets.json`` in the system's directory for configuration, or
    ``presets.json`` in the directory that the variable ``LIQMAP_CONFIG`` names."""
    if "LIQMAP_CONFIG" in os.environ:
        return Path(os.environ["LIQMAP_CONFIG"]) / "presets.json"
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "liqmap" / "presets.json"


def _saved() -> dict[str, dict[str, Any]]:
    path = presets_path()
    if not path.exists():
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        version = read.get("version")
        if not isinstance(version, int):  # a preset may have that name
            read = {"presets": _of_before(read)}
        elif version != VERSION:
            raise GridError(expected=f"version {VERSION} or before", got=f"version {version}")
        found = read["presets"]
        return {str(name): check_choices(dict(some)) for name, some in found.items() if is_own(str(name))}
    except (ValueError, AttributeError, KeyError, TypeError, GridError) as error:
        raise LiqmapError(
            where=path,
            expected="presets as JSON",
            got=f"what cannot be read ({error})",
            remedy="Mend the file or remove it",
        ) from error


def _of_before(read: dict[str, Any]) -> dict[str, Any]:
    """The presets of a file without a version, which are all that it holds.

    The cut-offs that it had by itself stand in it as if they had been chosen: no others could be told apart.
    """
    found = {name: dict(choices) for name, choices in read.items()}
    for choices in found.values():
        if choices.get("cutoffs") == list(AUTO):
            choices["cutoffs"] = None
    return found


@contextmanager
def _changing() -> Iterator[dict[str, dict[str, Any]]]:
    """The user's presets, to be changed: no other process does meanwhile, and at the end they are written."""
    path = presets_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock")):
            saved = _saved()
            yield saved
            with whole(path) as unfinished:
                text = json.dumps({"version": VERSION, "presets": saved}, indent=2, ensure_ascii=False)
                unfinished.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise LiqmapError(
            where=path,
            expected="a place to keep presets",
            got=str(error),
            remedy="Name a folder in LIQMAP_CONFIG",
        ) from error


def _plain(value: Any) -> Any:
    """A value read from JSON as `heatmap` takes it: lists are tuples."""
    return tuple(value) if isinstance(value, list) else value
