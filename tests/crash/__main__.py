"""Kills every command at every call that touches the store: ``python -m tests.crash``, or ``make crash``.

Prints a row per scenario: how many points there are, at how many of them something was wrong, and in how many
ways the order of its fsyncs is unsafe. The exit code is 1 if anything is wrong that is promised.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.crash.scenarios import SCENARIOS
from tests.crash.suite import Found, details, examine, table
from tests.crash.tracer import why_not

SHOWN = 3
"""Wrong points of a kind that are told of."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("scenarios", nargs="*", help="parts of names (all)", default=[""])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--points", type=int, help="how many of each scenario, evenly chosen (all)")
    parser.add_argument("--all", action="store_true", help=f"tell of every wrong point, not of {SHOWN} each")
    parser.add_argument("--list", action="store_true", help="only list the points")
    parser.add_argument(
        "--power", action="store_true", help="let the power fail: what was not synced is gone"
    )
    options = parser.parse_args(arguments)
    if reason := why_not():
        print(f"skipped: {reason}", file=sys.stderr)
        return 0
    names = [name for name in SCENARIOS if any(word in name for word in options.scenarios)]
    found: dict[str, Found] = {}
    began = time.perf_counter()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, options.workers), mp_context=spawn) as pool:
        points = 0 if options.list else options.points
        jobs = {pool.submit(examine, name, points, options.list, options.power): name for name in names}
        for job in as_completed(jobs):
            one = found[jobs[job]] = job.result()
            print(f"{len(found)} of {len(names)}: {one.scenario}, {one.seconds:.0f} s", flush=True)
    every = [found[name] for name in names]
    for one in every:
        for line in details(one, sys.maxsize if options.all else SHOWN):
            print(line)
    print(*table(every), sep="\n")
    print(f"{time.perf_counter() - began:.0f} s")
    return int(any(one.broken for one in every))


if __name__ == "__main__":
    sys.exit(main())
