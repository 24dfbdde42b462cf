"""A recorder against an exchange in a box, for long: faults all the time, and kills if asked for.

    make soak MINUTES=30 SPEED=20 KILLS=20 DATA="FILE..."
    python -m tests.live.soak --minutes 30 --speed 20 --kills 20 FILE...

An exchange plays the files again and again, or a simulated market, each time with faults at other places; a
recorder records them in a process of its own. Then judged: memory (the second half's against that of the
second eighth), and files (each raw file is whole, its batch ingest is what the store has, no row is in
Parquet twice). Prints a line for each, and exits with 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

import liqmap as lm
from liqmap.live.play.exchange import Exchange
from liqmap.live.play.faults import KINDS, Fault, placed
from liqmap.live.play.source import tapes_of
from liqmap.live.play.tape import Tape
from liqmap.live.recorder.folder import raw_files

FLUSH_S = 2.0
PORTION = 65_536
"""Rows that are compared at once."""

GROWTH = 1.25
"""Memory may grow by as much from the second eighth to the second half: allocators keep some."""

A_ROUND = 3
"""Faults of each time that the recording is played."""

SHORT = {"silence": 5.0, "restart": 0.5, "restart-empty": 0.5, "drip": 0.01, "late": 0.5}


def faults(messages: int, seed: int, venue: str) -> list[str]:
    """A few of any kind, at random places of a recording: more, and the market would hardly be heard, for a
    connection that broke often waits long."""
    chance = random.Random(seed)
    kinds = [kind for kind in KINDS if kind != "checksum" or venue == "kraken"]
    found = []
    for kind in chance.choices(kinds, k=A_ROUND):
        seconds = f":{SHORT[kind]}s" if kind in SHORT else ""
        found.append(f"{kind}@{chance.randint(2, messages - 30)}{seconds}")
    return found


def tapes(files: list[str], seed: int) -> list[Tape]:
    """What is played: files, or a simulated market. Ids of trades are random, as Bybit's are, for those that
    rise cost a reader less."""
    chance = random.Random(seed)
    found = []
    for tape in tapes_of(files or lm.simulate(minutes=6, seed=seed, keep_truth=False)):
        if tape.trades is not None:
            names = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(tape.trades.num_rows)]
            at = tape.trades.schema.get_field_index("id")
            tape = replace(tape, trades=tape.trades.set_column(at, "id", pa.array(names)))
        found.append(tape)
    return found


def place_again(exchange: Exchange, seed: int, venue: str) -> None:
    """Faults for a round that has none yet: to begin anew clears those of the one before."""
    for played in exchange.markets.values():
        if not played.faults:
            wrong = faults(played.tape.numbers, seed + played.rounds, venue)
            played.faults = placed(map(Fault.parse, wrong), played.tape)


def recorder(markets: list[str], store: Path, url: str, roll: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "liqmap", "record", *markets, "--store", str(store), "--url", url]
    return subprocess.Popen([*command, "--flush", f"{FLUSH_S}s", "--roll", roll, "--json"],
                            stdout=subprocess.PIPE, text=True)  # fmt: skip


def lines_of(path: Path) -> Iterator[bytes]:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
        yield from stream.read().splitlines()


def doubled(store: Path) -> int:
    """Rows of levels that are in Parquet more than once."""
    rows: Counter[tuple[object, ...]] = Counter()
    for path in store.glob("depth/**/*.parquet"):
        table = pq.ParquetFile(path).read(columns=["ts", "seq", "event", "side", "price"])
        rows.update(row for row in zip(*(table[n].to_pylist() for n in table.column_names)) if row[3])
    return sum(count - 1 for count in rows.values())


def same_as_batch(store: Path, work: Path) -> list[str]:
    """Markets of which the store has other rows than its raw files give."""
    wrong = []
    for folder in sorted({path.parent for path in (store / "raw").rglob("*.zst")}):
        batch = work / f"batch-{folder.name}"
        lm.ingest(raw_files(folder), store=batch, venue=folder.parent.name)
        live, again = lm.open_store(store), lm.open_store(batch)
        for row in again.sessions().drop_duplicates(["venue", "symbol"]).itertuples():
            both = [one.session(row.venue, row.symbol) for one in (live, again)]
            for kind in ("depth", "trades"):
                found = differs(*(getattr(session, kind)() for session in both))
                wrong += [f"{row.venue} {row.symbol} {kind}: {found}"] if found else []
    return wrong


def differs(ours: pa.Table, theirs: pa.Table) -> str:
    """How a table of the store differs from that of a batch ingest, with the first row that does; empty where
    it is equal."""
    ours, theirs = plain(ours), plain(theirs)
    if ours == theirs:
        return ""
    counts = f"{ours.num_rows:,} rows, {theirs.num_rows:,} in batch"
    for at in range(0, max(ours.num_rows, theirs.num_rows), PORTION):
        own, other = (table.slice(at, PORTION).to_pylist() for table in (ours, theirs))
        if own != other:
            k = next(
                (k for k, two in enumerate(zip(own, other)) if two[0] != two[1]), min(len(own), len(other))
            )
            return f"{counts}; row {at + k:,} on: {own[k : k + 2]}, in batch {other[k : k + 2]}"
    return f"{counts}; of other types"


def plain(table: pa.Table) -> pa.Table:
    """Without metadata, and with words instead of dictionaries, whose order means nothing."""
    types = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, types))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--venue", default="bybit")
    parser.add_argument("--feed", help="of the venue, such as ob200; default: that of the files")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--speed", type=float, default=20)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--roll", default="5min", help="from one raw file to the next")
    parser.add_argument("--keep", type=Path, help="folder that keeps the store and its batch ingest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        return soak(options, options.keep or Path(work))


def soak(options: argparse.Namespace, work: Path) -> int:
    store, chance, memory = work / "store", random.Random(options.seed), []
    exchange = Exchange(tapes(options.files, options.seed), options.venue, options.speed, ending="loop")
    with exchange.running():
        feed = options.feed or (next(iter(exchange.markets.values())).tape.meta.feed or "")
        feed = f":{feed}" if feed and options.venue == "bybit" else ""
        markets = [f"{exchange.venues[symbol]}:{symbol}{feed}" for symbol in exchange.markets]
        end = time.monotonic() + 60 * options.minutes
        kills = sorted(chance.uniform(0.02, 0.98) * 60 * options.minutes for _ in range(options.kills))
        begun, child, cpu = time.monotonic(), recorder(markets, store, exchange.url, options.roll), 0.0
        while time.monotonic() < end:
            place_again(exchange, options.seed, options.venue)
            time.sleep(2)
            process = psutil.Process(child.pid)
            memory.append(process.memory_info().rss / 2**20)
            cpu = sum(process.cpu_times()[:2])
            if kills and time.monotonic() - begun > kills[0]:
                kills.pop(0)
                child.kill()
                child.communicate()
                child = recorder(markets, store, exchange.url, options.roll)
        child.send_signal(signal.SIGTERM)
        said, _ = child.communicate(timeout=120)
    minutes, sent = (time.monotonic() - begun) / 60, exchange.count
    heard = sum(1 for path in (store / "raw").rglob("*.zst") for _ in lines_of(path))
    early, late = memory[len(memory) // 8 : len(memory) // 4], memory[len(memory) // 2 :]
    early_mb, late_mb = statistics.median(early), statistics.median(late)
    at = f"{minutes:.1f} minutes at {options.speed:g} times"
    print(f"{at}, {len(exchange.struck):,} faults, {options.kills} kills")
    print(f"{sent:,} messages sent, {heard:,} lines in raw files; {cpu / 60 / minutes:.3f} of a core")
    print(f"memory: {early_mb:.0f} MB early, {late_mb:.0f} MB late, peak {max(memory):.0f} MB")
    differing, twice = same_as_batch(store, work), doubled(store)
    print(
        f"exit code {child.returncode}; rows twice in Parquet: {twice}; unlike batch: {differing or 'none'}"
    )
    print(said[:2000])
    return int(
        bool(differing)
        or twice > 0
        or child.returncode not in (0, 1)  # 1: lines that a fault cut off are rejected
        or (not options.kills and late_mb > GROWTH * early_mb)
    )


if __name__ == "__main__":
    sys.exit(main())
