"""What it costs that a store cannot lie: digests, syncs and manifests, each beside doing without.

The peer is the same liqmap with that one thing turned off.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import liqmap as lm
from liqmap import store as st
from liqmap.schema import Meta
from liqmap.store.commit.manifest import Manifest
from liqmap.store.parts import open_part

from .bench_open import store_of
from .report import Result, Told, table

DAYS, SYMBOLS = 300, 10

OPEN = """
import sys, time
import liqmap as lm
from liqmap.session import span_cache, seals
from liqmap.store.commit import digests
from liqmap.store import parts
if sys.argv[2] == "trusting":
    for module in (digests, parts, seals, span_cache):
        module.is_sound = lambda path, digest, size: True
    parts.check_file = lambda path, digest, size, remedy: None
session = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT")
session.spans() if sys.argv[3] == "warm" else None
begin = time.perf_counter()
again = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT")
again.depth() if sys.argv[3] == "depth" else again.spans()
print(time.perf_counter() - begin)
"""

INGEST = """
import sys, time
import liqmap as lm
from liqmap.store.commit import change, durable
if sys.argv[3] == "trusting":
    durable.SYNCS = False
    change.digest_file = lambda path: "0" * 32
begin = time.perf_counter()
lm.ingest(sys.argv[1:2], store=sys.argv[2], venue="bybit", jobs=1)
print(time.perf_counter() - begin)
"""


def timed(code: str, *arguments: str) -> float:
    """Seconds that a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def best(run: Callable[[str], float]) -> tuple[float, float]:
    """The quickest of three, verifying and trusting by turns."""
    both = [(run("verifying"), run("trusting")) for _ in range(3)]
    return min(a for a, _ in both), min(b for _, b in both)


def many_parts(root: Path) -> Path:
    """A store of 300 days of 10 symbols, a part each; its files are one small one."""
    source = tempfile.mkdtemp()
    capture = lm.simulate(minutes=0.2, seed=1, keep_truth=False)
    from liqmap.simulation import write_bybit

    lm.ingest(write_bybit(capture, Path(source)), store=Path(source) / "store", venue="bybit")
    one = st.list_parts(Path(source) / "store", "depth")[0]
    for number in range(SYMBOLS):
        symbol = f"SIM{number}"
        meta = Meta(**(vars(one.meta) | {"symbol": symbol}))
        parts = []
        for day in range(DAYS):
            shift = (day - DAYS) * st.DAY
            facts = type(one.facts)(
                **(vars(one.facts) | {n: getattr(one.facts, n) + shift for n in ("first_ts", "last_ts")})
            )
            folder = root / st.market_folder("depth", meta) / f"date={st.day_name(one.day + day - DAYS)}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{number}-{day}.parquet"
            shutil.copy(one.path, path)
            parts.append(type(one)(**(vars(one) | {"path": path, "meta": meta, "facts": facts})))
        Manifest(root, "bybit", symbol).changed(parts, [], []).save(root)
    return root


def run(minutes: int = 1440) -> list[Result | Told]:
    """Of a day of 30 million updates."""
    store = store_of(minutes)
    shutil.rmtree(store / ".spans", ignore_errors=True)
    if not (store / ".markets").exists():
        st.migrate(store)
    timed(OPEN, str(store), "verifying", "spans")  # replayed and kept
    rows = int(lm.open_store(store).sessions().query("kind == 'depth'")["rows"].sum())
    size = f"{rows / 1e6:.1f} M updates"
    found: list[Result | Told] = []
    for name, what in (
        ("depth, first read", "depth"),
        ("spans, first open", "spans"),
        ("spans, open again", "warm"),
    ):
        ours, peer = best(lambda how, what=what: timed(OPEN, str(store), how, what))
        found.append(Result(name, size, ours, "not verifying", peer))
    raw = next((store.parent / "raw").rglob("*ob*"))

    def ingest(how: str) -> float:
        with tempfile.TemporaryDirectory() as folder:
            return timed(INGEST, str(raw), folder + "/store", how)

    ours, peer = best(ingest)
    found.append(Result("ingest", size, ours, "no digests, no syncs", peer))
    with tempfile.TemporaryDirectory() as folder:
        many = many_parts(Path(folder))
        begin = time.perf_counter()
        assert len(lm.open_store(many).sessions()) == DAYS * SYMBOLS
        listed = time.perf_counter() - begin
        files = sorted(many.rglob("*.parquet"))
        begin = time.perf_counter()
        for file in files:
            open_part(file, "depth")
        footers = time.perf_counter() - begin
        found.append(
            Result(
                f"list {len(files):,} parts",
                f"{DAYS} days x {SYMBOLS}",
                listed,
                "reading footers",
                footers,
                "under 1 s",
            )
        )
    return found


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
