"""Batch = live: whatever the cuts, the store has what the raw file gives, and ingesting that adds nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import liqmap as lm
from liqmap.live.market import Market
from liqmap.live.recorder.raw_log import line_of
from liqmap.live.recorder.recording import Recording
from liqmap.store import growing
from tests.live.recorder.feeds import Heard, binance, bybit, tables_in, tables_of

LOSSY = bybit(60, seed=3)
del LOSSY[30:33]
CASES: dict[str, tuple[str, Heard]] = {
    "bybit": ("bybit", bybit(60, seed=1)),
    "bybit spot": ("bybit-spot", bybit(40, seed=2, snapshots=(0, 20))),
    "bybit, messages lost": ("bybit", LOSSY),
    "binance": ("binance-futures", binance(60)),
    "binance, a diff lost": ("binance-futures", binance(60, lost=(30, 31))),
    "binance, never a snapshot": ("binance-futures", binance(40, snapshot_at=-1)),
}


def recorded(root: Path, venue: str, heard: Heard, cuts: list[int], last_cuts: int = 60) -> Recording:
    """Lines recorded with a flush after each of so many of them."""
    folder = root / "store" / "raw" / venue / "BTCUSDT"
    folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "MOST_SMALL", last_cuts)
        one = Recording(Market(venue, "BTCUSDT"), folder, heard[0][0], root / "store")
        for begin, end in zip([0, *cuts], [*cuts, len(heard)]):
            for ns, message in heard[begin:end]:
                one.hear(line_of(ns, message))
            one.flush()
        one.finish()
    return one


@pytest.mark.parametrize("name", CASES)
@given(data=some.data())
@settings(max_examples=6)
def test_recording__any_cuts_give_the_tables_of_the_file(
    name: str, data: some.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    venue, heard = CASES[name]
    cuts = sorted(data.draw(some.sets(some.integers(1, len(heard) - 1), max_size=8)))
    root = tmp_path_factory.mktemp("live")
    one = recorded(root, venue, heard, cuts, data.draw(some.sampled_from([2, 3, 60])))
    assert one.error == ""
    whole = tables_in(one.path)
    assert set(whole) == {"depth", "trades"}
    found = tables_of(root / "store", venue)
    assert {kind: found[kind].equals(whole[kind], check_metadata=True) for kind in whole} == {
        "depth": True,
        "trades": True,
    }
    before = sorted(root.rglob("*.parquet"))
    again = lm.ingest([root / "store" / "raw"], store=root / "store")
    assert again.exit_code == 0
    assert any("already in the store" in note for note in again.notes)
    assert sorted(root.rglob("*.parquet")) == before
    assert len(before) == 2
    shutil.rmtree(root)


def test_recording__rows_come_at_once(tmp_path: Path) -> None:
    import threading

    came = threading.Semaphore(0)
    heard = bybit(4, seed=1)
    folder = tmp_path / "raw"
    folder.mkdir()
    market = Market("bybit", "BTCUSDT")
    one = Recording(market, folder, heard[0][0], tmp_path / "store", lambda *rows: came.release())
    for ns, message in heard[:2]:
        one.hear(line_of(ns, message))
    assert came.acquire(timeout=20)
    for ns, message in heard[2:]:
        one.hear(line_of(ns, message))
        assert came.acquire(timeout=20)
    assert not (tmp_path / "store").exists()
    one.finish()


def test_recording__a_reader_that_cannot_keep_up_is_made_up_for(tmp_path: Path) -> None:
    from liqmap.live.recorder import growing_file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing_file.GrowingFile.__init__, "__defaults__", (3_000, 10.0))
        one = recorded(tmp_path, "bybit", bybit(60, seed=1), [])
    assert one.is_overrun
    assert tables_of(tmp_path / "store", "bybit") == tables_in(one.path)


def test_recording__lines_of_no_known_format_stay_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    one = Recording(Market("bybit", "BTCUSDT"), folder, 1, tmp_path / "store", patience_s=0.01)
    one.hear(line_of(1_760_000_000_000_000_000, b'{"strange":1}'))
    with pytest.raises(lm.schema.FormatError):
        one.finish()
    assert one.path.exists()
    assert "strange" in one.error
