"""Sessions, stores and spans that were sent to another process are by reference, and say the same there."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import shutil
import types
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.schema import SessionError, StoreError
from liqmap.simulation import write_bybit
from liqmap.store import StoreName, compact
from tests.session.depth_store import write_sources

MOST = 10_000
"""Bytes of a pickle."""


def _make(folder: Path, seed: int) -> Path:
    write_bybit(lm.simulate(minutes=1, seed=seed, keep_truth=False), folder / "raw")
    assert lm.ingest(folder / "raw", store=folder / "store").exit_code == 0
    return folder / "store"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _make(tmp_path_factory.mktemp("sent"), seed=21)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the same market and time, and of other events."""
    return _make(tmp_path_factory.mktemp("other"), seed=22)


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A store that a test may move."""
    shutil.copytree(made, tmp_path / "store")
    return tmp_path / "store"


def _open(root: Path, **asked: Any) -> lm.Session:
    return lm.open_store(root).session("bybit", "SIMUSDT", **asked)


def _use(session: lm.Session) -> lm.Session:
    """Have it read everything that it keeps."""
    assert len(session.spans()) > 5_000
    assert len(session.traded())
    assert session.price_range
    assert len(session.bbo())
    return session


def _middle(session: lm.Session) -> pd.Timestamp:
    begin, end = map(pd.Timestamp, session.time_range)
    return begin + (end - begin) / 2


def _line(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


# ---------------------------------------------------------------------- the package


def test_the_package_is_a_plain_module_so_that_cloudpickle_sends_it_by_name() -> None:
    """A verb that is called as a folder of the package would have the lazy loader change its class; `live` is
    that folder itself, which can be called."""
    assert type(lm) is types.ModuleType
    folders = {path.stem for path in Path(lm.__file__).parent.iterdir()}
    assert folders & set(lm.__all__) == {"live"}
    assert lm.live is importlib.import_module("liqmap.live")
    assert "symbols" in inspect.signature(lm.live).parameters


def test_functions_of_a_notebook_that_use_the_package_are_sent() -> None:
    assert pickle.loads(cloudpickle.dumps(lm)) is lm

    def used() -> Any:
        return lm.Session

    # cloudpickle sends what is defined in __main__ whole, with the modules that it names
    made = types.FunctionType(used.__code__, {"lm": lm, "__name__": "__main__"}, "used")
    sent = cloudpickle.dumps(made)
    assert len(sent) < MOST
    assert pickle.loads(sent)() is lm.Session


# ---------------------------------------------------------------------- sessions and stores


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
@pytest.mark.parametrize("used", [False, True])
def test_a_session_is_sent_by_reference_and_says_the_same(made: Path, used: bool, protocol: int) -> None:
    first = _open(made)
    session = _open(made, start=_middle(first), look_back="1h", feed="ob200")
    if used:
        _use(session)
    sent = pickle.dumps(session, protocol)
    assert len(sent) < MOST
    again = pickle.loads(sent)
    assert "path" not in vars(again)
    assert not again._spans
    assert repr(again) == repr(session)
    assert again.time_range == session.time_range
    assert again.depth().equals(session.depth())
    assert again.trades().equals(session.trades())
    assert again.bbo().equals(session.bbo())
    assert again.spans().to_arrow().equals(session.spans().to_arrow(), check_metadata=True)
    assert again.grid("1s", 5.0, parts=True).identical(session.grid("1s", 5.0, parts=True))
    names = ("venue", "symbol", "feed", "start", "end", "_look_back", "_available")
    assert [getattr(again, n) for n in names] == [getattr(session, n) for n in names]


def test_a_session_is_sent_on_without_being_opened(made: Path) -> None:
    session = _use(_open(made))
    once = pickle.dumps(session)
    assert pickle.dumps(pickle.loads(once)) == once


def test_a_store_is_sent_by_name(made: Path) -> None:
    store = lm.open_store(made)
    sent = pickle.dumps(store)
    assert len(sent) < MOST
    again = pickle.loads(sent)
    assert "path" not in vars(again)
    assert again.sessions().equals(store.sessions())


def test_a_folder_that_was_named_from_here_is_found_from_elsewhere(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made.parent)
    session = _use(_open(Path("store")))
    sent, spans = pickle.dumps(session), pickle.dumps(session.spans())
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(sent).trades().num_rows == len(session.traded())
    assert len(pickle.loads(spans)) == len(session.spans())


def test_a_store_that_was_moved_is_one_clear_line(root: Path) -> None:
    session, store = _use(_open(root)), lm.open_store(root)
    sent = pickle.dumps((session, store))
    root.rename(root.with_name("moved"))
    again, found = pickle.loads(sent)
    for call in (again.trades, again.spans, again.depth, again.gaps, found.sessions):
        with pytest.raises(StoreError, match="got nothing there") as error:
            call()
        assert str(root) in _line(error)
        assert "if it was moved, open it again" in _line(error)
    root.with_name("moved").rename(root)
    assert again.trades().num_rows == len(session.traded())


def test_a_store_that_no_longer_has_the_market_is_refused(root: Path) -> None:
    """Such as the folder on which a disk of another machine was to be mounted: no trades are not none."""
    sent = pickle.dumps(_open(root))
    shutil.rmtree(root)
    root.mkdir()
    with pytest.raises(SessionError, match="got none") as error:
        pickle.loads(sent).trades()
    assert "bybit SIMUSDT ob200 from" in _line(error)


def test_another_store_under_the_same_path_is_refused(root: Path, other: Path) -> None:
    begin, end = (pd.Timestamp(t) for t in _open(other).time_range)
    asked = {"start": begin + pd.Timedelta("5s"), "end": end - pd.Timedelta("5s")}  # what both have
    sent = pickle.dumps(_use(_open(root, **asked)))
    shutil.rmtree(root)
    shutil.copytree(other, root)
    assert len(_open(root, **asked).spans())
    again = pickle.loads(sent)
    for _ in range(2):  # not only the first time
        with pytest.raises(SessionError, match=r"before it was sent here.*Open it again") as error:
            again.spans()
        _line(error)
    with pytest.raises(SessionError):
        pickle.loads(pickle.dumps(again)).bbo()


def test_compaction_between_does_not_matter(tmp_path: Path) -> None:
    depth = lm.simulate(minutes=0.2, seed=23, keep_truth=False).depth
    changes = np.flatnonzero(np.diff(depth["seq"].to_numpy())) + 1
    write_sources(tmp_path, depth, [int(changes[k * len(changes) // 3]) for k in (1, 2)])
    session = _open(tmp_path)
    assert len(session.spans())
    sent, before = pickle.dumps(session), lm.open_store(tmp_path).files("depth")
    compact(tmp_path)
    assert len(lm.open_store(tmp_path).files("depth")) < len(before) == 3
    assert pickle.loads(sent).bbo().equals(session.bbo())


def test_the_endpoint_of_a_store_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a bucket of the same name would be read, elsewhere."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    name = StoreName("s3://bucket/store", "http://localhost:9000")
    with pytest.raises(StoreError, match=r"got that of the cloud.*AWS_ENDPOINT_URL") as error:
        name.open()
    assert "http://localhost:9000" in _line(error)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_stand_on_the_same_spans(made: Path, copied: Any) -> None:
    session = _use(_open(made))
    again = copied(session)
    assert again is not session
    assert again.spans() is session.spans()
    assert again.price_range == session.price_range
    assert again.grid("1s", 5.0).identical(session.grid("1s", 5.0))
    fresh = copied(_open(made))
    assert not fresh._spans
    assert fresh.trades().equals(session.trades())
    limited = again.spans(depth_limit=5)
    assert 5 not in session._spans  # each keeps its own
    assert len(limited) < len(again.spans())
    assert copied(lm.open_store(made)).path == made


# ---------------------------------------------------------------------- spans


def test_spans_of_a_store_are_sent_by_where_they_stand(made: Path) -> None:
    spans = _open(made).spans()
    sent = pickle.dumps(spans)
    assert len(sent) < MOST
    again = pickle.loads(sent)
    assert again.to_arrow().equals(spans.to_arrow(), check_metadata=True)
    assert again.window.equals(spans.window)
    assert (again.since, again.begin, again.last) == (spans.since, spans.begin, spans.last)
    assert pickle.dumps(again) == sent


def test_spans_that_end_earlier_are_sent_by_where_the_whole_stands(made: Path) -> None:
    session = _open(made, end=_middle(_open(made)))
    spans = session.spans()
    assert spans.stored is not None
    sent = pickle.dumps(spans)
    assert len(sent) < MOST
    again = pickle.loads(sent)
    assert again.to_arrow().equals(spans.to_arrow(), check_metadata=True)
    assert again.window.equals(spans.window)


def test_spans_whose_files_are_gone_are_sent_whole(root: Path) -> None:
    spans = _open(root).spans()
    sent = pickle.dumps(spans)
    shutil.rmtree(root / ".spans")
    whole = pickle.dumps(spans)
    assert len(whole) > spans.nbytes
    assert pickle.loads(whole).to_arrow().equals(spans.to_arrow(), check_metadata=True)
    with pytest.raises(StoreError, match=r"got nothing there.*Send the session itself") as error:
        pickle.loads(sent)
    _line(error)


def test_damaged_spans_are_not_taken(root: Path) -> None:
    sent = pickle.dumps(_open(root).spans())
    for file in (root / ".spans").rglob("bids.arrow"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    with pytest.raises(StoreError, match="other bytes"):
        pickle.loads(sent)


def test_a_deep_copy_of_spans_is_whole(made: Path) -> None:
    spans = _open(made).spans()
    whole = copy.deepcopy(spans)
    assert whole.to_arrow().equals(spans.to_arrow(), check_metadata=True)
    assert whole.since == spans.since
    assert len(pickle.dumps(whole)) > spans.nbytes
    for ours, theirs in zip(whole.sides, spans.sides):
        assert not np.shares_memory(ours.size, theirs.size)
