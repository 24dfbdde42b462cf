"""Store care: removal, compaction, migration, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import StoreError
from liqmap.store.upkeep.migration import MIGRATIONS
from tests.formats.bybit.lines import depth_line, write_lines

MIDNIGHT = 1_700_006_400_000
MARKET = ("bybit", "BTCUSDT", "ob50")


class Killed(BaseException):
    """A process that ends here."""


def lines() -> list[str]:
    """Over midnight, ids without a hole."""
    rest = [
        depth_line(u, [("99.9", f"{u}.5")], [("100.1", "2")], ts=MIDNIGHT + 1_000 * (u - 200))
        for u in range(2, 400)
    ]
    return [depth_line(1, [("99.9", "1")], [], kind="snapshot", ts=MIDNIGHT - 199_000), *rest]


@pytest.fixture
def raw(tmp_path: Path) -> list[Path]:
    """Sources without a seam, then one after a gap, and one that ends in a broken line."""
    every = lines()
    cuts = [every[:50], every[50:120], every[120:250], every[260:300], [*every[300:390], "{broken"]]
    return [write_lines(tmp_path / "raw" / f"{n}_linear.ndjson", cut) for n, cut in enumerate(cuts)]


@pytest.fixture
def store(raw: list[Path], tmp_path: Path) -> Path:
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 1
    return tmp_path / "store"


def depth(store: Path) -> list[dict]:
    return st.read_depth(store, *MARKET).to_pylist()


def test_compact__reads_as_before(raw: list[Path], store: Path) -> None:
    before = depth(store)
    gaps = store_gaps(store)
    sql = queried(store)
    done = st.compact(store)
    assert (done.files, done.files_after) == (6, 2)
    assert len(list(store.rglob("*.parquet"))) == 2
    assert depth(store) == before
    assert store_gaps(store) == gaps
    assert queried(store) == sql
    report = lm.ingest(raw, store=store)
    assert sum("already in the store" in note for note in report.notes) == len(raw)
    assert st.compact(store) == st.Done()
    more = write_lines(raw[0].with_name("more_linear.ndjson"), lines()[200:])
    assert lm.ingest(more, store=store).exit_code == 0
    assert len({row["seq"] for row in depth(store)}) == 399
    assert st.compact(store).files in (0, 2)


def queried(store: Path) -> list:
    columns = "epoch_us(ts), seq, event, side, price, size"
    return lm.open_store(store).session(*MARKET[:2]).sql(f"select {columns} from depth").fetchall()


def store_gaps(store: Path) -> list:
    return lm.open_store(store).session(*MARKET[:2]).gaps().to_dict("records")


@pytest.mark.parametrize("care", ["compact", "remove"])
def test_care__passes_over_half_a_ledger(care: str, raw: list[Path], store: Path) -> None:
    before = depth(store)
    for ledger in list((store / ".sources").glob("*.json"))[:2]:
        ledger.write_text(ledger.read_text()[:40])
    done = st.compact(store) if care == "compact" else st.remove(store, st.select(store, "bybit", "BTCUSDT"))
    assert done.files == 6
    assert lm.ingest(raw, store=store).exit_code == 1, "its source is told of again"
    assert depth(store) == before
    assert len(list(st.ledger_entries(store))) == len(raw)


@pytest.mark.parametrize("at", range(1, 9))
def test_compact__killed_at_any_step(
    at: int, raw: list[Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, steps = depth(store), [0]

    def dying(step):  # type: ignore[no-untyped-def]
        def counted(*args, **more):  # type: ignore[no-untyped-def]
            steps[0] += 1
            if steps[0] >= at:
                raise Killed
            return step(*args, **more)

        return counted

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", dying(os.replace))
        patch.setattr(Path, "unlink", dying(Path.unlink))
        with pytest.raises(Killed):
            st.compact(store)
    assert depth(store) == before
    report = lm.ingest(raw, store=store)
    assert report.errors == []
    assert depth(store) == before
    st.compact(store)
    assert depth(store) == before
    more = write_lines(raw[0].with_name("more_linear.ndjson"), lines()[200:])
    assert lm.ingest(more, store=store).exit_code == 0
    assert len({row["seq"] for row in depth(store)}) == 399


def test_remove__a_day_then_all(raw: list[Path], store: Path) -> None:
    whole = depth(store)
    session = lm.open_store(store).session(*MARKET[:2])
    session.spans()
    day = "2023-11-15"
    done = st.remove(store, st.select(store, "bybit", "BTCUSDT", first=day, last=day))
    assert done.files == 3
    assert depth(store) == [r for r in whole if str(r["ts"])[:10] != day]
    assert not list((store / ".spans").rglob("manifest.json"))
    lm.ingest(raw, store=store)
    assert depth(store) == whole, "what was removed can be ingested again"
    st.remove(store, st.select(store, "bybit", "BTCUSDT"))
    assert not len(st.sessions(store))
    assert not list(store.rglob("*.parquet"))
    assert not list((store / ".sources").glob("*"))
    lm.ingest(raw, store=store)
    assert depth(store) == whole


@pytest.mark.parametrize(
    "asked", [{"feed": "ob1"}, {"kind": "trades"}, {"first": "2024-01-01"}, {"last": "2023-11-13"}]
)
def test_select__of_nothing(asked: dict, store: Path) -> None:
    with pytest.raises(StoreError, match="expected a market of the store, got bybit BTCUSDT"):
        st.select(store, "bybit", "BTCUSDT", **asked)


def age(store: Path, version: bytes) -> None:
    """Every file as another version would have written it, with prices half of ours."""
    for file in store.rglob("*.parquet"):
        with pq.ParquetFile(file) as opened:
            table, metadata = opened.read(), opened.metadata.metadata
        metadata = {k: v for k, v in metadata.items() if k != b"ARROW:schema"} | {b"schema_version": version}
        at = table.schema.get_field_index("price")
        table = table.set_column(at, "price", pc.divide(table["price"], 2.0))
        pq.write_table(table.replace_schema_metadata(metadata), file)


def test_migrate__version_by_version(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = depth(store)
    assert st.migrate(store) == st.Done()
    age(store, b"0")
    untouched = {f: f.read_bytes() for f in store.rglob("*.parquet")}
    with pytest.raises(StoreError, match="schema_version that can be migrated"):
        st.migrate(store)
    assert {f: f.read_bytes() for f in store.rglob("*.parquet")} == untouched

    def doubled(kind, rows):  # type: ignore[no-untyped-def]
        assert kind == "depth"
        return rows.set_column(rows.schema.get_field_index("price"), "price", pc.multiply(rows["price"], 2.0))

    monkeypatch.setitem(MIGRATIONS, 0, doubled)
    assert st.migrate(store).files == 6
    assert depth(store) == before
    assert st.migrate(store) == st.Done()


def test_command__store(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = ["--store", str(store)]
    assert main(["store", "migrate", *base]) == 0
    assert "schema_version 1 already" in capsys.readouterr().out
    assert main(["store", "compact", *base, "--json"]) == 0
    assert '"files": 6' in capsys.readouterr().out
    assert main(["store", "rm", "bybit", "BTCUSDT", *base]) == 2, "nobody to ask"
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert main(["store", "rm", "bybit", "BTCUSDT", *base]) == 2
    assert len(st.sessions(store)) == 2
    assert main(["store", "rm", "bybit", "BTCUSDT", "--from", "2023-11-15", "--yes", *base]) == 0
    assert len(st.sessions(store)) == 1
    with pytest.raises(SystemExit):
        main(["store", "rm", "bybit", "BTCUSDT", "--from", "soon", *base])


def test_foreign_parquet__is_named(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (part, *_) = store.rglob("*.parquet")
    foreign = part.with_name("foreign.parquet")
    pq.write_table(pa.table({"a": [1]}), foreign)
    assert main(["info", "--store", str(store)]) == 1
    said = capsys.readouterr().err
    assert str(foreign) in said
    assert "Move it out of the store" in said
