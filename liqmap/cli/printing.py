"""What commands print: tables and losses for people, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liqmap.schema import printable
from liqmap.terminal import say, say_json, say_lines

if TYPE_CHECKING:
    from argparse import Namespace

    import pandas as pd

    from liqmap.ingestion import IngestReport


GAPS_SHOWN = 10
"""Of an ingest, to people."""


def print_losses(args: Namespace, report: IngestReport) -> None:
    """Notes, lines, gaps and errors of an ingest, to people."""
    for note in report.notes:
        say(f"note: {args.wording.spell(note)}", error=True)
    for path, line, reason in report.rejected:
        where = f"{path}:{line}" if line else str(path)
        say(f"{where}: {args.wording.spell(reason)}", error=True)
    for gap in report.lost[:GAPS_SHOWN]:
        say(gap, error=True)
    if (unsaid := sum(source.rejected for source in report.sources) - len(report.rejected)) > 0:
        say(f"note: and {unsaid:,} more lines that could not be used", error=True)
    gaps = sum(source.gaps for source in report.sources)
    if gaps > GAPS_SHOWN:
        say(f"note: {gaps:,} gaps in all; `report.gaps` in Python, or --json, lists them", error=True)
    print_failures(args, report)


def print_failures(args: Namespace, report: IngestReport) -> None:
    """A line for each source that failed."""
    for error in report.failures:
        say(f"liqmap {args.command}: {error.worded(args.wording)}", error=True)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: times as ISO text, missing values as null."""
    return json.loads(table.to_json(orient="records", date_format="iso", date_unit="ns"))


def print_json(value: dict[str, Any]) -> None:
    """One object, on one line."""
    say_json(value)


def print_table(table: pd.DataFrame) -> None:
    """A table for people: short times, thousands separated."""
    shown = table.copy()
    for name in shown.columns:
        if str(shown[name].dtype).startswith("datetime64"):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        elif name in ("messages", "rows", "gaps", "rejected", "bytes"):
            shown[name] = [f"{v:,}" for v in shown[name].fillna(0).astype("int64")]
        elif name == "verified":
            shown[name] = ["" if missing else f"{v:,}" for v, missing in zip(shown[name], shown[name].isna())]
        elif name.endswith(("_share", "_s", "_bps", "bps_p05", "bps_p95")) or (
            name == "seconds" and "hour" in shown
        ):
            shown[name] = shown[name].map("{:.4g}".format)
        elif name == "path":
            shown[name] = [Path(p).name for p in shown[name]]
        elif name == "seconds":
            shown[name] = shown[name].map("{:.2f}".format)
    words = shown.astype(object).where(shown.notna(), "")
    for name in words.columns:
        words[name] = [printable(cell) if isinstance(cell, str) else cell for cell in words[name]]
    say_lines(words.to_string(index=False))
