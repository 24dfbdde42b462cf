"""A simulated market for who has no data yet."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from liqmap.app.data.data import Data
from liqmap.ingestion import ingest
from liqmap.schema import LiqmapError
from liqmap.simulation import simulate, write_bybit

MINUTES = 30


def make_sample(data: Data, minutes: float = MINUTES) -> None:
    """Simulate a market into the store, and open it; where others have done so meanwhile, open theirs."""
    if data.busy or data.source.read_only:
        return
    data.param.update(busy=f"Simulating {minutes:g} minutes of a market", notice="")

    def work() -> None:
        with TemporaryDirectory() as folder:
            raw = write_bybit(simulate(minutes=minutes, seed=0), Path(folder) / "raw")
            report = ingest(raw, store=data.source.path)
            if report.exit_code:
                raise LiqmapError("; ".join(map(str, report.errors)) or "the sample could not be ingested")

    def then(future: Future[Any]) -> None:
        data.busy = ""
        try:
            future.result()
        except Exception as error:
            data.notice = data.tell(error, "The sample cannot be made")
            return
        data.changed()
        data.refresh()

    data.worker.hand_on(data.worker.submit(work), then)
