"""A recorder in a process of its own, that hears a made-up market and writes down what: made to be killed.

``python -m tests.live.recorder.child STORE JOURNAL FIRST ROLL_S``
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from liqmap.live.recorder import record
from tests.live.recorder.fakes import Fake
from tests.live.recorder.feeds import bybit

FLUSH_S = 0.2
PACE_S = 0.002


def main(store: str, journal: str, first: str, roll_s: str) -> int:
    shared = [int(first)]
    written = Path(journal).open("a", buffering=1)  # noqa: SIM115
    streams: list[Fake] = []

    class Talks(Fake):
        """All streams that are up say the same, each from a snapshot on."""

        async def run(self) -> None:
            streams.append(self)
            self.begun = False
            try:
                await super().run()
            finally:
                streams.remove(self)

    async def talk() -> None:
        while True:
            number = shared[0] = shared[0] + 1
            for stream in tuple(streams):
                message = bybit(1, seed=number, first=number, snapshots=() if stream.begun else (0,))
                stream.begun = True
                stream.say(*message)
            if streams:
                written.write(f"{number} {time.monotonic()}\n")
            await asyncio.sleep(PACE_S)

    talking: list[asyncio.Task[None]] = []

    def connect(market, hear, status):  # type: ignore[no-untyped-def]
        if not talking:
            talking.append(asyncio.ensure_future(talk()))
        return Talks(market, hear, status)

    report = record(["bybit:BTCUSDT"], store, flush_s=FLUSH_S, roll_s=float(roll_s), connect=connect)
    print(report)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
