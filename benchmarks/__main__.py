"""``python -m benchmarks [NAME ...]``: run all benchmarks, or those named; a table each, when it is done."""

from __future__ import annotations

import sys

from . import (
    bench_app,
    bench_book,
    bench_calibration,
    bench_checksums,
    bench_curve,
    bench_databento,
    bench_edges,
    bench_fill,
    bench_flow,
    bench_formats,
    bench_frames,
    bench_growth,
    bench_ingest,
    bench_live,
    bench_mixture,
    bench_open,
    bench_raster,
    bench_record,
    bench_remote,
    bench_replay,
    bench_served,
    bench_standalone,
    bench_store,
    bench_viewers,
)
from .report import table

ALL = {
    "ingest": bench_ingest.run,
    "formats": bench_formats.run,
    "databento": bench_databento.run,
    "replay": bench_replay.run,
    "calibration": bench_calibration.run,
    "raster": bench_raster.run,
    "frames": bench_frames.run,
    "mixture": bench_mixture.run,
    "growth": bench_growth.run,
    "edges": bench_edges.run,
    "open": lambda: bench_open.run(1440),
    "book": lambda: bench_book.run(1440),
    "curve": bench_curve.run,
    "fill": bench_fill.run,
    "flow": bench_flow.run,
    "standalone": bench_standalone.run,
    "store": bench_store.run,
    "served": bench_served.run,
    "remote": bench_remote.run,
    "app": bench_app.run,
    "viewers": bench_viewers.run,
    "live": bench_live.run,
    "record": bench_record.run,
    "checksums": bench_checksums.run,
}


def main() -> None:
    """Run in one process, so that ratios are of one machine in one mood."""
    names = sys.argv[1:] or list(ALL)
    if unknown := set(names) - set(ALL):
        sys.exit(f"benchmarks: expected some of {', '.join(ALL)}, got {', '.join(sorted(unknown))}")
    for name in names:
        print(f"running {name} ...", file=sys.stderr, flush=True)
        table(ALL[name]())
        print(flush=True)


if __name__ == "__main__":
    main()
