"""Tardis files against a plain csv loop: at once, line by line, and cut anywhere."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.tardis.book import TardisIncremental, TardisSnapshots
from liqmap.formats.tardis.file import TardisFile
from liqmap.formats.tardis.trades import TardisTrades
from liqmap.schema import FormatError
from tests.formats.bybit.test_stream import Text

# Headers and first rows as in https://docs.tardis.dev/downloadable-csv-files
L2 = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
QUOTES = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount"
TRADES = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"
BOOK = "exchange,symbol,timestamp,local_timestamp," + ",".join(
    f"{s}[{i}].{w}" for i in range(2) for s in ("asks", "bids") for w in ("price", "amount")
)
T = 1585699200000000


def l2(ms: int, snapshot: bool, side: str, price: str, amount: str) -> str:
    local = T + ms * 1000
    return f"deribit,BTC-PERPETUAL,{local - 50},{local},{str(snapshot).lower()},{side},{price},{amount}"


def oracle(rows: list[str]) -> list[tuple]:
    """Messages as (event, seq in ms, levels), from the documented rules alone."""
    out: list[tuple] = []
    for _e, _s, _ts, local, snap, side, price, amount in csv.reader(rows):
        event, ms = "snapshot" if snap == "true" else "update", (int(local) - T) // 1000
        last = out[-1] if out else ("", None, [])
        again = event == "snapshot" and (side, float(price)) in [row[:2] for row in last[2]]
        if last[0] == event and last[1] == ms and not again:
            pass
        else:
            out += [("gap", last[1], [])] if event == "snapshot" and last[0] == "update" else []
            out.append((event, ms, []))
        out[-1][2].append((side, float(price), float(amount)))
    return out


def messages(table) -> list[tuple]:  # type: ignore[no-untyped-def]
    out: list[tuple] = []
    seq = None
    for r in table.to_pylist():
        key = (r["event"], (r["seq"] - T) // 1000)
        if not out or (seq, *out[-1][:2]) != (r["seq"], *key):
            out.append((*key, []))
        seq = r["seq"]
        if r["side"]:
            out[-1][2].append((r["side"], r["price"], r["size"]))
    return out


@st.composite
def st_l2(draw: st.DrawFn) -> list[str]:
    ms, rows, snapshot = 1, [], True
    for _ in range(draw(st.integers(1, 25))):
        if draw(st.booleans()):
            ms, snapshot = ms + draw(st.integers(1, 5)), draw(st.sampled_from([False, False, snapshot, True]))
        price, amount = (
            draw(st.sampled_from(["100", "100.5", "99.25"])),
            draw(st.sampled_from(["0", "3", "1e-05"])),
        )
        rows.append(l2(ms, snapshot, draw(st.sampled_from(["bid", "ask"])), price, amount))
    return rows


@given(rows=st_l2(), cut=st.integers(1, 25), fast=st.booleans())
def test_incremental__messages_are_the_documented_ones(rows: list[str], cut: int, fast: bool) -> None:
    from liqmap.ingestion.chain import Chain

    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.setattr(TardisFile, "_fast", lambda self, part: None)
        reader = TardisIncremental(Text([L2.encode(), *(r.encode() for r in rows)], [cut]), Hints())  # type: ignore[arg-type]
        chain, found = Chain(), []
        for batch in reader.batches():
            assert not batch.rejected
            found.append(chain.rows(batch.depth, batch.rejected))
        found.append(chain.finish())
    assert [m for made in found if made is not None for m in messages(made)] == oracle(rows)


CELLS = [
    "",
    "x",
    "-1",
    "0",
    "NaN",
    "inf",
    "1e400",
    "1585699200",
    "1585699200000",
    "true",
    "100.5",
    "é",
    "1,2",
]


@given(
    kind=st.sampled_from([(TardisIncremental, L2, l2(1, True, "bid", "100.5", "3")),
                          (TardisTrades, TRADES, f"deribit,BTC-PERPETUAL,{T},{T},7,buy,100.5,3"),
                          (TardisSnapshots, BOOK, f"deribit,BTC-PERPETUAL,{T},{T},101,1,100,2,102,3,,")]),
    edits=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 11), st.sampled_from(CELLS)), max_size=3),
)  # fmt: skip
def test_at_once_means_what_line_by_line_says(kind: tuple, edits: list[tuple]) -> None:
    reader, header, row = kind
    rows = [row.split(",") for _ in range(5)]
    for line, column, value in edits:
        rows[line][column % len(rows[line])] = value
    lines = [header.encode(), row.encode(), *(",".join(r).encode() for r in rows)]

    def outcome() -> list:
        read = reader(Text(lines, [3]), Hints(symbol=None))  # type: ignore[arg-type]
        out: list = []
        for b in read.batches():
            out += [(r.line, r.reason) for r in b.rejected]
            out += b.trades.to_pylist() if b.trades is not None else []
            if (d := b.depth) is not None:
                out += [d.ts.tolist(), d.seq.tolist(), d.event.tolist(), d.rows.tolist(), d.line.tolist()]
                out += [d.side.tolist(), d.price.tolist(), d.size.tolist()]
        return [*out, read.meta]

    fast = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TardisFile, "_fast", lambda self, part: None)
        assert fast == outcome()


def test_trades__columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    rows = [f"bybit,BTCUSDT,{T},{T + 9},a1,sell,100.5,3", f"bybit,BTCUSDT,{T},{T + 9},,unknown,100,0.25"]
    path.write_bytes(gzip.compress("\n".join([TRADES, *rows]).encode()))
    first, second = lm.read(path).trades.to_pylist()
    assert (first["ts"].value, first["id"], first["aggressor"]) == (T * 1000, "a1", "sell")
    assert (second["id"], second["aggressor"], second["price"], second["size"]) == (None, None, 100.0, 0.25)


def test_snapshots__fewer_levels_than_columns(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(f"{BOOK}\nbybit,BTCUSDT,{T},{T + 9},101,1,100,2,102,3,,\n")
    capture = lm.read(path)
    found = [(r["event"], r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]
    assert found == [("snapshot", "bid", 100, 2), ("snapshot", "ask", 101, 1), ("snapshot", "ask", 102, 3)]
    assert (capture.meta.window_policy, capture.meta.depth_limit) == ("snapshots", 2)


@pytest.mark.parametrize("cells", ["101,1,,,102,3,99,2", ",,100,2,102,3,,"])
def test_snapshots__a_level_after_an_empty_one_costs_the_line(tmp_path: Path, cells: str) -> None:
    """What stood between is not known."""
    path = tmp_path / "b.csv"
    sound = [f"bybit,BTCUSDT,{T + n},{T + 9 + n},101,1,100,2,102,3,," for n in range(3)]
    path.write_text("\n".join([BOOK, *sound, f"bybit,BTCUSDT,{T + 3},{T + 12},{cells}", ""]))
    (lost,) = lm.read(path).report.rejected
    assert lost[1] == 5
    assert "no level after one that is empty" in lost[2]


def test_symbol__one_of_several(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"deribit,{s},{T},{T},{i},buy,100.5,3" for i, s in enumerate(["A", "B", "A"])]
    path.write_text("\n".join([TRADES, *rows]) + "\n")
    assert lm.read(path).report.exit_code == 1
    told = lm.read(path, symbol="B")
    assert told.trades.num_rows == 1
    assert told.report.exit_code == 0
    assert "2 lines of A were left out" in " ".join(told.report.notes)
    assert lm.read(path, symbol="b").meta.symbol == "B"
    with pytest.raises(FormatError, match=r"symbol C, got A \(2 lines\), B \(1 lines\).*symbol="):
        lm.read(path, symbol="C")


def test_symbol__another_in_a_book_is_lost_but_no_gap(tmp_path: Path) -> None:
    path = tmp_path / "i.csv"
    rows = [f"deribit,A,{T},{T},true,bid,100,1", f"deribit,A,{T},{T},true,ask,101,1"]
    rows += [f"deribit,{s},{T + k},{T + k},false,bid,100,{k}" for k, s in enumerate("BAAB", 1)]
    path.write_text(
        "\n".join(["exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount", *rows])
    )
    (row,) = lm.read(path).report.sources
    assert (row.symbol, row.gaps, row.rejected, row.status) == ("A", 0, 2, "partial")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"bybit,X,{T // 1_000_000},{T},1,buy,1,1", "timestamp in microseconds"),
        (f"bybit,X,{T},{T // 1000},1,buy,1,1", "local_timestamp in microseconds"),
        (f"bybit,X,{T},{T},1,buy,0,1", "a positive price"),
        (f"bybit,X,{T},{T},1,buy,1,0", "a positive amount"),
        (f"bybit,X,{T},{T},1,long,1,1", "side buy, sell or unknown"),
        (f"bybit,X,{T},{T},1,bu", "columns"),
    ],
)
def test_bad_line__is_told_in_one_line(tmp_path: Path, row: str, expected: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{TRADES}\n{row}\n")
    with pytest.raises(FormatError, match=expected) as error:
        lm.read(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", [b"", TRADES.encode(), TRADES.encode() + b"\n", b"\0\1\2\n", b"exchange,symbol\n"]
)
def test_no_rows__is_told(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(FormatError):
        lm.read(path)


@pytest.mark.parametrize(
    "name",
    [
        "deribit_incremental_book_L2_BTC-PERPETUAL",
        "tardis_trades",
        "binance-futures_book_snapshot_25_BTCUSDT",
        "binance-futures_book_snapshot_5_BTCUSDT",
    ],
)
def test_real_files__row_counts(real_data: Path, name: str) -> None:
    path = real_data / "tardis" / f"{name}.csv"
    capture = lm.read(path)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    table = capture.trades if "trades" in name else capture.depth
    if "snapshot_" in name:
        prices = [float(v) for r in rows for k, v in r.items() if k.endswith("price")]
        sizes = [float(v) for r in rows for k, v in r.items() if k.endswith("amount")]
    else:
        prices, sizes = ([float(r[k]) for r in rows] for k in ("price", "amount"))
    assert sorted(zip(table["price"].to_pylist(), table["size"].to_pylist())) == sorted(zip(prices, sizes))
    assert capture.report.exit_code == 0


@pytest.mark.parametrize(
    ("exchange", "symbol", "unit", "worth"),
    [
        ("deribit", "BTC-PERPETUAL", "contracts", 1.0), ("deribit", "BTC-28JUN24", "contracts", 1.0),
        ("deribit", "BTC-28JUN24-60000-C", "coins", 1.0), ("deribit", "BTC_USDC-PERPETUAL", "coins", 1.0),
        ("bitmex", "XBTUSD", "contracts", 1.0), ("okex-options", "BTC-USD-240628-60000-C", "contracts", 1.0),
        ("okex-swap", "BTC-USDT-SWAP", "contracts", 1.0), ("okex", "BTC-USDT", "coins", 1.0),
        ("huobi-dm-linear-swap", "BTC-USDT", "contracts", 1.0), ("huobi", "btcusdt", "coins", 1.0),
        ("binance-delivery", "BTCUSD_PERP", "contracts", 100.0),
        ("binance-delivery", "ETHUSD_PERP", "contracts", 10.0), ("binance-futures", "BTCUSDT", "coins", 1.0),
        ("cryptofacilities", "PI_XBTUSD", "contracts", 1.0), ("cryptofacilities", "PF_XBTUSD", "coins", 1.0),
        ("bybit", "BTCUSD", "contracts", 1.0), ("bybit", "BTCUSDT", "coins", 1.0),
        ("phemex", "BTCUSD", "contracts", 1.0), ("phemex", "sBTCUSDT", "coins", 1.0),
        ("gate-io-futures", "BTC_USDT", "contracts", 1.0), ("gate-io", "BTC_USDT", "coins", 1.0),
    ],
)  # fmt: skip
def test_sizes__are_the_exchanges_own(
    tmp_path: Path, exchange: str, symbol: str, unit: str, worth: float
) -> None:
    path = tmp_path / "trades.csv"
    path.write_text(f"{TRADES}\n{exchange},{symbol},{T},{T},1,buy,100.5,3\n")
    meta = lm.read(path).meta
    assert (meta.venue, meta.size_unit, meta.contract_value) == (exchange, unit, worth)


def test_liquidations__are_no_trades(tmp_path: Path) -> None:
    text = ",".join(("exchange,symbol,timestamp,local_timestamp,id,side,price,amount",))
    text += f"\nbybit,BTCUSDT,{T},{T + 50},a,buy,100,2\n"
    for name in ("bybit_liquidations_2024-03-01_BTCUSDT.csv", "liquidations/2024/03/01/BTCUSDT.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        with pytest.raises(FormatError, match="got Tardis liquidations"):
            lm.read(path)
    for name, told in (("x.csv", True), ("bybit_trades_2024-03-01_BTCUSDT.csv", False)):
        path = tmp_path / name
        path.write_text(text)
        capture = lm.read(path)
        assert capture.trades.num_rows == 1
        assert any("took it as trades" in note for note in capture.report.notes) == told


def test_quotes__are_best_bid_and_ask(tmp_path: Path) -> None:
    """Clocks that step back are those of the one before; an empty side is null; equal arrivals both stand."""
    market = "deribit,BTC-PERPETUAL"
    rows = [
        f"{market},{T + 1},{T + 9},2,102,100.5,3",
        f"{market},{T},{T + 9},2,102.5,100.5,4",
        f"{market},{T + 5},{T + 12},,,100.5,4",
        f"{market},{T + 5},{T + 12},,,100.5,x",
        f"{market},{T + 1},{T + 9},2,102,100.5,3",
    ]
    path = tmp_path / "quotes.csv"
    path.write_text("\n".join([QUOTES, *rows]) + "\n")
    capture = lm.read(path)
    table = capture.quotes.to_pylist()
    sides = [(r["bid"], r["bid_size"], r["ask"], r["ask_size"]) for r in table]
    assert sides == [(100.5, 3, 102, 2), (100.5, 4, 102.5, 2), (100.5, 4, None, None)]
    assert [r["ts"].value // 1000 - T for r in table] == [1, 1, 5]
    assert {r["seq"] for r in table} == {None}
    assert capture.report.table["rejected"].sum() == 1
    assert any("1 repeated or older book tickers" in note for note in capture.report.notes)
    assert any("1 book tickers had a clock" in note for note in capture.report.notes)
