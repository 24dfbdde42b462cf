"""A store on object storage beside the same store here.

The stand-in is moto's server, a process on loopback: what a network adds is its way there and back, as often
as there are requests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import liqmap as lm
from liqmap import store as st
from liqmap.simulation import write_bybit
from liqmap.store.commit.manifest import manifests
from liqmap.store.remote.address import address
from liqmap.store.remote.client import Client

from .bench_store import DAYS, SYMBOLS, many_parts
from .report import Result, Told, table

SERVE = """
from tests.store.remote.standin import StandIn
service = StandIn()
service.make_bucket("bucket")
print(service.url, flush=True)
input()
"""

LIST = """
import sys, time
import pandas
import liqmap as lm
lm.open_store
if sys.argv[1].startswith("s3:"):
    import obstore.store
begin = time.perf_counter()
assert len(lm.open_store(sys.argv[1]).sessions())
print(time.perf_counter() - begin)
"""

COMPACT = """
import sys, time
from liqmap import store as st
from liqmap.store.remote.client import Client
put, delete = Client.put, Client.delete
both, begun = [], []
def timed_put(self, path, data):
    made = put(self, path, data)
    begun.append(time.perf_counter()) if "/joined-" in path else None
    return made
def timed_delete(self, paths):
    paths = list(paths)
    delete(self, paths)
    both.append(time.perf_counter() - begun[-1]) if any(p.endswith(".parquet") for p in paths) else None
Client.put, Client.delete = timed_put, timed_delete
st.compact(sys.argv[1])
print(max(both))
"""


@contextmanager
def standin() -> Iterator[str]:
    """The stand-in in a process of its own; the environment says where."""
    from tests.store.remote.standin import environment

    server = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(url, folder))
        try:
            yield url
        finally:
            os.environ.clear()
            os.environ.update(before)
            server.communicate("\n")


def timed(code: str, *arguments: str, cache: str | None = None) -> float:
    """Seconds that a process of its own prints."""
    more = {"LIQMAP_CACHE": cache} if cache else {}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | more,
    )
    return float(done.stdout)


def listing(folder: Path) -> list[Result | Told]:
    """Of 3,000 parts: what is agreed on is all that is read."""
    many, url = many_parts(folder / "many"), "s3://bucket/many"
    store = Client(address(url))
    for path in manifests(many):
        store.put(path.relative_to(many).as_posix(), path.read_bytes())
    size = f"{DAYS} days x {SYMBOLS}"
    here = min(timed(LIST, str(many)) for _ in range(3))
    first = min(timed(LIST, url, cache=str(folder / f"cache {n}")) for n in range(3))
    again = min(timed(LIST, url, cache=str(folder / "cache 0")) for _ in range(3))
    return [
        Result("list, first time", size, first, "the same store here", here, "under 1 s"),
        Result("list, again", size, again, "the same store here", here, "under 1 s"),
    ]


def ingest(folder: Path, minutes: float) -> list[Result | Told]:
    raw = write_bybit(lm.simulate(minutes=minutes, seed=1, keep_truth=False), folder / "raw")
    lm.ingest(raw, store=folder / "warm", venue="bybit", jobs=1)
    found = []
    for store in (folder / "here", "s3://bucket/ingested"):
        begin = time.perf_counter()
        assert lm.ingest(raw, store=store, venue="bybit", jobs=1).exit_code == 0
        found.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    st.push(folder / "here", "s3://bucket/pushed")
    pushed = time.perf_counter() - begin
    size = f"{sum(p.stat().st_size for p in (folder / 'here').rglob('*.parquet')) / 1e6:.1f} MB in parts"
    return [
        Result("ingest", size, found[1], "into a folder", found[0]),
        Result("push", size, pushed, "ingest into a folder", found[0]),
    ]


def both(folder: Path, sources: int) -> Result | Told:
    """How long a plain pattern over the bucket may see the rows of a day twice while it is compacted."""
    from tests.formats.bybit.lines import depth_line, write_lines

    begin = 1_700_006_400_000
    lines = [
        depth_line(u, [("99.9", f"{u}.5")], [("100.1", "2")], ts=begin + 1_000 * u,
                   kind="snapshot" if u == 1 else "delta")
        for u in range(1, sources + 1)
    ]  # fmt: skip
    raw = [write_lines(folder / f"{n:05d}_linear.ndjson", [line]) for n, line in enumerate(lines)]
    lm.ingest(raw, store=folder / "day", venue="bybit", symbol="BTCUSDT", jobs=2)
    url = f"s3://bucket/both-{sources}"
    st.push(folder / "day", url)
    took = f"{timed(COMPACT, url) * 1000:.0f} ms"
    how = "from the joined part put to the others deleted"
    return Told("a plain pattern sees both", f"{sources} sources", took, "", how)


def run(minutes: float = 60) -> list[Result | Told]:
    with standin(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [*listing(folder), *ingest(folder, minutes)]
        for sources in (2, 300):
            (folder / str(sources)).mkdir()
            found.append(both(folder / str(sources), sources))
    return found


if __name__ == "__main__":
    table(run())
