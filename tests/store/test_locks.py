"""One writer at a time, also where the file system has no locks."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.schema import StoreError
from liqmap.store import locks
from liqmap.store.locks import locked
from tests.store.commit.sources import filled, own, write_raw


@pytest.fixture
def lockless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system such as some over a network."""

    def refuse(file: object, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refuse)


def test_locked__one_thread_after_the_other(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def write() -> None:
        for _ in range(50):
            with locked(tmp_path / "lock"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_without_locks__a_second_writer_is_refused_in_words(lockless: None, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        locked(lock),
        pytest.raises(StoreError, match=r"lock.owner: expected nobody else .* got process \d+ of"),
        locked(lock),
    ):
        pass
    with locked(lock):  # the first has ended
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["lock"]


def test_without_locks__a_store_is_written_and_read(lockless: None, tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert len(own(store)) > 100
    assert not (store / ".staging").exists()
    (store / ".lock.owner").write_text("process 1 of elsewhere")
    report = lm.ingest(write_raw(tmp_path / "more")[0], store=store)
    assert report.errors == []  # known already: nothing is written
    (tmp_path / "raw" / "9_linear.ndjson").write_text(
        (tmp_path / "raw" / "0_linear.ndjson").read_text().replace("BTC", "ETH")
    )
    (error,) = lm.ingest(tmp_path / "raw" / "9_linear.ndjson", store=store).errors
    assert "got process 1 of elsewhere. Wait until it has ended" in error
    assert "\n" not in error
