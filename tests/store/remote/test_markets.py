"""A source of two markets: each changes in a step of its own, and another writer may come between them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from liqmap import store as st
from liqmap.schema import ORDERS, TRADES, Meta, Source, StoreError
from liqmap.store import Writer
from liqmap.store.remote import claims
from liqmap.store.remote.client import Client, Object
from liqmap.store.remote.opening import folder_to_write
from tests.store.remote.standin import StandIn, objects

pytestmark = pytest.mark.long

Elsewhere = Callable[[str], None]
A, B = Meta(venue="x", symbol="A", trade_ids="trade"), Meta(venue="x", symbol="B")
MANIFEST = ".markets/venue=x/symbol={}/manifest.json"


def trades(first: int, last: int) -> pa.RecordBatch:
    n = np.arange(first, last)
    k = len(n)
    columns = [1_700_000_000 * 10**9 + n * 10**9, list(map(str, n)), ["buy"] * k, n / 4, np.ones(k), [""] * k]
    arrays = [pa.array(c).cast(f.type) for c, f in zip(columns, TRADES, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=TRADES)


def orders(count: int) -> pa.RecordBatch:
    n = np.arange(count)
    ts = 1_700_000_000 * 10**9 + n
    columns = [ts, ts, n, n, ["A"] * count, ["bid"] * count, n / 4, np.ones(count)]
    arrays = [pa.array(c).cast(f.type) for c, f in zip(columns, ORDERS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ORDERS)


def write(url: str, name: str, first: int, last: int, both: bool = True) -> None:
    root = folder_to_write(url)
    with Writer(root, Source(name=name, sha256=name * 64)) as writer:
        writer.append("trades", trades(first, last))
        if both:
            writer.append("orders", orders(20))
        writer.commit({"trades": A, "orders": B} if both else {"trades": A})


def parts(url: str) -> list[str]:
    return sorted(path for path in objects(url) if path.endswith(".parquet"))


def named(url: str) -> list[str]:
    """The names that the manifests have."""
    have = [json.loads(d.partition(b"\n")[2]) for p, d in objects(url).items() if p.endswith("manifest.json")]
    return sorted(part["name"] for manifest in have for part in manifest["parts"])


@pytest.mark.parametrize("dies", [False, True])
def test_another_writer__has_done_the_first_market(
    dies: bool, url: str, service: StandIn, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is overtaken in the first market by one that then loses its network; in the second it goes on, and
    what it had begun in the first is taken back. Or it dies there too: all is settled by the next write."""
    write(url, "a", 0, 60, both=False)
    first = parts(url)
    assert len(first) == 1
    put_over, waiting = Client.put_over, [1]

    def late(self: Client, path: str, data: bytes, before: Object | None) -> Object:
        if path == MANIFEST.format("A") and waiting:
            waiting.clear()
            cache = os.environ["LIQMAP_CACHE"]
            elsewhere("the other")
            service.after = lambda number: setattr(
                service, "down", service.log[-1].startswith("PUT") and MANIFEST.format("A") in _plain(service)
            )
            with pytest.raises(StoreError, match="no network"):
                write(url, "b", 40, 100)
            service.reset()
            monkeypatch.setenv("LIQMAP_CACHE", cache)
            if dies:
                service.before = lambda number: setattr(
                    service, "down", service.down or MANIFEST.format("B") in _plain(service)
                )
        return put_over(self, path, data, before)

    monkeypatch.setattr(Client, "put_over", late)
    if dies:
        with pytest.raises(StoreError, match="no network"):
            write(url, "b", 40, 100)
        service.reset()
    else:
        write(url, "b", 40, 100)
        assert not waiting
    pending = [claims.Pending.from_bytes(d) for p, d in objects(url).items() if p.startswith(".pending/")]
    assert None not in pending
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))
    elsewhere("the third")
    write(url, "b", 40, 100)
    write(url, "c", 100, 101, both=False)
    root = st.check_store(url)
    assert st.read_trades(root, "x", "A").num_rows == 101
    assert st.read_orders(root, "x", "B").num_rows == 20
    assert sorted(path.rpartition("/")[2] for path in parts(url)) == named(url)
    assert not [path for path in objects(url) if path.startswith(".pending/")]
    assert st.check(url).findings == ()


def _plain(service: StandIn) -> str:
    return service.log[-1].replace("%3D", "=")
