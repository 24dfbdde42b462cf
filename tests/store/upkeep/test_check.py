"""What is wrong with a store is found, named and mended; nothing is silently wrong."""

from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import StoreError, StoreWarning
from liqmap.session.span_cache import check_spans
from liqmap.simulation import write_bybit
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import manifest_path
from liqmap.store.parts import REPLACES
from tests.store.commit.sources import MARKET, filled, of_before, own, plain, rewrite


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return filled(tmp_path)


def parts(store: Path) -> list[Path]:
    return sorted((store / "depth").rglob("*.parquet"))


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(bytes(data))


def kinds(store: Path) -> list[str]:
    return [finding.kind for finding in st.check(store).findings]


def test_check__a_sound_store(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert st.check(store) == st.Checked((), False, ())
    assert main(["store", "check", "--store", str(store)]) == 0
    assert "is sound" in capsys.readouterr().out
    st.compact(store)
    lm.open_store(store).session(*MARKET).spans()
    assert main(["store", "check", "--repair", "--json", "--store", str(store)]) == 0
    assert json.loads(capsys.readouterr().out) == {"findings": [], "repaired": True, "ingest_again": []}


@pytest.mark.long
def test_flipped_bits__of_a_part_are_never_silently_wrong(store: Path) -> None:
    rows, chance = own(store), random.Random(1)
    (first, *_) = parts(store)
    whole = first.read_bytes()
    for _ in range(60):
        flip(first, chance.randrange(len(whole)), chance.randrange(8))
        for read in (
            own,
            lambda s: lm.open_store(s).session(*MARKET).spans(),
            lambda s: lm.open_store(s).session(*MARKET).sql("select count(*) from depth"),
            st.compact,
        ):
            if read is st.compact:
                with pytest.warns(StoreWarning, match=first.name):
                    st.compact(store)
            else:
                with pytest.raises(StoreError, match=first.name):
                    read(store)
        first.write_bytes(whole)
    assert own(store) == rows


def test_flipped_bits__of_spans_are_never_silently_wrong(store: Path) -> None:
    session = lm.open_store(store).session(*MARKET)
    expected, chance = session.spans().to_arrow(), random.Random(2)
    for _ in range(60):
        files = [p for p in sorted((store / ".spans").rglob("*")) if p.is_file() and p.stat().st_size]
        path = chance.choice(files)
        flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
        assert lm.open_store(store).session(*MARKET).spans().to_arrow().equals(expected)


def test_damaged_part__costs_its_day(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, raw = own(store), store.parent / "raw"
    (first, *_) = parts(store)
    first.write_bytes(first.read_bytes()[:-100])
    assert main(["info", "--store", str(store)]) == 1
    said = capsys.readouterr()
    assert first.name in said.err
    assert "BTCUSDT" in said.out
    session = lm.open_store(store).session(*MARKET, start="2023-11-15")
    with pytest.warns(StoreWarning, match="carries nothing in"):
        assert len(session.spans())
    assert main(["store", "check", "--store", str(store)]) == 1
    assert main(["store", "check", "--repair", "--store", str(store)]) == 1
    assert "ingest again: 0_linear.ndjson" in capsys.readouterr().out
    assert (store / ".damaged" / f"{first.relative_to(store)}.damaged").exists()
    assert len(own(store)) < len(rows) or own(store) != rows
    assert plain(store) == len([r for r in own(store) if r["event"] != "gap"])
    lm.ingest(sorted(raw.iterdir()), store=store)
    assert own(store) == rows
    assert st.check(store).findings == ()


def test_ingest__notices_that_its_part_is_damaged(store: Path) -> None:
    rows = own(store)
    for damage in (lambda p: flip(p, 200), lambda p: p.unlink(), lambda p: p.write_bytes(b"")):
        damage(parts(store)[0])
        report = lm.ingest(sorted((store.parent / "raw").iterdir()), store=store)
        assert report.errors == []
        assert own(store) == rows
        assert kinds(store) == []


def test_manifest__is_made_anew_from_the_files(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    st.compact(store)
    rows = own(store)
    for damage in (b"", b"{}", None):
        path = manifest_path(store, *MARKET)
        path.unlink() if damage is None else path.write_bytes(damage)
        assert main(["store", "check", "--repair", "--store", str(store)]) == 0
        assert own(store) == rows
        report = lm.ingest(sorted((store.parent / "raw").iterdir()), store=store)
        assert sum("already in the store" in note for note in report.notes) == 3
        assert kinds(store) == []


def test_foreign__is_named_and_left(store: Path) -> None:
    rows = own(store)
    foreign = parts(store)[0].with_name("copy.parquet")
    shutil.copy(parts(store)[0], foreign)
    assert kinds(store) == ["foreign"]
    assert own(store) == rows
    st.check(store, repair=True)
    st.compact(store)
    assert foreign.exists()
    assert own(store) == rows


def test_ledger__that_cannot_be_read(store: Path) -> None:
    ledger = sorted((store / ".sources").glob("*.json"))[0]
    ledger.write_text('[{"name": "a", "key": 1, "files": ["../../x"], "told": {}}]')
    assert kinds(store) == ["ledger"]
    st.check(store, repair=True)
    assert kinds(store) == []


def test_removed_on_purpose__is_not_partial(store: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole_linear.ndjson"
    whole.write_bytes(b"".join(p.read_bytes() for p in sorted((tmp_path / "raw").iterdir())))
    other = tmp_path / "other"
    lm.ingest(whole, store=other)
    st.remove(other, st.select(other, *MARKET, last="2023-11-14"))
    assert kinds(other) == []
    assert lm.ingest(whole, store=other).exit_code == 0
    assert own(other) == own(store)


def test_source__of_which_not_all_is_there_is_told(store: Path, tmp_path: Path) -> None:
    found = Manifest.load(store, *MARKET)
    assert found is not None
    replace(found, readings=found.readings[1:]).save(tmp_path)
    checked = st.check(store)
    assert [f.kind for f in checked.findings] == ["partial"]
    assert len(checked.sources) == 1
    assert main(["info", "--store", str(store)]) == 1
    lm.ingest(sorted((tmp_path / "raw").iterdir()), store=store)
    assert kinds(store) == []


def test_ingest_cut_short__leaves_nothing_to_tell(store: Path) -> None:
    """The source is written down, and never became visible."""
    ledger = sorted((store / ".sources").glob("*.json"))[0]
    (store / ".sources" / f"{'0' * 64}.json").write_bytes(ledger.read_bytes())
    assert kinds(store) == []
    assert len(list(st.ledger_entries(store))) == 3


def test_crafted_footer__removes_nothing(tmp_path: Path) -> None:
    """Of an older store, where footers named the files that they replace."""
    store = of_before(filled(tmp_path))
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    part = parts(store)[0]
    names = [os.path.relpath(precious, part.parent), str(precious), "..", "", None, 3]
    rewrite(part, {REPLACES: json.dumps(names).encode()}, part.with_name("joined-0.parquet"))
    part.unlink()
    rows = own(store)
    st.migrate(store)
    st.compact(store)
    assert own(store) == rows
    assert precious.read_text() == "mine"


def test_copies__are_no_rows_when_a_manifest_is_made_anew(store: Path) -> None:
    rows = own(store)
    for part in parts(store):
        shutil.copy(part, part.with_name("copy.parquet"))
        shutil.copy(part, part.with_name(f"copy-{'0' * 16}.parquet"))
    manifest_path(store, *MARKET).unlink()
    st.check(store, repair=True)
    assert own(store) == rows
    assert set(kinds(store)) == {"foreign"}


def test_damage__is_not_declared_sound_with_its_manifest(store: Path) -> None:
    flip(parts(store)[0], 100)
    manifest_path(store, *MARKET).write_bytes(b"")
    checked = st.check(store, repair=True)
    assert {"manifest", "damaged"} == {f.kind for f in checked.findings}
    assert "0_linear.ndjson" in checked.sources
    lm.ingest(sorted((store.parent / "raw").iterdir()), store=store)
    assert own(store) == own(filled(store.parent / "again"))


def test_check__reads_again_what_was_read_before(store: Path) -> None:
    own(store)
    part = parts(store)[0]
    status = part.stat()
    flip(part, 100)
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))  # as bits rot
    assert kinds(store) == ["damaged"]


@pytest.mark.parametrize("what", ["file", "folder", "loop"])
def test_links__are_refused_in_words(what: str, store: Path, tmp_path: Path) -> None:
    part = parts(store)[0]
    if what == "file":
        shutil.move(part, tmp_path / "out.parquet")
        part.symlink_to(tmp_path / "out.parquet")
    elif what == "folder":
        shutil.move(part.parent, tmp_path / "out")
        part.parent.symlink_to(tmp_path / "out", target_is_directory=True)
    else:
        (part.parent / "loop").symlink_to(store, target_is_directory=True)
        assert kinds(store) == ["link"]
        return
    assert "link" in kinds(store)
    with pytest.raises(StoreError, match="symbolic link"):
        own(store)


def test_spans__that_are_damaged_are_removed(store: Path) -> None:
    lm.open_store(store).session(*MARKET).spans()
    assert check_spans(store) == []
    flip(sorted((store / ".spans").rglob("bids.arrow"))[0], 300)
    assert len(check_spans(store, repair=True)) == 1
    assert check_spans(store) == []


def test_files__are_exactly_those_of_the_moment(store: Path) -> None:
    opened = lm.open_store(store)
    assert sorted(opened.files("depth")) == parts(store)
    assert len(opened.files("depth", venue="bybit", symbol="BTCUSDT", date="2023-11-15")) == 2
    assert opened.files("trades") == []
    st.compact(store)
    assert sorted(opened.files("depth")) == parts(store)
    with pytest.raises(StoreError, match="expected one of depth"):
        opened.files("dept")


def test_sql__looks_at_the_files_of_the_tables_it_names(tmp_path: Path) -> None:
    market = lm.simulate(minutes=0.2, seed=1, keep_truth=False)
    lm.ingest(write_bybit(market, tmp_path / "raw"), store=tmp_path / "store")
    (trades,) = (tmp_path / "store" / "trades").rglob("*.parquet")
    flip(trades, trades.stat().st_size // 2)
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    assert session.sql("SELECT count(*) FROM Depth").fetchall() == [(session.depth().num_rows,)]
    for query in ("SELECT count(*) FROM trades", "SHOW TABLES"):
        with pytest.raises(StoreError, match=trades.name):
            session.sql(query).fetchall()
