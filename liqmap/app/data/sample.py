"""A simulated market for who has no data yet."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from liqmap.app.data.data import Data
from liqmap.app.state.wording import notice_of
from liqmap.ingestion import ingest
from liqmap.schema import LiqmapError
from liqmap.simulation import simulate, write_bybit

log = logging.getLogger("liqmap.app")

MINUTES = 30


def make_sample(data: Data, minutes: float = MINUTES) -> None:
    """Simulate a market into the store, and open it; where others have done so meanwhile, open theirs."""
    if data.busy:
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
        except LiqmapError as error:
            data.notice = notice_of(error)
            return
        except Exception as error:
            log.exception("cannot make a sample")
            data.notice = f"The sample cannot be made ({type(error).__name__}: {error})."
            return
        data.changed()
        data.refresh()

    data.worker.hand_on(data.worker.submit(work), then)
