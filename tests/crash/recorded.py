"""A recording as a command: it goes on where the raw files end, and checks what they promise.

The market is one that can be heard again from any message on, so that the store is the same at the end,
however often the recording was killed.
"""

from __future__ import annotations

import time
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa

from liqmap.live.market import Market
from liqmap.live.recorder.folder import folder_of, owned, raw_files, recover
from liqmap.live.recorder.raw_log import line_of
from liqmap.live.recorder.recording import Recording
from liqmap.store import growing
from tests.live.recorder.feeds import bybit

MARKET = Market("bybit", "BTCUSDT")
FLUSHES, EACH = 3, 5
"""So many flushes, of so many messages each."""

HEARD = bybit(FLUSHES * EACH, seed=5)[: FLUSHES * EACH]

PATIENCE_S = 20.0


def record(raw: Path, store: Path) -> None:
    """Record what the raw files lack of the market, as a recorder does that starts.

    Raises
    ------
    RuntimeError : what was flushed is not in the raw files.
    """
    _record(store, FLUSHES, is_ended=True)


def record_in_part(flushes: int, store: Path) -> None:
    """The beginning of a recording: so many flushes."""
    _record(store, flushes, is_ended=False)


def _record(store: Path, flushes: int, is_ended: bool) -> None:
    folder, flushed = folder_of(store / "raw", MARKET), store.parent / "flushed"
    with owned(folder):
        _go_on(store, folder, flushed, flushes, is_ended)


def _go_on(store: Path, folder: Path, flushed: Path, flushes: int, is_ended: bool) -> None:
    recover(raw_files(folder), MARKET, store)
    count = sum(map(_lines, raw_files(folder)))
    promised = int(flushed.read_text()) if flushed.exists() else 0
    if count < promised:
        raise RuntimeError(f"{promised} messages were flushed, {count} are in raw files")
    if count == len(HEARD):
        return
    one = Recording(MARKET, folder, HEARD[count][0], store)
    with patch.object(growing, "MOST_SMALL", 2):
        for group in [HEARD[at : at + EACH] for at in range(count, len(HEARD), EACH)][:flushes]:
            for ns, message in group:
                one.hear(line_of(ns, message))
            one._wait_for_reader(one.heard, time.monotonic() + PATIENCE_S)
            one.flush()
            count += len(group)
            flushed.write_text(str(count))
        if is_ended:
            one.finish()
    one.end_reading()


def _lines(path: Path) -> int:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
        return len(stream.read().splitlines())
