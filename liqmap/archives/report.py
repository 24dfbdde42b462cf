"""What a fetch found, file by file, and what its ingest said."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from liqmap.ingestion import IngestReport

if TYPE_CHECKING:
    import pandas as pd

HAVE = ("fetched", "kept", "ingested")


@dataclass
class FetchedFile:
    """A row of `FetchReport.days`: one kind of one day.

    status : ``fetched`` now; ``kept`` from an earlier fetch; ``ingested`` before, so not looked for again;
    ``missing`` from the archive; ``failed`` to arrive whole, or to be read.
    bytes : that came over the network now, an earlier part left out.
    """

    date: datetime.date
    kind: str
    url: str
    status: str
    path: str | None = None
    bytes: int = 0
    seconds: float = 0.0


@dataclass
class FetchReport(IngestReport):
    """An `IngestReport` of the files fetched, with ``files``: what became of each kind of each day.

    ``failures`` and ``errors`` have each day that is missing or failed.
    """

    files: list[FetchedFile] = field(default_factory=list)

    @property
    def days(self) -> pd.DataFrame:
        """A row per day and kind: date, kind, url, status, path, bytes, seconds."""
        import pandas as pd

        table = pd.DataFrame([asdict(f) for f in self.files], columns=list(FetchedFile.__dataclass_fields__))
        table["path"] = table["path"].astype(object).where(table["path"].notna(), None)
        return table

    @property
    def exit_code(self) -> int:
        """0: every day is there; 1: some are, some are not, or lines were lost; 2: none is."""
        if not any(f.status in HAVE for f in self.files):
            return 2
        whole = all(f.status in HAVE for f in self.files) and all(s.status == "ok" for s in self.sources)
        return int(not whole)

    def __repr__(self) -> str:
        counts = [f"{n} {s}" for s in (*HAVE, "missing", "failed") if (n := self.count(s))]
        return f"<FetchReport: {', '.join(counts) or 'no days'}; {sum(r.rows for r in self.sources):,} rows>"

    def count(self, status: str) -> int:
        """Files of that status."""
        return sum(f.status == status for f in self.files)
