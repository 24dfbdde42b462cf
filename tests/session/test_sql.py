"""`Session.sql`: held to plain loops over the session's own tables, to the ns."""

from __future__ import annotations

import bisect
import random
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import FormatError, SessionError, int64
from liqmap.session.sql import tables_named

ROOT = Path(__file__).parents[2]
SECOND = 10**9
BEGIN = 1_767_571_200 * SECOND  # 2026-01-05
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}


def depth_lines(rng: random.Random) -> tuple[list[str], list[int]]:
    """Books of a bid and an ask, at times of which few are whole us; and the times."""
    times = sorted(BEGIN + rng.randrange(60 * SECOND) for _ in range(200))
    times += [BEGIN + 61 * SECOND - 1, BEGIN + 61 * SECOND, BEGIN + 61 * SECOND + 499]
    lines = ["ts,side,price,size,seq,event"]
    for seq, ts in enumerate(times):
        mid, event = 1_000 + rng.randrange(-5, 6), "snapshot"
        for side, price in (("bid", mid - 1), ("ask", mid + 1)):
            lines.append(f"{ts},{side},{price / 10},{rng.randrange(1, 9)},{seq},{event}")
    return lines, times


def trade_lines(rng: random.Random, times: list[int]) -> list[str]:
    found = sorted({*(BEGIN + rng.randrange(62 * SECOND) for _ in range(100)), *rng.sample(times, 20)})
    found += [BEGIN + 62 * SECOND - 400]  # a cast rounds it into the next second
    lines = ["trade_id,ts,price,size,aggressor"]
    for number, ts in enumerate(found):
        price = (1_000 + rng.randrange(-6, 7)) / 10
        lines.append(f"{number},{ts},{price},{rng.randrange(1, 9)},{rng.choice(('buy', 'sell'))}")
    return lines


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    root, rng = tmp_path_factory.mktemp("sql"), random.Random(4)
    depth, times = depth_lines(rng)
    (root / "depth.csv").write_text("\n".join(depth) + "\n")
    (root / "trades.csv").write_text("\n".join(trade_lines(rng, times)) + "\n")
    report = lm.ingest([root / "depth.csv", root / "trades.csv"], store=root / "store", **MARKET)
    assert report.exit_code == 0
    return lm.open_store(root / "store")


@pytest.fixture(scope="module")
def session(store: lm.Store) -> lm.Session:
    return store.session(*MARKET.values())


def rows(relation: duckdb.DuckDBPyRelation) -> list[tuple]:
    """Rows, times as ns."""
    table = relation.to_arrow_table()
    columns = [
        int64(c) if pa.types.is_timestamp(c.type) else np.array(c.to_pylist(), object) for c in table.columns
    ]
    return list(zip(*(c.tolist() for c in columns)))


# ------------------------------------------------------------------ to the ns


@pytest.mark.parametrize("kind", ["depth", "trades"])
def test_tables__are_those_of_the_session_to_the_ns(session: lm.Session, kind: str) -> None:
    own = getattr(session, kind)()
    found = session.sql(f"select * from {kind}").to_arrow_table()
    assert (int64(own["ts"]) % 1_000 != 0).mean() > 0.9
    assert found.schema.field("ts").type == own.schema.field("ts").type
    assert found.to_pylist() == own.to_pylist()


def test_joins__on_ts_hold_with_the_tables_of_python(session: lm.Session) -> None:
    found = session.sql("select ts, seq from depth").to_arrow_table()
    joined = found.join(session.depth().select(["ts", "seq"]), ["ts", "seq"], join_type="inner")
    assert joined.num_rows == 4 * found.num_rows / 2  # each message has two rows
    frame = session.sql("select distinct ts from depth").to_arrow_table().to_pandas()
    assert frame["ts"].dtype == "datetime64[ns, UTC]"
    own = session.depth().to_pandas().drop_duplicates("ts")[["ts"]]
    assert len(frame.merge(own, on="ts")) == len(frame) == len(own)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_range__is_half_open_to_the_ns(store: lm.Store, session: lm.Session, shift: int) -> None:
    ts = int64(session.depth()["ts"])
    low, high = int(ts[100]) + shift, int(ts[300]) + shift
    cut = store.session(*MARKET.values(), start=pd.Timestamp(low), end=pd.Timestamp(high))
    expected = [t for t in ts.tolist() if low <= t < high]
    assert int64(cut.depth()["ts"]).tolist() == expected
    assert [t for (t,) in rows(cut.sql("select ts from depth"))] == expected


def test_gaps__stand_at_their_ns(tmp_path: Path) -> None:
    """Two files that do not continue each other: the gap has the time of the message before it."""
    times = [BEGIN + 123_456_789 * n for n in range(1, 7)]
    for number, part in enumerate((times[:3], times[3:])):
        lines = [
            f"{t},{side},{price},1,{100 * number + n},update"
            for n, t in enumerate(part)
            for side, price in (("bid", 9 + n), ("ask", 19 + n))
        ]
        (tmp_path / f"{number}.csv").write_text("\n".join(["ts,side,price,size,seq,event", *lines]) + "\n")
        lm.ingest(tmp_path / f"{number}.csv", store=tmp_path / "store", **MARKET)
    session = lm.open_store(tmp_path / "store").session(*MARKET.values())
    assert "gap" in session.depth()["event"].to_pylist()
    assert session.sql("select * from depth").to_arrow_table().to_pylist() == session.depth().to_pylist()


def floored(ts: int, width: int) -> int:
    return ts // width * width


def test_bins__cut_ns_off_and_never_round_them(session: lm.Session) -> None:
    ts = int64(session.trades()["ts"]).tolist()
    for name, width in (("second", SECOND), ("minute", 60 * SECOND), ("millisecond", 10**6)):
        for bins in (f"time_bucket(interval '1 {name}', ts)", f"date_trunc('{name}', ts)"):
            found = rows(session.sql(f"select ts, {bins} from trades"))
            assert found == [(t, floored(t, width)) for t in ts]
    seconds = rows(session.sql("select extract(second from ts), date_part('minute', ts) from trades"))
    assert seconds == [(t // SECOND % 60, t // SECOND // 60 % 60) for t in ts]
    parts = rows(session.sql("select epoch_ms(ts), epoch_us(ts), second(ts), hour(ts), day(ts) from trades"))
    assert parts == [(t // 10**6, t // 1000, t // SECOND % 60, 0, 5) for t in ts]
    assert rows(session.sql("select epoch(ts) from trades")) == [(t // 1000 / 10**6,) for t in ts]


def test_bins__take_other_types_as_before(session: lm.Session) -> None:
    query = """select time_bucket(interval '2 days', date '2026-01-06'),
        date_trunc('month', timestamp '2026-01-06 01:02:03'), date_part('year', date '2026-01-06'),
        epoch_ms(1700000000000), hour(time '01:02:03'), extract(minute from interval '5 minutes')"""
    found, expected = session.sql(query), duckdb.sql(query)
    assert found.types == expected.types
    assert found.fetchall() == expected.fetchall()
    ns = "timestamp_ns '2026-01-05 23:59:59.9999996'"
    found = session.sql(f"select date_part('day', {ns}), time_bucket(interval '1 day', {ns})::DATE::VARCHAR")
    assert found.fetchall() == [(5, "2026-01-05")]  # DuckDB's own functions round it into the next day


# ------------------------------------------------------------------ what there is


def test_asof_join__finds_the_quote_that_a_loop_finds(session: lm.Session) -> None:
    quotes = session.bbo()
    times = quotes["ts"].astype("int64").tolist()
    trades = session.trades()
    expected = []
    for ts, price in zip(int64(trades["ts"]).tolist(), trades["price"].to_pylist()):
        at = bisect.bisect_right(times, ts) - 1
        if at >= 0:
            expected.append((ts, price, quotes["bid"][at], quotes["ask"][at]))
    found = session.sql("select t.ts, t.price, bid, ask from trades t asof join bbo using (ts)")
    assert sorted(rows(found)) == sorted(expected)


def test_spans_and_window__are_those_of_the_session(session: lm.Session) -> None:
    spans = session.spans()
    assert session.sql("from spans").to_arrow_table().to_pylist() == spans.to_arrow().to_pylist()
    assert session.sql('from "window"').to_arrow_table().to_pylist() == spans.window.to_pylist()
    joined = session.sql("""select count(*) from trades where exists (
        select 1 from spans where spans.price = trades.price)""").fetchall()[0][0]
    by_tick = np.isin(
        np.rint(session.trades()["price"].to_numpy() / spans.tick_size), spans.to_arrow()["tick"].to_numpy()
    )
    assert joined == by_tick.sum() > 0


def test_window__without_quotes_is_told(session: lm.Session) -> None:
    with pytest.raises(SessionError, match='Write: from "window"'):
        session.sql("select * from window")
    query = "select sum(size) over window_ from trades window window_ as (order by ts), w as (order by id)"
    assert session.sql(query).to_arrow_table().num_rows == session.trades().num_rows


def test_bands__are_there(tmp_path: Path, session: lm.Session) -> None:
    assert session.sql("from bands").columns == ["ts", "percentage", "depth", "notional"]
    assert session.sql("from bands").fetchall() == []
    lines = [f"2026-01-05 00:00:{10 + n},{p},{n + 1}.5,{n}" for n in range(3) for p in (-1, 1)]
    path = tmp_path / "BTCUSDT-bookDepth-2026-01-05.csv"
    path.write_text("\n".join(["timestamp,percentage,depth,notional", *lines]) + "\n")
    lm.ingest([path], store=tmp_path / "s")
    (tmp_path / "trades.csv").write_text(
        f"trade_id,ts,price,size,aggressor\n1,{BEGIN + 1},1.5,1,buy\n2,{BEGIN + 60 * SECOND},1.6,1,buy\n"
    )
    lm.ingest(tmp_path / "trades.csv", store=tmp_path / "s", venue="binance-futures", symbol="BTCUSDT")
    lone = lm.open_store(tmp_path / "s").session("binance-futures", "BTCUSDT")
    assert rows(lone.sql("select percentage, depth from bands order by depth, percentage")) == [
        (p, n + 1.5) for n in range(3) for p in (-1.0, 1.0)
    ]
    with pytest.raises(SessionError, match="only trades"):
        lone.sql("from spans")


def test_tables__are_made_only_where_they_are_named(
    session: lm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("not asked for")

    monkeypatch.setattr(lm.Session, "spans", refuse)
    opened: list[tuple[str, ...]] = []
    connect = st.connect
    monkeypatch.setattr(st, "connect", lambda *a: opened.append(tuple(a[-1])) or connect(*a))
    for query, kinds in (
        ("select price as spans, size as bbo from trades -- from spans", ("trades",)),
        ("select 'from bbo' from main.depth", ("depth",)),
        ("with a as (select ts from depth) select * from a, trades", ("depth", "trades")),
        ("show tables", st.SQL_TABLES),
    ):
        session.sql(query)
        assert opened.pop() == kinds
    for query in ("from spans", "from trades asof join BBO using (ts)", 'select 1 from trades, "window"'):
        with pytest.raises(AssertionError, match="not asked for"):
            session.sql(query)


def test_tables_named__takes_words_where_tables_stand() -> None:
    assert tables_named('select a, b from "My frame" x join y on x.ts = y.ts') == [
        "b",
        "My frame",
        "y",
        "ts",
        "ts",
    ]
    assert "z" not in tables_named("select 'from z' /* from z */ from y -- from z")


# ------------------------------------------------------------------ frames of the caller


def _frames(session: lm.Session) -> dict[str, object]:
    table = session.depth().select(["ts"]).slice(0, 40).append_column("n", pa.array(range(40)))
    frame = table.to_pandas()
    found = {
        "pandas": frame,
        "index": frame.set_index("ts"),
        "naive": frame.assign(ts=frame["ts"].dt.tz_localize(None)),
        "elsewhere": frame.assign(ts=frame["ts"].dt.tz_convert("Europe/Berlin")),
        "arrow": table,
        "relation": duckdb.from_arrow(table),
    }
    try:
        import polars
    except ModuleNotFoundError:
        return found
    return found | {"polars": polars.from_arrow(table)}


def test_frames__of_the_caller_are_found_and_joined_to_the_ns(session: lm.Session) -> None:
    expected = sorted(zip(int64(session.depth()["ts"].slice(0, 40)).tolist(), range(40)))
    for mine in _frames(session).values():
        given = session.sql("select ts, n from other", frames={"other": mine})
        found = session.sql("select distinct mine.ts, n from mine join depth using (ts)")
        assert sorted(rows(given)) == sorted(rows(found)) == expected
        asof = session.sql("select mine.ts, n from mine asof join bbo using (ts)")
        assert set(rows(asof)) <= set(expected)


def test_frames__of_us_compare_with_ns(session: lm.Session) -> None:
    mine = pd.DataFrame({"ts": session.depth()["ts"].to_pandas().dt.as_unit("us")})
    assert mine["ts"].dtype == "datetime64[us, UTC]"
    found = session.sql("select count(*) from mine asof join depth using (ts)").fetchall()
    first = int64(session.depth()["ts"])[0]
    assert found == [(int((mine["ts"].dt.as_unit("ns").astype("int64") >= first).sum()),)]


GLOBAL = pd.DataFrame({"n": [1, 2, 3]})


def test_frames__of_the_module_are_found_and_the_sessions_own_go_first(session: lm.Session) -> None:
    trades = GLOBAL
    assert session.sql("select sum(n) from GLOBAL").fetchall() == [(6,)]
    assert session.sql("select count(*) from trades").fetchall() == [(session.trades().num_rows,)]
    assert len(trades) == 3


def test_frames__that_are_none_are_told(session: lm.Session) -> None:
    with pytest.raises(SessionError, match="frames: expected names other than the session's own"):
        session.sql("from depth", frames={"Depth": GLOBAL})
    with pytest.raises(SessionError, match="frames: expected a frame of pandas, polars, Arrow or DuckDB"):
        session.sql("from mine", frames={"mine": [1, 2]})
    with pytest.raises(FormatError, match=r"mine \(pandas.DataFrame\): expected values of one kind in a"):
        session.sql("from mine", frames={"mine": pd.DataFrame({"a": [1, "x"]}, dtype=object)})
    with pytest.raises(SessionError, match="query: expected SQL as text"):
        session.sql(5)  # type: ignore[arg-type]
    with pytest.raises(SessionError, match="nothing_there"):
        session.sql("from nothing_there")


# ------------------------------------------------------------------ the guide

EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sql.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_guide__its_examples_run(session: lm.Session, number: int) -> None:
    asked: list[duckdb.DuckDBPyRelation] = []

    class Asked:
        def __getattr__(self, name: str) -> object:
            return getattr(session, name)

        def sql(self, *args: object, **kwargs: object) -> None:
            kwargs.setdefault("frames", {k: v for k, v in names.items() if isinstance(v, pd.DataFrame)})
            asked.append(session.sql(*args, **kwargs))

    names: dict[str, object] = {"session": Asked()}
    exec(EXAMPLES[number], names)
    assert all(relation.to_arrow_table().num_rows > 0 for relation in asked)
    assert asked


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("selct * from trades", 'got Parser Error: syntax error at or near "selct"$'),
        ("select foo from trades", "got Binder Error: Referenced column"),
        ("select * from nothing_there", "got Catalog Error: Table with name nothing_there"),
        ("select ? + 1", "got Invalid Input Error"),
        ("", "got no statement"),
        ("-- nothing", "got no statement"),
        ("select max(ts) - min(ts) from trades", r"Times to the ns compare with text"),
        ("select * from trades where ts < now()", r"cast to TIMESTAMPTZ_NS; epoch_ns\(ts\)"),
    ],
)
def test_what_duckdb_does_not_take_is_said_in_one_line(store: lm.Store, query: str, said: str) -> None:
    with pytest.raises(SessionError, match=said) as error:
        store.session("kraken", "XBTUSD").sql(query)
    assert str(error.value).startswith("query: expected SQL that DuckDB takes, got ")
    assert "\n" not in str(error.value)


def test_the_way_to_an_aware_frame_and_that_a_naive_one_is_read_as_utc(store: lm.Store) -> None:
    session = store.session("kraken", "XBTUSD")
    asked = session.sql("select ts, bid, ask from bbo order by ts")
    aware, naive = asked.to_arrow_table().to_pandas(), asked.df()
    assert str(aware["ts"].dtype) == "datetime64[ns, UTC]"
    assert naive["ts"].dt.tz_localize("UTC").tolist() == aware["ts"].tolist()
    grid = session.grid("10s", 0.1)
    assert grid.liqmap.mid(naive).identical(grid.liqmap.mid(session.bbo()))
    assert lm.bars(session.sql("from trades").df()).equals(lm.bars(session))
