"""Asks a server for its health again and again: ``python -m tests.app.publish.load.health URL``.

A process of its own, so that what its caller is busy with is not taken for the server's slowness. Prints a
line an answer: when it was asked for, s since the epoch, and how long it took, ms.
"""

from __future__ import annotations

import http.client
import sys
import time
from urllib.parse import urlsplit

EVERY_S = 0.1


def main() -> None:
    """Until it is terminated."""
    at = urlsplit(sys.argv[1])
    while True:
        asked, begin = time.time(), time.perf_counter()
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
        try:
            connection.request("GET", at.path)
            status = connection.getresponse().status
            took = 1e3 * (time.perf_counter() - begin)
            print(f"{asked:.3f} {took if status == 200 else float('inf'):.2f}", flush=True)
        except OSError:
            print(f"{asked:.3f} inf", flush=True)
        connection.close()
        time.sleep(max(0.0, EVERY_S - (time.perf_counter() - begin)))


if __name__ == "__main__":
    main()
