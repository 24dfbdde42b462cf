"""A calibration saved on object storage: seen by others, kept where no answer comes, sent along by push."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import StoreError
from liqmap.store.remote.address import address
from liqmap.store.remote.client import Client
from tests.store.commit.sources import MARKET, write_raw
from tests.store.remote.standin import StandIn, objects

FEED = (*MARKET, "ob50")
RECORD = {"version": 1, "fields": {}}
PLACE = "calibrations/venue=bybit/symbol=BTCUSDT/feed=ob50/calibration.json"

Elsewhere = Callable[[str], None]


@pytest.fixture
def local(tmp_path: Path) -> Path:
    files = write_raw(tmp_path / "raw")
    assert lm.ingest(files, store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


def test_save_and_read__from_another_machine(url: str, local: Path, elsewhere: Elsewhere) -> None:
    st.push(local, url)
    root = lm.open_store(url).path
    assert st.read_calibration(root, FEED) is None
    assert st.calibrated_feeds(root) == []
    st.write_calibration(root, FEED, RECORD)
    assert PLACE in objects(url)
    elsewhere("a reader")
    other = lm.open_store(url).path
    assert other != root
    assert st.calibrated_feeds(other) == [FEED]
    assert st.read_calibration(other, FEED) == RECORD
    st.write_calibration(other, FEED, RECORD | {"version": 2})
    assert st.read_calibration(root, FEED)["version"] == 2
    assert list(st.find(other)) == []


def test_removed_there__is_none_here(url: str, local: Path) -> None:
    st.push(local, url)
    root = lm.open_store(url).path
    st.write_calibration(root, FEED, RECORD)
    Client(address(url)).delete([PLACE])
    assert st.read_calibration(root, FEED) is None
    assert not (root / PLACE).exists()


def test_no_answer__what_is_here_serves(url: str, local: Path, service: StandIn) -> None:
    st.push(local, url)
    root = lm.open_store(url).path
    st.write_calibration(root, FEED, RECORD)
    service.down = True
    with pytest.warns(st.OfflineWarning, match="no answer; the calibration that was read earlier is shown"):
        assert st.read_calibration(root, FEED) == RECORD
    with pytest.raises(StoreError):
        st.write_calibration(root, FEED, RECORD | {"version": 2})
    assert st.calibrated_feeds(root) == [FEED]
    service.down = False
    assert st.read_calibration(root, FEED) == RECORD


def test_info__tells_once_that_nobody_answers(
    url: str, local: Path, service: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    st.push(local, url)
    lm.open_store(url)
    service.down = True
    with pytest.warns(st.OfflineWarning) as told:
        assert main(["info", "--store", url]) == 0
    assert len({str(one.message) for one in told}) == 1
    assert all("no answer" in str(one.message) for one in told)


def test_push_and_pull__take_it_along(url: str, local: Path, tmp_path: Path) -> None:
    st.write_calibration(local, FEED, RECORD)
    st.push(local, url)
    assert PLACE in objects(url)
    st.write_calibration(local, FEED, RECORD | {"version": 2})
    st.push(local, url)
    st.pull(url, tmp_path / "pulled")
    assert st.read_calibration(tmp_path / "pulled", FEED) == RECORD
