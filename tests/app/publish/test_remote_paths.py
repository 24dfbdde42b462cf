"""No address of the object storage, and no path of its mirror, is in anything that a visitor is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.app.publish.access import Access
from tests.app.publish.hearing import Hearing, served
from tests.store.remote.conftest import running as running
from tests.store.remote.conftest import service as service
from tests.store.remote.standin import StandIn

MARK = "zq7mark"
"""In the name of the bucket, of the store and of the cache."""


async def visit(url: str, service: StandIn, is_down_first: bool) -> Hearing:
    async with served(lm.open_store(url), Access(no_auth=True, editors=("*",))) as address:
        service.down = is_down_first
        visitor = Hearing(address)
        await visitor.open("?page=calibration")
        await visitor.settle()
        service.down = True
        await visitor.drive(forged=())
        await visitor.settle()
        visitor.leave()
        return visitor


@pytest.mark.long
@pytest.mark.parametrize("is_down_first", [True, False])
def test_no_address__of_object_storage(
    service: StandIn, is_down_first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from liqmap.simulation import write_bybit

    monkeypatch.setenv("LIQMAP_CACHE", str(tmp_path / f"{MARK} cache"))
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / f"{MARK} config"))
    bucket = f"{MARK}-{int(is_down_first)}"
    service.make_bucket(bucket)
    url = f"s3://{bucket}/{MARK}-store"
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=8), tmp_path / "raw")
    assert lm.ingest(raw, store=url).exit_code == 0
    visitor = asyncio.run(visit(url, service, is_down_first))
    for secret in (MARK, "s3:", service.url.removeprefix("http://"), "testing", "Traceback", str(tmp_path)):
        at = visitor.words.find(secret)
        assert at < 0, visitor.words[max(at - 300, 0) : at + 200]
