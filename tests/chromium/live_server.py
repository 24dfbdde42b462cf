"""``python -m tests.chromium.live_server STORE PORT``: the app on a live market that standard input drives.

A line is a command: ``play SPEED`` lets time go on, ``reveal SECONDS``, ``close``.
"""

from __future__ import annotations

import sys
import threading

from liqmap.app import serve
from tests.app.live_market import Revealed, simulated

SHOWN_S = 100.0


def main() -> None:
    """Serve until terminated."""
    market = Revealed(simulated(minutes=4.0, levels=60), SHOWN_S)

    def obey() -> None:
        for line in sys.stdin:
            command, _, value = line.strip().partition(" ")
            if command == "play":
                threading.Thread(target=market.play, args=(float(value),), daemon=True).start()
            elif command == "reveal":
                market.reveal(float(value))
            elif command == "close":
                market.close()

    threading.Thread(target=obey, daemon=True).start()
    serve(sys.argv[1], port=int(sys.argv[2]), live={"bybit/SIMUSDT/live": lambda: market})


if __name__ == "__main__":
    main()
