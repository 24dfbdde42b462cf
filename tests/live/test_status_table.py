"""Counters as rows, and rows as what is printed."""

from __future__ import annotations

import io
import json

from liqmap.cli.commands.record import rich_table
from liqmap.live.status import MarketStatus, Rate
from liqmap.live.status_table import COLUMNS, StatusTable
from tests.live.recorder.fakes import BTC


def test_rows__messages_a_second_are_of_the_last_seconds() -> None:
    status, table = MarketStatus(BTC), StatusTable()
    for second in range(30):
        status.messages += 7 if second < 20 else 100
        (row,) = table.rows({BTC: status}, now=1_000.0 + second)
    assert row.per_second == 100
    assert row.messages == 20 * 7 + 10 * 100
    assert row.age_s is None


def test_rate__is_that_of_the_last_seconds() -> None:
    rate = Rate()
    assert rate.of(100, 0.0) is None
    assert rate.of(150, 1.0) == 50.0
    assert rate.of(150, 4.0) == 12.5
    assert rate.of(350, 8.0) == (350 - 150) / 7  # since the look at 1 s: that at 4 s is no 5 s ago
    assert rate.of(1_350, 108.0) == 10.0  # nobody looked in between
    assert rate.of(7, 109.0) is None  # another feed
    assert rate.of(17, 110.0) == 10.0


def test_rows__are_plain_data() -> None:
    status = MarketStatus(
        BTC, "live", messages=3, last_ns=999_000_000_000, lag_ms=12.4, checksums=3, verified=2
    )
    (row,) = StatusTable().rows({BTC: status}, {BTC: 1_500_000}, {BTC: 4}, now=1_000.0)
    assert row.age_s == 1.0
    assert json.loads(json.dumps(row.to_dict()))["written"] == 1_500_000
    assert dict(zip(COLUMNS, row.cells)) == {
        "market": "bybit:BTCUSDT", "state": "live", "messages/s": "0.0", "lag": "12 ms", "gaps": "0",
        "reconnects": "0", "verified": "2/3", "raw": "1.5 MB",
    }  # fmt: skip


def test_rich_table__says_what_is_wrong() -> None:
    from rich.console import Console

    status = MarketStatus(BTC, "waiting", error="the disk is \x1b[31mfull")
    rows = StatusTable().rows({BTC: status}, dropped={BTC: 4}, now=1_000.0)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(rich_table(rows))
    text = console.export_text()
    assert "\x1b" not in text
    assert "bybit:BTCUSDT: the disk is" in text
    assert "4 messages dropped" in text
