"""``python -m benchmarks.live_server MINUTES SHOWN_S``: the app on a live session that is fed by the clock.

Standard output: the address, then a line for each message of depth: its time (ns), and the machine's clock
(ms) when the session was to take it.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

import liqmap as lm
from liqmap.app.publish.server import start
from liqmap.live.follow import LiveSession
from liqmap.schema import Meta, int64


def feed(session: LiveSession, depth: Any, cuts: np.ndarray, ts: np.ndarray, first: int) -> None:
    """Give the session each message when its time has come."""
    meta = Meta.from_metadata(depth.schema.metadata)
    began = time.time() - ts[cuts[first]] / 1e9
    for begin, end in zip(cuts[first:], cuts[first + 1 :]):
        time.sleep(max(began + ts[begin] / 1e9 - time.time(), 0.0))
        batch = depth[begin:end].combine_chunks().to_batches()[0]
        print(ts[begin], time.time() * 1e3, flush=True)
        session.take("depth", batch, meta)


def main() -> None:
    """Serve until terminated."""
    minutes, shown_s = float(sys.argv[1]), float(sys.argv[2])
    capture = lm.simulate(minutes=minutes, seed=1, levels=200, keep_truth=False)
    depth, ts = capture.depth, int64(capture.depth["ts"])
    cuts = np.flatnonzero(np.diff(ts, prepend=ts[0] - 1, append=ts[-1] + 1))
    first = int(np.searchsorted(ts[cuts[:-1]], ts[0] + shown_s * 1e9))
    with tempfile.TemporaryDirectory() as folder:
        session = LiveSession(Path(folder) / "store", "bybit", "SIMUSDT", "ob200")
        meta = Meta.from_metadata(depth.schema.metadata)
        for batch in depth[: cuts[first]].combine_chunks().to_batches():
            session.take("depth", batch, meta)
        lm.open_store(folder)
        server = start(folder, live={"bybit/SIMUSDT/live": lambda: session})
        print(f"http://127.0.0.1:{server.port}", flush=True)
        threading.Thread(target=feed, args=(session, depth, cuts, ts, first), daemon=True).start()
        server.io_loop.start()


if __name__ == "__main__":
    main()
