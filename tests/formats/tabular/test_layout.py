"""What a table is: read where that is certain, else refused with exactly the layouts that fit."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import FormatError

T0 = 1_709_280_000_000
MARKET = {"venue": "v", "symbol": "S"}
CONTAINERS = ["a.csv", "a.parquet", "a.feather"]
Column = list[object]


def table(sides: Column, sizes: Column | None = None, **more: Column) -> dict[str, Column]:
    """Rows a tenth of a second apart."""
    count = len(sides)
    return {
        "timestamp": [T0 + 100 * i for i in range(count)],
        "side": sides,
        "price": [100.0 + (0.5 if i % 2 else -0.5) for i in range(count)],
        "amount": sizes or [1.0 + i for i in range(count)],
        **more,
    }


def save(columns: dict[str, Column], path: Path) -> Path:
    made = pa.table(columns)
    write = {".csv": pacsv.write_csv, ".parquet": pq.write_table, ".feather": feather.write_feather}
    write[path.suffix](made, path)
    return path


BUYS = ["Buy", "Sell"] * 3
LETTERS = ["A", "B"] * 3
WORDS = ["bid", "ask"] * 3
ZERO = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0]
SEQ = {"sequence": list(range(6))}
NUMBERS: dict[str, Column] = {"id": [8_800_000_000 + i for i in range(6)]}
QUOTES: dict[str, Column] = {
    "bid_px_00": [99.5] * 6, "bid_sz_00": [1] * 6, "ask_px_00": [100.5] * 6, "ask_sz_00": [2] * 6,
}  # fmt: skip
ANY, DEPTH = "updates, snapshots and trades", "updates and snapshots"

UNSURE = {
    "letters": (table(LETTERS), ANY),
    "letters with a sequence": (table(LETTERS, **SEQ), ANY),
    "buys and sells": (table(BUYS), ANY),
    "buys and sells, one of size 0": (table(BUYS, ZERO), ANY),
    "buys and sells with a sequence": (table(BUYS, **SEQ), ANY),
    "an id of anything": (table(BUYS, **NUMBERS), ANY),
    "an id beside bids and asks": (table(WORDS, **NUMBERS), ANY),
    "bids and asks": (table(WORDS), DEPTH),
    "bids and asks padded with zeros": (table(WORDS, ZERO), DEPTH),
    "bids and asks with a sequence": (table(WORDS, **SEQ), DEPTH),
    "a flag for the side": (
        {k: v for k, v in table(WORDS, side_is_bid=[True, False] * 3).items() if k != "side"},
        DEPTH,
    ),
    "trades that are numbered now and then": (table(BUYS, trade_id=["a", None, "b", None, "c", "d"]), ANY),
    "an aggressor's column that says nothing": (
        table(BUYS, is_buyer_maker=pa.array([None] * 6, pa.bool_())),
        ANY,
    ),
    "events of buys and sells": (table(BUYS, event=["snapshot"] * 2 + ["update"] * 4), ANY),
    "events by number": (table(WORDS, event=[1, 0, 0, 1, 0, 0]), DEPTH),
    "a flag for buyers": (
        {k: v for k, v in table(WORDS, is_buy=[True, False] * 3).items() if k != "side"},
        ANY,
    ),
    "events that are none of a book": (table(WORDS, event=["tick"] * 6), DEPTH),
    "quotes beside trades": (table(BUYS, **QUOTES), "updates, snapshots, trades and wide"),
    "quotes beside numbered trades": (table(BUYS, trade_id=list("abcdef"), **QUOTES), "trades and wide"),
    "trades alone": (table(LETTERS, action=["T"] * 6), "fit trades"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSURE)
@pytest.mark.parametrize("name", CONTAINERS)
def test_unsure__is_refused_with_what_fits(tmp_path: Path, case: str, name: str) -> None:
    columns, fits = UNSURE[case]
    with pytest.raises(FormatError) as error:
        lm.read(save(columns, tmp_path / name), format="tabular", **MARKET)
    said = str(error.value)
    assert f"{fits}. Say which: mapping={{'layout': '" in said
    assert ("trades" in said) == ("trades" in fits)


CERTAIN = {
    "updates": table(WORDS, ZERO, event=["snapshot"] * 2 + ["update"] * 4),
    "updates, by a flag": table(WORDS, ZERO, is_snapshot=[True] * 2 + [False] * 4),
    "updates, by an action": table(WORDS, ZERO, action=["snapshot"] * 2 + ["update"] * 4),
    "trades, by their id": table(LETTERS, trade_id=[5, 6, 7, 8, 9, 10]),
    "trades, by their id beside a sequence": table(BUYS, tid=[5, 6, 7, 8, 9, 10], **SEQ),
    "trades, by a maker": table(BUYS, is_buyer_maker=[False, True] * 3),
    "wide": {"timestamp": [T0, T0 + 1], **{name: cells[:2] for name, cells in QUOTES.items()}},
    "wide, beside the last price": {
        "timestamp": [T0, T0 + 1],
        "price": [100.0, 100.5],
        "size": [1.0, 0.0],
        **{name: cells[:2] for name, cells in QUOTES.items()},
    },
}


@pytest.mark.parametrize("case", CERTAIN)
@pytest.mark.parametrize("name", CONTAINERS)
def test_certain__is_read(tmp_path: Path, case: str, name: str) -> None:
    capture = lm.read(save(CERTAIN[case], tmp_path / name), format="tabular", **MARKET)
    layout = case.partition(",")[0]
    assert any(f"read as {layout}" in note for note in capture.report.notes)
    assert capture.report.exit_code == 0


@pytest.mark.parametrize("name", CONTAINERS)
def test_trades__a_zero_among_them_is_rejected(tmp_path: Path, name: str) -> None:
    sizes: Column = [1.0, 0.0, 2.0, 1.0, 3.0, 3.0]
    capture = lm.read(save(table(BUYS, sizes), tmp_path / name), mapping={"layout": "trades"}, **MARKET)
    assert capture.trades is not None
    assert capture.trades["size"].to_pylist() == [1.0, 2.0, 1.0, 3.0, 3.0]
    assert len(capture.report.rejected) == 1


@pytest.mark.parametrize("sides", [["A", "B"], ["ask", "bid"], ["Asks", "BID"], ["offer", "b"], ["s", "buy"]])
@pytest.mark.parametrize("name", CONTAINERS)
def test_trades__who_asks_sells(tmp_path: Path, sides: list[object], name: str) -> None:
    path = save(table(sides * 3), tmp_path / name)
    trades = lm.read(path, mapping={"layout": "trades"}, **MARKET).trades
    assert trades is not None
    assert trades["aggressor"].to_pylist() == ["sell", "buy"] * 3
    trades = lm.read(path, mapping={"layout": "trades", "maker_side": "side"}, **MARKET).trades
    assert trades is not None
    assert trades["aggressor"].to_pylist() == ["buy", "sell"] * 3


@pytest.mark.parametrize("unknown", ["N", "", None, "unknown", "None", "NO_AGGRESSOR", " n "])
@pytest.mark.parametrize("name", CONTAINERS)
def test_trades__an_unknown_aggressor_is_null(tmp_path: Path, unknown: str | None, name: str) -> None:
    path = save(table(["A", unknown, "B", unknown, "up", "A"]), tmp_path / name)
    capture = lm.read(path, mapping={"layout": "trades"}, **MARKET)
    assert capture.trades is not None
    assert capture.trades["aggressor"].to_pylist() == ["sell", None, "buy", None, "sell"]
    assert len(capture.report.rejected) == 1


FLAGS = {
    "is_buyer_maker": ["sell", "buy"],
    "is_buy": ["buy", "sell"],
    "isBuyerMaker": ["sell", "buy"],
    "taker_side_sell": ["sell", "buy"],
    "is_buyer_taker": ["buy", "sell"],
    "side_is_bid": ["buy", "sell"],
}


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("name", CONTAINERS)
def test_flags__say_a_side_as_words_do(tmp_path: Path, flag: str, name: str) -> None:
    columns = table(BUYS, **{flag: [True, False, None, True, False, True]})
    del columns["side"]
    capture = lm.read(save(columns, tmp_path / name), mapping={"layout": "trades"}, **MARKET)
    trades = capture.trades
    assert trades is not None
    assert (f"{flag} taken as" in capture.report.notes[0]) == (flag in ("is_buy", "side_is_bid"))
    one, other = FLAGS[flag]
    assert trades["aggressor"].to_pylist() == [one, other, None, one, other, one]


@pytest.mark.parametrize("yes", ["1.0", "true", "True", "t", "1", "TRUE"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_depth__a_flag_for_the_side(tmp_path: Path, yes: str, name: str) -> None:
    no = {"1.0": "0.0", "true": "false", "True": "False", "t": "f", "1": "0", "TRUE": "FALSE"}[yes]
    columns = table(WORDS, side_is_bid=[yes, no] * 3)
    del columns["side"]
    depth = lm.read(save(columns, tmp_path / name), mapping={"layout": "updates"}, **MARKET).depth
    assert depth is not None
    assert depth["side"].to_pylist() == WORDS


RECORDS = {
    "actions beside quotes": table(LETTERS, action=["T", "A"] * 3, **QUOTES),
    "all of a frame's": table(LETTERS, action=["T"] * 6, publisher_id=[1] * 6, instrument_id=[5] * 6),
    "actions of an event": table(LETTERS, action=["A", "C"] * 3, ts_event=[T0] * 6) | {"timestamp": [""] * 6},
}


@pytest.mark.parametrize("case", RECORDS)
@pytest.mark.parametrize("layout", [None, "trades", "updates", "snapshots"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_databento__records_are_named_as_such(
    tmp_path: Path, case: str, layout: str | None, name: str
) -> None:
    mapping = {"layout": layout} if layout else {}
    columns = RECORDS[case]
    if "ts_event" in columns:
        columns = {k: v for k, v in columns.items() if k != "timestamp"}
    with pytest.raises(FormatError, match="got Databento's records"):
        lm.read(save(columns, tmp_path / name), format="tabular", mapping=mapping, **MARKET)


@pytest.mark.parametrize("name", CONTAINERS)
def test_databento__trades_among_other_actions_are_not_taken_with_them(tmp_path: Path, name: str) -> None:
    """Also where they begin far below the first rows."""
    actions: Column = ["T"] * 30_000 + ["A", "T"]
    columns = table(["A"] * 30_002, action=actions)
    capture = lm.read(save(columns, tmp_path / name), mapping={"layout": "trades"}, **MARKET)
    assert capture.trades is not None
    assert capture.trades.num_rows == 30_001
    assert len(capture.report.rejected) == 1
    save(table(BUYS, action=["A", "T"] * 3), tmp_path / name)
    with pytest.raises(FormatError, match="got rows of what was done: action 'a'"):
        lm.read(tmp_path / name, mapping={"layout": "trades"}, **MARKET)


def test_databento__a_quote_in_every_row_is_read_if_told(tmp_path: Path) -> None:
    path = save(table(LETTERS, action=["T", "A"] * 3, **QUOTES), tmp_path / "a.csv")
    depth = lm.read(path, mapping={"layout": "wide"}, **MARKET).depth
    assert depth is not None
    assert set(zip(depth["side"].to_pylist(), depth["price"].to_pylist())) == {("bid", 99.5), ("ask", 100.5)}


ORDERS = {
    "orders": table(WORDS, order_id=[1, 2, 1, 3, 4, 5]),
    "orders with actions": table(WORDS, order_id=[1, 2, 1, 3, 4, 5], action=["add", "delete"] * 3),
    "orders with letters": table(LETTERS, order_id=[1, 2, 1, 3, 4, 5], action=["A", "C"] * 3),
    "orders of buyers": table(BUYS, orderId=["x", "y"] * 3, id=[1] * 6),
    "orders by what befalls them": table(WORDS, id=[1, 2, 1, 3, 1, 1], action=["add", "cancel"] * 3),
    "orders by an event": table(WORDS, id=[1, 2, 1, 3, 1, 1], event=["open", "done"] * 3),
    "orders and what traded": table(
        BUYS, oid=[1, 2, 1, 3, 4, 5], action=["open", "match"] * 3, trade_id=[None, "t"] * 3
    ),
}


@pytest.mark.parametrize("case", ORDERS)
@pytest.mark.parametrize("layout", [None, "updates", "snapshots"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_orders__are_named_as_such(tmp_path: Path, case: str, layout: str | None, name: str) -> None:
    mapping = {"layout": layout} if layout else {}
    with pytest.raises(FormatError, match="of single orders"):
        lm.read(save(ORDERS[case], tmp_path / name), format="tabular", mapping=mapping, **MARKET)


FULL: dict[str, Column] = {
    "time": ["2024-03-01T08:00:00Z"] * 2, "order_id": ["a", "b"], "price": [1.0, 2.0], "remaining": [1.0, 2.0]
}  # fmt: skip
BY_NAME: dict[str, dict[str, Column]] = {
    "of a full channel": FULL | {"type": ["open", "done"], "reason": ["", "filled"], "side": ["buy", "sell"]},
    "of messages": FULL | {"Type": [1, 3], "direction": [1, -1], "size": [1, 1], "time": [34200.1, 34200.2]},
    "by two clocks": FULL | {"timestamp": [T0, T0], "action": ["created", "deleted"], "size": [1, 1]},
}


@pytest.mark.parametrize("case", BY_NAME)
@pytest.mark.parametrize("name", CONTAINERS)
def test_orders__are_known_by_names_alone(tmp_path: Path, case: str, name: str) -> None:
    with pytest.raises(FormatError, match="of single orders"):
        lm.read(save(BY_NAME[case], tmp_path / name), **MARKET)


def test_trades__with_an_id_of_their_own_beside_a_rows(tmp_path: Path) -> None:
    path = save(table(BUYS, id=[0, 1, 2, 3, 4, 5], trade_id=list("abcdef")), tmp_path / "a.csv")
    trades = lm.read(path, **MARKET).trades
    assert trades is not None
    assert trades["id"].to_pylist() == list("abcdef")


def test_orders__of_trades_are_no_orders(tmp_path: Path) -> None:
    columns = table(BUYS, order_id=[1, 2, 1, 3, 4, 5], trade_id=list("abcdef"))
    trades = lm.read(save(columns, tmp_path / "a.csv"), **MARKET).trades
    assert trades is not None
    assert trades.num_rows == 6


MORE: dict[str, Column] = {
    "sequence": list(range(6)), "id": list(range(6)), "trade_id": list("abcdef"), "order_id": list("uvwxyz"),
    "event": ["snapshot"] * 2 + ["update"] * 4, "action": ["T"] * 6, "is_buyer_maker": [False, True] * 3,
    "symbol": ["S"] * 6, "bid_price": [99.0] * 6, "bid_size": [1.0] * 6, "ask_price": [101.0] * 6,
    "ask_size": [1.0] * 6,
}  # fmt: skip


def outcome(columns: dict[str, Column], folder: Path) -> str:
    """What a table is read as, or why it is refused."""
    path = save(columns, folder / "a.csv")
    try:
        return str(lm.read(path, format="tabular", **MARKET).report.notes[0]).partition(" read as ")[2]
    except FormatError as error:
        return str(error).partition("a.csv")[2].partition("Say which")[0]


@settings(max_examples=80)
@given(more=st.sets(st.sampled_from(sorted(MORE))), zeros=st.sets(st.integers(0, 5), max_size=5))
def test_sizes_and_letters__decide_nothing(
    tmp_path_factory: pytest.TempPathFactory, more: set[str], zeros: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    extra = {name: MORE[name] for name in sorted(more)}
    sizes: Column = [0.0 if i in zeros else 1.0 for i in range(6)]
    said = outcome(table(BUYS, **extra), folder)
    assert outcome(table(BUYS, sizes, **extra), folder) == said
    assert outcome(table(LETTERS[::-1], **extra), folder) == said
    assert outcome(table(LETTERS[::-1], sizes, **extra), folder) == said
    if not more & {"trade_id", "is_buyer_maker"}:
        assert not said.startswith(("trades", "updates", "snapshots"))


@pytest.mark.parametrize("missing", ["timestamp", "price", "amount"])
def test_book_of_sides_without_a_column__names_the_column(tmp_path: Path, missing: str) -> None:
    columns = table(["bid", "ask"])
    del columns[missing]
    with pytest.raises(FormatError, match="expected a column for"):
        lm.read(save(columns, tmp_path / "a.csv"), **MARKET, format="tabular")
