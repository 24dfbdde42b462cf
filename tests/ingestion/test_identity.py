"""Which market a file is of: what the user says, what the file says, and what must never mix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import Meta
from tests.formats.bybit.lines import START_MS, depth_line, feed, plain_rows, table_rows, write_lines


def meta_of(store: Path, venue: str, feed_name: str = "ob50") -> Meta:
    depth = st.read_depth(store, venue, "BTCUSDT", feed_name)
    assert len(depth)
    return Meta.from_metadata(depth.schema.metadata)


def test_ingest__the_user_goes_before_the_path(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(5))
    options = ["--venue", "bybit-spot", "--tick-size", "0.05", "--store", str(tmp_path / "s")]
    assert main(["ingest", str(path), *options]) == 0
    have = st.sessions(tmp_path / "s")
    assert have[["venue", "symbol", "feed"]].to_numpy().tolist() == [["bybit-spot", "BTCUSDT", "ob50"]]
    assert meta_of(tmp_path / "s", "bybit-spot").tick_size == 0.05


def test_ingest__a_market_that_was_assumed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "raw" / "capture.ndjson", feed(5))
    assert main(["ingest", str(path), "--store", str(tmp_path / "s"), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["sources"][0]["venue"] == "bybit"
    assert "took it as venue 'bybit'" in err


def test_ingest__a_tick_size_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(5))
    report = lm.ingest(path, store=tmp_path / "s", tick_size=0.25)
    assert report.exit_code == 2
    assert "tick_size" in report.errors[0]
    assert not list((tmp_path / "s").rglob("*.parquet"))


def test_ingest__another_tick_size_reads_the_source_again_and_doubles_nothing(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(5))
    lm.ingest(path, store=tmp_path / "s")
    before = st.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50")
    report = lm.ingest(path, store=tmp_path / "s", tick_size=0.05)
    assert (report.exit_code, report.errors) == (0, [])
    assert table_rows(st.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50")) == table_rows(before)


def test_ingest__spot_and_linear_of_one_name_never_mix(tmp_path: Path) -> None:
    linear = write_lines(tmp_path / "linear" / "BTCUSDT.ndjson", feed(9))
    other = [line.replace("99.9", "98.9") for line in feed(9)]
    spot = write_lines(tmp_path / "spot" / "BTCUSDT.ndjson", other)
    report = lm.ingest([linear, spot], store=tmp_path / "s")
    assert report.errors == [], "the same ids at the same times with other content are no conflict"
    assert [r.venue for r in report.sources] == ["bybit", "bybit-spot"]
    for venue, lines in (("bybit", feed(9)), ("bybit-spot", other)):
        assert table_rows(lm.open_store(tmp_path / "s").session(venue, "BTCUSDT").depth()) == plain_rows(
            lines
        )


def test_ingest__one_file_told_to_be_of_two_venues_is_two_sources(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "capture.ndjson", feed(9))
    for venue in ("bybit", "bybit-spot", "bybit"):
        assert lm.ingest(path, store=tmp_path / "s", venue=venue).exit_code == 0
    for venue in ("bybit", "bybit-spot"):
        assert table_rows(st.read_depth(tmp_path / "s", venue, "BTCUSDT", "ob50")) == plain_rows(feed(9))


def two_feeds(folder: Path) -> list[Path]:
    deep = [
        depth_line(u, [("99.9", "7")], [], limit=200, kind="delta" if u > 1 else "snapshot")
        for u in range(1, 9)
    ]
    shallow = [line.replace("orderbook.200", "orderbook.50").replace('"7"', '"8"') for line in deep]
    return [
        write_lines(folder / "deep_linear.ndjson", deep),
        write_lines(folder / "shallow_linear.ndjson", shallow),
    ]


def test_session__reads_one_of_two_feeds_the_deepest(tmp_path: Path) -> None:
    report = lm.ingest(two_feeds(tmp_path), store=tmp_path / "s")
    assert report.errors == []
    store = lm.open_store(tmp_path / "s")
    assert store.session("bybit", "BTCUSDT").feed == "ob200"
    for feed_name, size in (("ob200", 7.0), ("ob50", 8.0)):
        session = store.session("bybit", "BTCUSDT", feed=feed_name)
        assert set(session.depth()["size"].to_pylist()) == {size}
        assert set(session.quality().sources["feed"]) == {feed_name}


def test_ingest__feed_chooses_one_of_a_capture(tmp_path: Path) -> None:
    deep, shallow = (p.read_text().splitlines() for p in two_feeds(tmp_path))
    both = write_lines(tmp_path / "both_linear.ndjson", [x for pair in zip(deep, shallow) for x in pair])
    for feed_name, lines in (("ob50", shallow), ("ob200", deep)):
        report = lm.ingest(both, store=tmp_path / "s", feed=feed_name)
        assert [r.feed for r in report.sources] == [feed_name]
        found = st.read_depth(tmp_path / "s", "bybit", "BTCUSDT", feed_name)
        assert table_rows(found) == plain_rows(lines)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_ingest__overlapping_files_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    lines = feed(90)
    paths = [
        write_lines(tmp_path / f"{n}_linear.ndjson", lines[a:b])
        for n, (a, b) in enumerate([(0, 40), (30, 70), (65, 90)])
    ]
    assert lm.ingest([paths[n] for n in order], store=tmp_path / "s").errors == []
    session = lm.open_store(tmp_path / "s").session("bybit", "BTCUSDT")
    assert table_rows(session.depth()) == plain_rows(lines)
    assert not len(session.gaps())


@pytest.mark.pure
def test_ingest__under_its_right_name_a_file_is_another_source(tmp_path: Path) -> None:
    rows = ["id,price,qty,quote_qty,time,is_buyer_maker", f"1,100.5,1,1,{START_MS},true"]
    names = ["ETHUSDT-trades-2023-11-14.csv", "BTCUSDT-trades-2023-11-14.csv", "BTCUSDT-trades-copy.csv"]
    told = []
    for name in names:
        report = lm.ingest(write_lines(tmp_path / name, rows), store=tmp_path / "s")
        assert report.exit_code == 0
        told.append((report.sources[0].symbol, any("already in the store" in n for n in report.notes)))
    assert told == [("ETHUSDT", False), ("BTCUSDT", False), ("BTCUSDT", True)]
    assert set(lm.open_store(tmp_path / "s").sessions()["symbol"]) == {"BTCUSDT", "ETHUSDT"}


@pytest.mark.pure
def test_ingest__a_spot_file_of_bybit_under_its_right_name(tmp_path: Path) -> None:
    rows = ["id,timestamp,price,volume,side", f"1,{START_MS},100.5,1,buy"]
    for name in ("ETHUSDT_2023-11-14.csv", "BTCUSDT_2023-11-14.csv"):
        report = lm.ingest(write_lines(tmp_path / name, rows), store=tmp_path / "s")
        assert report.sources[0].symbol == name[:7]


@pytest.mark.pure
def test_ingest__a_lobster_pair_under_its_right_date(tmp_path: Path) -> None:
    days = ["2012-06-21", "2012-06-22"]
    for day in days:
        name = f"AAPL_{day}_34200000_57600000_{{}}_1.csv"
        message = write_lines(tmp_path / name.format("message"), ["34200.5,1,7,100,5853300,1"] * 2)
        message.write_text(message.read_text() + "34201.5,4,7,100,5853300,1\n")
        book = write_lines(tmp_path / name.format("orderbook"), ["5859400,200,5853300,18"] * 3)
        for path in (message, book):
            report = lm.ingest(path, store=tmp_path / "s")
            assert report.exit_code == 0, report.errors
            assert not any("already" in note for note in report.notes)
            assert str(report.table["start"][0])[:10] == day
