"""``python -m liqmap.simulation data/sample`` writes the bundled sample, or any other market."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from liqmap.schema import LiqmapError
from liqmap.simulation.bybit import write_bybit
from liqmap.simulation.market import simulate
from liqmap.terminal import say

SAMPLE = {"minutes": 30.0, "seed": 7, "levels": 200, "activity": 1.0, "volatility": 1.0}
"""The arguments of `simulate` that data/sample was made with."""


def parser() -> argparse.ArgumentParser:
    """Options, with those of the bundled sample as defaults."""
    parser = argparse.ArgumentParser(
        prog="python -m liqmap.simulation",
        description="Write a simulated market as Bybit daily archives. The defaults are the bundled sample.",
    )
    parser.add_argument("directory", type=Path, help="where the files go; created if missing")
    parser.add_argument("--minutes", type=float, default=SAMPLE["minutes"], help="length (%(default)s)")
    parser.add_argument("--seed", type=int, default=SAMPLE["seed"], help="which market (%(default)s)")
    parser.add_argument("--levels", type=int, default=SAMPLE["levels"], help="N of the feed (%(default)s)")
    parser.add_argument("--activity", type=float, default=SAMPLE["activity"], help="of makers (%(default)s)")
    parser.add_argument("--volatility", type=float, default=SAMPLE["volatility"], help="(%(default)s)")
    parser.add_argument("--symbol", default="SIMUSDT", help="(%(default)s)")
    parser.add_argument("--start", default="2026-01-05T00:00:00Z", help="UTC (%(default)s)")
    parser.add_argument("--compression", type=int, default=9, choices=range(1, 10), help="(%(default)s)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Write the files and name them. Returns the exit code: 0 done, 2 nothing done."""
    options = vars(parser().parse_args(arguments))
    directory, compression = options.pop("directory"), options.pop("compression")
    try:
        capture = simulate(**options, keep_truth=False)
        paths = write_bybit(capture, directory, compression=compression)
    except (LiqmapError, OSError) as error:
        say(f"error: {error}", error=True)
        return 2
    for path in paths:
        say(f"{path}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
