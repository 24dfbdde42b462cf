"""Carry models as JSON has them, exactly: durations are whole nanoseconds, numbers their shortest text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from liqmap.carry.exponentials import Exponentials
from liqmap.carry.mixture import Mixture
from liqmap.carry.model import HalfLife
from liqmap.carry.presence_rate import PresenceRate
from liqmap.carry.survival import Survival
from liqmap.schema import LiqmapError, SchemaError

VERSION = 1
"""Of the records, which say so."""


class _Kind(NamedTuple):
    """A class of models: what is written of one, and how it is made of that again."""

    of: type
    write: Callable[[Any], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], Any]


def model_record(model: Any) -> dict[str, Any]:
    """A model as JSON has it; `model_of` makes it again, to the last bit.

    Raises
    ------
    SchemaError : a model that is not one of liqmap's own, of which nothing can be written but its name.
    """
    for name, kind in KINDS.items():
        if type(model) is kind.of:
            return {"model": name, "version": VERSION} | kind.write(model)
    known = ", ".join(kind.of.__name__ for kind in KINDS.values())
    raise SchemaError(argument="carry", expected=f"a model of {known}, to be saved", got=f"{model!r:.60}")


def model_of(record: Any) -> Any:
    """The model of a record.

    Raises
    ------
    SchemaError : it is none, is damaged, or of a newer version.
    """
    if not isinstance(record, Mapping) or not isinstance(record.get("model"), str):
        raise _refused(f"{record!r:.60}")
    version = record.get("version")
    if type(version) is int and version > VERSION:
        expected = f"a carry model of version {VERSION} or before"
        raise SchemaError(where=WHERE, expected=expected, got=str(version), remedy="Upgrade liqmap")
    kind = KINDS.get(record["model"])
    if kind is None or type(version) is not int or version != VERSION:
        raise _refused(f"{record['model']!r:.60} of version {version!r:.20}")
    try:
        return kind.read({key: value for key, value in record.items() if key not in ("model", "version")})
    except (LiqmapError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise _refused(f"{record['model']} with {error!s:.200}") from error


WHERE = "saved carry model"


def _refused(got: str) -> SchemaError:
    return SchemaError(where=WHERE, expected="a record of a carry model as it was written", got=got)


def _ns(duration: Any) -> int | None:
    """Whole ns of a timedelta64[ns]."""
    return None if duration is None else int(duration.astype(np.int64))


def _duration(ns: Any) -> np.timedelta64 | None:
    """The inverse of `_ns`.

    Raises
    ------
    ValueError, OverflowError : no whole number of ns.
    """
    if ns is not None and type(ns) is not int:
        raise ValueError(f"a duration of {ns!r:.20} ns")
    return None if ns is None else np.timedelta64(ns, "ns")


def _durations(listed: Any) -> list[np.timedelta64 | None]:
    return [_duration(ns) for ns in listed]


def _read_exponentials(record: Mapping[str, Any]) -> Exponentials:
    pairs = zip(record["shares"], _durations(record["half_lives"]), strict=True)
    return Exponentials(list(pairs), _duration(record["prune"]))


def _read_mixture(record: Mapping[str, Any]) -> Mixture:
    half_lives, prune = _durations(record["half_lives"]), _duration(record["prune"])
    return Mixture(half_lives, record["shares"], record["sizes"], record["distances"], prune)


def _read_presence_rate(record: Mapping[str, Any]) -> PresenceRate:
    half_lives, prune = _durations(record["half_lives"]), _duration(record["prune"])
    return PresenceRate(half_lives, record["steps"], record["sizes"], record["distances"], prune)


def _read_survival(record: Mapping[str, Any]) -> Survival:
    ages, prune = _durations(record["ages"]), _duration(record["prune"])
    return Survival(ages, record["weights"], record["distances"], prune)


KINDS: dict[str, _Kind] = {
    "half-life": _Kind(
        HalfLife,
        lambda m: {"half_life": _ns(m.half_life), "prune": _ns(m.prune)},
        lambda r: HalfLife(_duration(r["half_life"]), _duration(r["prune"])),
    ),
    "exponentials": _Kind(
        Exponentials,
        lambda m: {"shares": m.shares.tolist(), "half_lives": m.half_lives, "prune": m.prune},
        _read_exponentials,
    ),
    "mixture": _Kind(
        Mixture,
        lambda m: {
            "half_lives": m.half_lives,
            "shares": m.shares.tolist(),
            "sizes": m.sizes.tolist(),
            "distances": m.distances.tolist(),
            "prune": m.prune,
        },
        _read_mixture,
    ),
    "presence-rate": _Kind(
        PresenceRate,
        lambda m: {
            "half_lives": m.half_lives[:-1],
            "steps": m.steps.tolist(),
            "sizes": m.sizes.tolist(),
            "distances": m.distances.tolist(),
            "prune": m.prune,
        },
        _read_presence_rate,
    ),
    "survival": _Kind(
        Survival,
        lambda m: {
            "ages": m.ages.tolist(),
            "weights": m.weights.tolist(),
            "distances": m.distances.tolist(),
            "prune": m.prune,
        },
        _read_survival,
    ),
}
"""By the word that stands in a record."""
