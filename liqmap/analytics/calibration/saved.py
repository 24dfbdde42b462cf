"""A `Calibration` as a record that JSON has, and back: all that the card, the page and the command show.

Every field is in it by itself, with one exception: `reentries`, a row per level that came back, which may be
millions. A dataclass that a new field holds is named in `RECORDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liqmap.analytics.calibration.answer import Best
from liqmap.analytics.calibration.calibration import Calibration
from liqmap.analytics.calibration.plain_values import Records
from liqmap.analytics.calibration.sizes import SizeIntervals
from liqmap.carry import Presence
from liqmap.schema import LiqmapError, Meta, SchemaError, Source

VERSION = 1
"""Of the record, which says so."""

RECORDS = Records(Best, Meta, Source, Presence, SizeIntervals)
"""The dataclasses that a calibration may hold."""

LEFT_OUT = {"reentries": None}
"""Fields that are not in a record, and what stands for them in one that was read."""

WHERE = "saved calibration"


def calibration_record(calibration: Calibration) -> dict[str, Any]:
    """What `calibration_of` makes the calibration of again."""
    return {"version": VERSION, "fields": RECORDS.fields(calibration, tuple(LEFT_OUT))}


def calibration_of(record: Any) -> Calibration:
    """The calibration of a record.

    Raises
    ------
    SchemaError : it is none, is damaged, or was written by a newer liqmap.
    """
    version = record.get("version") if isinstance(record, Mapping) else None
    if type(version) is int and version > VERSION:
        expected = f"a calibration of version {VERSION} or before"
        raise SchemaError(where=WHERE, expected=expected, got=str(version), remedy="Upgrade liqmap")
    if type(version) is not int or not isinstance(record.get("fields"), Mapping):
        raise _refused(f"{record!r:.60}")
    try:
        return RECORDS.record(Calibration, record["fields"], **LEFT_OUT)
    except SchemaError as error:
        raise SchemaError.wrapping(error, WHERE) from error
    except (LiqmapError, LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _refused(f"{type(error).__name__} {error!s:.200}") from error


def _refused(got: str) -> SchemaError:
    return SchemaError(where=WHERE, expected="a record of a calibration as it was written", got=got)
