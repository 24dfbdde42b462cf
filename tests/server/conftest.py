"""A store of two markets of two minutes, and who asks of it."""

from __future__ import annotations

import pytest

import liqmap as lm
from liqmap.server import make_api
from liqmap.simulation import write_bybit
from tests.server.asking import Asker


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    folder = tmp_path_factory.mktemp("served")
    for seed, symbol in ((3, "AAAUSDT"), (4, "BBBUSDT")):
        capture = lm.simulate(
            minutes=2, seed=seed, levels=20, volatility=4.0, symbol=symbol, keep_truth=False
        )
        lm.ingest(write_bybit(capture, folder / symbol), store=folder / "store")
    return lm.open_store(folder / "store")


@pytest.fixture(scope="package")
def ask(store: lm.Store) -> Asker:
    return Asker(make_api(store))


@pytest.fixture(scope="package")
def session(store: lm.Store) -> lm.Session:
    return store.session("bybit", "AAAUSDT")
