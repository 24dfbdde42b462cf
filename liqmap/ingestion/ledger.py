"""What the ledger of a store keeps of an ingested source, so that ingesting it again reports the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from liqmap.ingestion.chain import CHECKSUM_GAP
from liqmap.ingestion.report import GapRow, IngestReport, SourceRow
from liqmap.ingestion.source import Flow
from liqmap.schema import Argument, Keyword, Rejected, Sentence, one_line
from liqmap.schema.trust import KEPT


def facts_of(flow: Flow, report: IngestReport) -> dict[str, Any]:
    """What to keep, as JSON can hold it: rows of the report, counts, and the rejected lines quoted."""
    rows = {name: [asdict(row) for row in getattr(report, name)] for name in ("sources", "lost")}
    for gap in rows["lost"]:
        del gap["proven"]  # it is kept with the trust: versions of before take the others for a `GapRow`
    rejected = [[line.line, line.reason] for line in flow.quoted]
    parts = {
        str(number): [part if isinstance(part, str) else list(part) for part in line.reason.parts]
        for number, line in enumerate(flow.quoted)
        if isinstance(line.reason, Sentence)
    }
    trust = {KEPT: flow.trust} if "depth" in flow.kinds else {}
    return rows | {"counts": flow.counts, "rejected": rejected} | ({"parts": parts} if parts else {}) | trust


def report_again(facts: dict[str, Any] | None, flow: Flow, report: IngestReport) -> bool:
    """Report what the store keeps of a source; returns whether it keeps any."""
    if facts is None:
        return False
    path = flow.path
    report.sources += [
        SourceRow(**(row | {"path": path, "seconds": flow.seconds})) for row in facts["sources"]
    ]
    proven = {after: snapshot for snapshot, after in facts.get(KEPT, {}).get("doubted", [])}
    report.lost += [
        GapRow(
            **(
                row
                | {
                    "path": path,
                    "proven": proven.get(row["after"]) if row["reason"] == CHECKSUM_GAP else None,
                }
            )
        )
        for row in facts["lost"]
    ]
    report.reject(path, _rejected(facts))
    report.notes += [*map(one_line, flow.reader.notes), f"{path}: already in the store, nothing changed"]
    return True


def _rejected(facts: dict[str, Any]) -> list[Rejected]:
    """The lines quoted, arguments in their sentences again."""
    lines = []
    for number, (line, reason) in enumerate(facts.get("rejected", [])):
        parts = facts.get("parts", {}).get(str(number))
        lines.append(Rejected(line, reason if parts is None else Sentence(*map(_part, parts))))
    return lines


def _part(kept: str | list[Any]) -> str | Keyword | Argument:
    """A part of a sentence, of which JSON keeps the arguments as lists."""
    if isinstance(kept, str):
        return kept
    return Argument(*kept) if len(kept) == 1 else Keyword(*kept)
