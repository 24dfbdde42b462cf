"""A change of a market: all or nothing, at whatever step it ends."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.store.commit import folders
from liqmap.store.commit.recovery import open_for_writing
from tests.store.commit.sources import MARKET, filled, own, plain, write_raw

COMMANDS: dict[str, Callable[[Path, Path], Any]] = {
    "compact": lambda store, raw: st.compact(store),
    "rm a day": lambda store, raw: st.remove(
        store, st.select(store, *MARKET, first="2023-11-15", last="2023-11-15")
    ),
    "rm": lambda store, raw: st.remove(store, st.select(store, *MARKET)),
    "merge": lambda store, raw: lm.ingest(raw / "more_linear.ndjson", store=store),
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    made = filled(tmp_path)
    raw = tmp_path / "raw"
    text = b"".join((raw / f"{n}_linear.ndjson").read_bytes() for n in (1, 2))
    (raw / "more_linear.ndjson").write_bytes(text)
    st.remove(made, [p for p in st.list_parts(made, "depth") if p.facts.first_seq == 71])
    return made


def dies(store: Path, raw: Path, command: str, at: int) -> bool:
    """Run a command in a process of its own that dies before the ``at``-th rename, exchange or unlink."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    left = [at]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def do(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)
            return step(*args, **more)

        return do

    exchange = folders._exchange()
    os.replace, os.rename = counted(os.replace), counted(os.rename)
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
    folders._exchange = lambda: counted(exchange) if exchange else None  # type: ignore[assignment]
    try:
        COMMANDS[command](store, raw)
    finally:
        os._exit(0)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("exchanging", [True, False])
def test_every_step__leaves_the_state_before_or_after(
    command: str, exchanging: bool, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanging:
        monkeypatch.setattr(folders, "_exchange", lambda: None)
    st.migrate(store)
    before, raw = own(store), tmp_path / "raw"
    whole = tmp_path / "whole"
    shutil.copytree(store, whole)
    COMMANDS[command](whole, raw)
    after = own(whole)
    days = [[r for r in after if r["ts"].day == day] for day in (14, 15)]
    mixed = [*days[0], *(r for r in before if r["ts"].day == 15)]  # compact goes day by day
    seen, at = set(), 0
    while True:
        at += 1
        copy = tmp_path / f"{at}"
        shutil.copytree(store, copy)
        if not dies(copy, raw, command, at):
            break
        found = own(copy)
        assert found in (before, after, mixed)
        seen.add(found == after)
        open_for_writing(copy)
        assert own(copy) == found
        assert plain(copy) == len(found), "a reader of the folders, once it was opened for writing"
        assert not (copy / ".staging").exists()
        if found != after:
            COMMANDS[command](copy, raw)
        assert own(copy) == after
        assert plain(copy) == len(after)
        shutil.rmtree(copy)
    assert at > 4
    if before != after:
        assert seen == {True, False}


def full_at(at: int, step: Callable[..., Any]) -> Callable[..., Any]:
    """A step that finds the disk full when it is called for the ``at``-th time."""
    left = [at]

    def do(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return step(*args, **more)

    return do


def test_full_disk__leaves_what_was(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own(store)
    for at in range(1, 5):
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", full_at(at, os.replace))
            report = lm.ingest(tmp_path / "raw" / "more_linear.ndjson", store=store)
        assert "No space left" in report.errors[0]
        assert own(store) == before
        assert plain(store) == len(before)
    assert lm.ingest(tmp_path / "raw" / "more_linear.ndjson", store=store).exit_code == 0


def test_source_of_two_days__becomes_visible_in_one_step(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw")
    whole = tmp_path / "whole.ndjson"
    whole.write_bytes(b"".join(path.read_bytes() for path in raw))
    lm.ingest(whole, store=tmp_path / "all", venue="bybit")
    everything = own(tmp_path / "all")
    COMMANDS["ingest"] = lambda store, raw: lm.ingest(raw, store=store, venue="bybit")
    at = 0
    try:
        while True:
            at += 1
            store = tmp_path / f"{at}"
            store.mkdir()
            if not dies(store, whole, "ingest", at):
                break
            assert own(store) in ([], everything)
            open_for_writing(store)
            assert plain(store) in (0, len(everything))
    finally:
        del COMMANDS["ingest"]
    assert at > 5


def test_readers__find_files_that_are_being_moved(store: Path, tmp_path: Path) -> None:
    before = own(store)
    part = st.list_parts(store, "depth")[0]
    aside = store / ".staging" / "1-a" / "day-0"
    aside.mkdir(parents=True)
    os.rename(part.path, aside / part.path.name)
    assert own(store) == before
    os.rename(aside / part.path.name, aside / "gone")
    with pytest.raises(StoreError, match="expected the files of the store to stay"):
        own(store)
