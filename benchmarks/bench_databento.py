"""Readers of Databento files against a plain loop over the records of the vendor's library.

The loop keeps the book in dictionaries, as the vendor's documentation does, makes a tuple of every level that
an event changes, and a DataFrame of them; it takes a CSV file from ``csv.reader``. Both read the same plain
files, made here; neither writes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import liqmap as lm
from liqmap.formats.databento.records import NO_PRICE, SCHEMAS

from .report import Result, table
from .sample import best

START = 1_703_462_400 * 10**9
TICK = 250_000_000


def _header(schema: Any) -> bytes:
    import databento_dbn as dbn

    days = SimpleNamespace(start_date=dt.date(2023, 12, 25), end_date=dt.date(2023, 12, 26), symbol="1")
    mapping = SimpleNamespace(raw_symbol="ESH4", intervals=[days])
    kinds = dbn.SType.RAW_SYMBOL, dbn.SType.INSTRUMENT_ID
    return bytes(
        dbn.Metadata("GLBX.MDP3", START, *kinds, schema, ["ESH4"], [], [], [mapping], START + 10**13)
    )


def _records(schema: str, count: int) -> np.ndarray:
    """Records of the schema with what all have in common."""
    rtype, layout = SCHEMAS[schema]
    out = np.zeros(count, layout)
    out["length"], out["rtype"], out["publisher_id"], out["instrument_id"] = layout.itemsize // 4, rtype, 1, 1
    out["ts_event"] = START + np.arange(count) * 100_000
    out["ts_recv"] = out["ts_event"] + 50_000
    out["flags"], out["sequence"] = 0x80, np.arange(count)
    return out


def mbo(count: int) -> np.ndarray:
    """Orders within 200 ticks of a walking price: an add, and on the average one cancel, 5,000 adds later."""
    random = np.random.default_rng(1)
    out = _records("mbo", count)
    adds = np.arange(count) % 2 == 0
    number = np.arange(count) // 2
    gone = np.maximum(number - 5_000 + random.integers(-400, 400, count), 0)
    out["order_id"] = np.where(adds, number, gone)
    out["action"] = np.where(adds, ord("A"), ord("C"))
    out["side"] = np.where(random.random(count) < 0.5, ord("B"), ord("A"))
    middle = 20_000 + np.cumsum(random.integers(-1, 2, count))
    away = np.where(out["side"] == ord("B"), -1, 1) * random.integers(1, 200, count)
    out["price"] = (middle + away) * TICK
    out["size"] = np.where(adds, random.integers(1, 20, count), 1 << 20)
    return out


def mbp(count: int) -> np.ndarray:
    """Ten levels a side; a record changes the size of one, and one in fifty moves the price by a tick."""
    random = np.random.default_rng(2)
    out = _records("mbp-10", count)
    out["action"], out["side"], out["price"], out["size"] = ord("A"), ord("B"), NO_PRICE, 1
    middle = 20_000 + np.cumsum(random.integers(-1, 2, count) * (random.random(count) < 0.02))
    depth = np.arange(10)
    out["levels"]["bid_px"] = (middle[:, None] - 1 - depth) * TICK
    out["levels"]["ask_px"] = (middle[:, None] + 1 + depth) * TICK
    for name in ("bid_sz", "ask_sz"):
        drawn = np.where(random.random((count, 10)) < 0.05, random.integers(1, 500, (count, 10)), 0)
        last = np.maximum.accumulate(np.where(drawn > 0, np.arange(count)[:, None], 0), axis=0)
        out["levels"][name] = np.take_along_axis(drawn, last, axis=0) + 1
    return out


def _decoded(path: Path) -> Iterator[Any]:
    """The vendor's records; of a CSV file something that looks like them."""
    import databento_dbn as dbn

    if path.suffix == ".dbn":
        decoder = dbn.DBNDecoder()
        decoder.write(path.read_bytes())
        yield from decoder.decode()[1:]
        return
    with path.open(newline="") as file:
        rows = csv.reader(file)
        at = {name: i for i, name in enumerate(next(rows))}
        kept = [
            at.get(n, 0)
            for n in ("ts_event", "ts_recv", "sequence", "action", "side", "price", "size", "order_id")
        ]
        levels = [
            [at[f"{n}_{i:02d}"] for n in ("bid_px", "ask_px", "bid_sz", "ask_sz")]
            for i in range(10)
            if "bid_px_09" in at
        ]
        for row in rows:
            ts, received, seq, action, side, price, size, order = (row[i] for i in kept)
            shown = [
                SimpleNamespace(
                    bid_px=float(row[b]) * 1e9,
                    ask_px=float(row[a]) * 1e9,
                    bid_sz=int(row[bs]),
                    ask_sz=int(row[sz]),
                )
                for b, a, bs, sz in levels
            ]
            yield SimpleNamespace(
                ts_event=ts, ts_recv=received, sequence=int(seq), action=action, side=side,
                price=float(price) * 1e9 if price else None, size=int(size),
                order_id=order if levels else int(order), levels=shown,
            )  # fmt: skip


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    out = pd.DataFrame(rows, columns=["ts", "ts_recv", "seq", "side", "price", "size"])
    for name in ("ts", "ts_recv"):
        out[name] = pd.to_datetime(out[name], utc=True)
    return out


def plain_mbo(path: Path) -> pd.DataFrame:
    """The peer of ``mbo``."""
    orders: dict[int, tuple[str, float, int]] = {}
    levels: Counter[tuple[str, float]] = Counter()
    rows = []
    for r in _decoded(path):
        if r.action == "A":
            side, price = str(r.side), r.price
            orders[r.order_id] = side, price, r.size
            levels[side, price] += r.size
        elif r.order_id in orders:
            side, price, size = orders.pop(r.order_id)
            levels[side, price] -= min(size, r.size)
            if size > r.size:
                orders[r.order_id] = side, price, size - r.size
        else:
            continue
        rows.append((r.ts_event, r.ts_recv, r.sequence, side, price / 1e9, levels[side, price]))
    return _frame(rows)


def plain_mbp(path: Path) -> pd.DataFrame:
    """The peer of ``mbp-10``."""
    before: dict[tuple[str, float], int] = {}
    rows = []
    for r in _decoded(path):
        now = {}
        for level in r.levels:
            now["bid", level.bid_px] = level.bid_sz
            now["ask", level.ask_px] = level.ask_sz
        changed = {k: 0 for k in before if k not in now} | {
            k: v for k, v in now.items() if before.get(k) != v
        }
        rows += [(r.ts_event, r.ts_recv, r.sequence, s, p / 1e9, size) for (s, p), size in changed.items()]
        before = now
    return _frame(rows)


def _csv(data: bytes) -> bytes:
    import databento_dbn as dbn

    out = io.BytesIO()
    coder = dbn.Transcoder(out, dbn.Encoding.CSV, dbn.Compression.NONE)
    coder.write(data)
    coder.flush()
    return out.getvalue()


def run(count: int = 500_000) -> list[Result]:
    """Half a million records of mbo, a fifth of that of mbp-10 (which are seven times as long)."""
    import databento_dbn as dbn

    kinds: list[tuple[str, Any, np.ndarray, Callable[[Path], pd.DataFrame]]] = [
        ("mbo", dbn.Schema.MBO, mbo(count), plain_mbo),
        ("mbp-10", dbn.Schema.MBP_10, mbp(count // 5), plain_mbp),
    ]
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, schema, records, plain in kinds:
            data = _header(schema) + records.tobytes()
            binary, text = Path(scratch, f"{name}.dbn"), Path(scratch, f"{name}.csv")
            binary.write_bytes(data)
            text.write_bytes(_csv(data))
            for path in (binary, text):
                peer = best(lambda plain=plain, path=path: plain(path), times=1)
                assert len(plain(path)) == lm.read(path).depth.num_rows  # type: ignore[union-attr]
                ours = best(lambda path=path: lm.read(path), times=3)
                megabytes = path.stat().st_size / 1e6
                speed = f"{megabytes / ours:.0f} MB/s, {len(records) / ours / 1e6:.2f} M rec/s"
                what = f"read Databento {name} {path.suffix[1:]}"
                size = f"{megabytes:.0f} MB: {speed}"
                results.append(Result(what, size, ours, "plain loop over the records", peer))
    return results


if __name__ == "__main__":
    table(run())
