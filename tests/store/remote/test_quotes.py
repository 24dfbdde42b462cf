"""Book tickers on object storage: pushed, pulled and read as every other table."""

from __future__ import annotations

from pathlib import Path

import liqmap as lm
from liqmap import store as st
from tests.formats.binance.test_stream import FEED, ticker
from tests.formats.bybit.lines import write_lines


def test_quotes__there_and_back(url: str, tmp_path: Path) -> None:
    raw = write_lines(tmp_path / "a.ndjson", [*FEED, *(ticker(n) for n in range(130, 190))])
    assert lm.ingest(raw, store=tmp_path / "local", jobs=1).exit_code == 0
    sent = st.push(tmp_path / "local", url)
    assert st.pull(url, tmp_path / "back").files == sent.files == 3
    for store in (url, tmp_path / "back"):
        session = lm.open_store(store).session("binance-futures", "BTCUSDT")
        assert session.quotes().num_rows == 61
        assert session.sql("select count(*) from quotes").fetchall() == [(61,)]
        assert len(session.bbo(source="ticker")) == 1
