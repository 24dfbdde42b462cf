"""A stand-in for object storage, one for all tests of a worker, and an address in it for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liqmap.store.remote import client
from tests.store.remote.standin import StandIn, environment


@pytest.fixture(scope="session")
def running() -> Iterator[StandIn]:
    service = StandIn()
    service.make_bucket("bucket")
    yield service
    service.close()


@pytest.fixture
def service(running: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """The stand-in, and the environment by which it is found; no answer is asked for twice."""
    running.reset()
    for name, value in environment(running.url, str(tmp_path / "cache")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(client, "RETRIES", 0)
    yield running
    running.reset()


@pytest.fixture
def url(service: StandIn, request: pytest.FixtureRequest) -> str:
    """Of a store that is not there yet."""
    service.stores += 1
    return f"s3://bucket/{request.node.originalname}-{service.stores}"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Go on as another machine would: with a cache of its own."""
    return lambda name: monkeypatch.setenv("LIQMAP_CACHE", str(tmp_path / f"cache of {name}"))
