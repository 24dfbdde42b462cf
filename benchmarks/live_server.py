"""``python -m benchmarks.live_server app --live ...``: the command of liqmap, which also says what it takes.

Standard output: the words of liqmap; and once a live session has taken a message of depth, a line ``taken``
with the message's time (ns) and the machine's clock (ns).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from liqmap.cli import main
from liqmap.live.follow import LiveSession
from liqmap.schema import int64

TAKEN = "taken"


def telling(take: Callable[..., None]) -> Callable[..., None]:
    """`LiveSession.take`, which then says what it has taken."""

    def take_and_tell(session: LiveSession, kind: str, rows: Any, meta: Any) -> None:
        take(session, kind, rows, meta)
        if kind == "depth" and rows.num_rows:
            now = time.time_ns()
            times = np.unique(int64(rows.column("ts"))).tolist()
            print("\n".join(f"{TAKEN} {ts} {now}" for ts in times), flush=True)

    return take_and_tell


if __name__ == "__main__":
    LiveSession.take = telling(LiveSession.take)  # type: ignore[method-assign]
    sys.exit(main(sys.argv[1:]))
