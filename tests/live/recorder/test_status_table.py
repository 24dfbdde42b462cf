"""Counters as rows, and rows as what is printed."""

from __future__ import annotations

import io
import json

from liqmap.cli.commands.record import rich_table
from liqmap.live.recorder.status_table import COLUMNS, StatusTable
from liqmap.live.status import MarketStatus
from tests.live.recorder.fakes import BTC


def test_rows__messages_a_second_are_of_the_last_seconds() -> None:
    status, table = MarketStatus(BTC), StatusTable()
    for second in range(30):
        status.messages += 7 if second < 20 else 100
        (row,) = table.rows({BTC: status}, now=1_000.0 + second)
    assert row.per_second == 100
    assert row.messages == 20 * 7 + 10 * 100
    assert row.age_s is None


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
