"""One fault of a store, and what each kind means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from liqmap.store.parts import Part

Kind = Literal["manifest", "missing", "damaged", "foreign", "link", "old", "unfinished", "ledger", "partial"]

MEANINGS: dict[str, str] = {
    "manifest": "what the market has cannot be read",
    "missing": "a file is gone that was written",
    "damaged": "a file has other bytes than were written",
    "foreign": "a file that no ingest put there: plain readers see it, liqmap does not",
    "link": "a symbolic link, which may lead out of the store",
    "old": "written by an older liqmap: damage cannot be told; `liqmap store migrate` takes it in",
    "unfinished": "a change under way, or one whose process died: the next write settles it",
    "ledger": "what was kept of a source cannot be read: the source may be ingested again",
    "partial": "only a part of the source is there",
    "spans": "spans on disk are damaged: they are made anew",
}


@dataclass(frozen=True)
class Finding:
    """One fault.

    kind : a key of `MEANINGS`. where : the file, or the source. sources : names to ingest again.
    """

    kind: Kind
    where: str
    sources: tuple[str, ...] = ()
    part: Part | None = None
    market: tuple[str, str] | None = None
