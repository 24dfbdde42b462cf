"""What commands print: tables and losses for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

    import pandas as pd

    from liqmap.ingestion import IngestReport


GAPS_SHOWN = 10
"""Of an ingest, to people."""


def print_losses(args: Namespace, report: IngestReport) -> None:
    """Notes, lines, gaps and errors of an ingest, to people."""
    for note in report.notes:
        print(f"note: {args.wording.spell(note)}", file=sys.stderr)
    for path, line, reason in report.rejected:
        where = f"{path}:{line}" if line else str(path)
        print(f"{where}: {args.wording.spell(reason)}", file=sys.stderr)
    for gap in report.lost[:GAPS_SHOWN]:
        print(gap, file=sys.stderr)
    gaps = sum(source.gaps for source in report.sources)
    if gaps > GAPS_SHOWN:
        print(f"note: {gaps:,} gaps in all; `report.gaps` in Python, or --json, lists them", file=sys.stderr)
    print_failures(args, report)


def print_failures(args: Namespace, report: IngestReport) -> None:
    """A line for each source that failed."""
    for error in report.failures:
        print(f"liqmap {args.command}: {error.worded(args.wording)}", file=sys.stderr)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: times as ISO text, missing values as null."""
    return json.loads(table.to_json(orient="records", date_format="iso", date_unit="ns"))


def print_json(value: dict[str, Any]) -> None:
    """One object, on one line."""
    print(json.dumps(value))


def print_table(table: pd.DataFrame) -> None:
    """A table for people: short times, thousands separated."""
    shown = table.copy()
    for name in shown.columns:
        if str(shown[name].dtype).startswith("datetime64"):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        elif name in ("messages", "rows", "gaps", "rejected", "bytes"):
            shown[name] = [f"{v:,}" for v in shown[name].fillna(0).astype("int64")]
        elif name.endswith(("_share", "_s", "_bps", "bps_p05", "bps_p95")) or (
            name == "seconds" and "hour" in shown
        ):
            shown[name] = shown[name].map("{:.4g}".format)
        elif name == "path":
            shown[name] = [Path(p).name for p in shown[name]]
        elif name == "seconds":
            shown[name] = shown[name].map("{:.2f}".format)
    print(shown.astype(object).where(shown.notna(), "").to_string(index=False))
