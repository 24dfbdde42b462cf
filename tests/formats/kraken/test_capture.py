"""A real capture of ten markets: every checksum is verified, and a message that is dropped is found."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import liqmap as lm
from tests.formats.bybit.lines import write_lines
from tests.formats.kraken.plain import PlainBook

pytestmark = pytest.mark.filterwarnings("error")

DROPS = int(os.environ.get("LIQMAP_DROPS", "200"))
"""Messages dropped one at a time; ``LIQMAP_DROPS=1000`` takes some minutes."""

Told = dict[str, list[tuple[str, bool, list[tuple[str, str, str]], int | None]]]
"""By market: each line, whether it is a snapshot, its levels, its checksum."""


@pytest.fixture(scope="module")
def told(real_data: Path) -> Told:
    found: Told = {}
    for line in (real_data / "kraken" / "KRAKEN.ws.50.0").read_text().splitlines():
        match = re.match(r"[\d.]+: (\[.*)", line)
        if match:
            _, *parts, _, pair = json.loads(match[1])
            levels = [(k[0], x[0], x[1]) for part in parts for k in part if k != "c" for x in part[k]]
            checksum = int(parts[-1]["c"]) if "c" in parts[-1] else None
            found.setdefault(pair, []).append((line, "as" in parts[0], levels, checksum))
    return found


def test_capture__has_ten_markets_and_every_checksum_agrees(
    real_data: Path, told: Told, tmp_path: Path
) -> None:
    report = lm.ingest(real_data / "kraken", store=tmp_path / "store")
    table = report.table.set_index("symbol")
    assert set(table.index) == set(told)
    assert table.verified.sum() == 4_269
    for pair, lines in told.items():
        book, agreed = PlainBook(1_000), 0
        for _, _, levels, checksum in lines:
            book.apply(levels)
            agreed += checksum == book.checksum()
        assert (table.verified[pair], table.messages[pair], table.gaps[pair]) == (agreed, len(lines), 0)
        assert agreed == len(lines) - 1
    again = lm.ingest(real_data / "kraken", store=tmp_path / "store")
    assert again.table.drop(columns="seconds").equals(report.table.drop(columns="seconds"))


def test_capture__ends_with_the_book_of_a_plain_client(real_data: Path, told: Told, tmp_path: Path) -> None:
    path = real_data / "kraken" / "KRAKEN.ws.50.0"
    for pair in ("SC/EUR", "WAVES/EUR"):
        book = PlainBook(1_000)
        for _, _, levels, _ in told[pair]:
            book.apply(levels)
        spans = lm.replay(lm.read(path, symbol=pair).depth)
        table = spans.to_arrow().to_pylist()
        last = max(row["seen"] for row in table)
        found = {
            (row["side"][0], row["tick"], row["size"])
            for row in table
            if row["end"] is None and row["seen"] == last
        }
        wanted = {(s, round(p / spans.tick_size), q) for s, p, q in book.levels()}
        assert found == wanted


def drops(told: Told, tmp_path: Path, count: int, seed: int) -> tuple[int, int]:
    """Drop one message at random, so often: how often it was found, and how often it hid from the next
    checksum at least. What is told as verified is the venue's, and nothing is but the best 10 levels."""
    draw = random.Random(seed)
    places = [(pair, k) for pair, lines in told.items() for k in range(1, len(lines))]
    found = hidden = 0
    for trial in range(count):
        pair, at = draw.choice(places)
        lines = told[pair]
        kept = lines[:at] + lines[at + 1 :]
        true, torn = PlainBook(1_000), PlainBook(1_000)
        first = None
        for k, (_, _, levels, _) in enumerate(lines):
            true.apply(levels)
            if k == at:
                continue
            torn.apply(levels)
            if k > at and true.top() != torn.top():
                first = k - 1
                break
        path = write_lines(tmp_path / "kraken.txt", [line for line, *_ in kept])
        report = lm.ingest(path, store=tmp_path / f"store-{trial}")
        wanted = [] if first is None else [("checksum", first + 1)]
        assert [(gap.reason, gap.line) for gap in report.lost] == wanted, (pair, at)
        verified = len(kept) - 1 if first is None else first - 1
        assert report.table.verified.tolist() == [verified]
        found += first is not None
        hidden += first is None or first > at
        assert any("cover the best 10 levels of each side" in note for note in report.notes)
        trust = lm.open_store(tmp_path / f"store-{trial}").session("kraken", pair).trust()
        shutil.rmtree(tmp_path / f"store-{trial}")
        check_trust(trust, report.gaps)
    return found, hidden


def check_trust(trust: pd.DataFrame, gaps: pd.DataFrame) -> None:
    """Beyond the best 10 levels nothing is told as true; from the snapshot to the loss all is doubted; and
    from the last message that agreed there is a gap to the end."""
    is_gap = trust["state"] == "gap"
    verified = trust[trust["state"] == "verified"]
    assert (verified["levels"] == 10).all()
    assert set(trust["beyond"][~is_gap]) <= {"unverifiable"}
    assert (trust["doubted"] == (~is_gap & (len(gaps) > 0))).all()
    assert is_gap.sum() <= len(gaps)
    if is_gap.any():
        assert trust["start"][is_gap].tolist() == gaps["after"].tolist()
        assert is_gap.iloc[-1]
        assert gaps["proven"].tolist() == [trust["start"].iloc[0]]


def test_drop__is_found_at_the_first_message_whose_best_levels_it_makes_wrong(
    told: Told, tmp_path: Path
) -> None:
    found, _ = drops(told, tmp_path, 10, seed=0)
    assert found >= 5


@pytest.mark.long
def test_drop__so_many_times(told: Told, tmp_path: Path) -> None:
    found, hidden = drops(told, tmp_path, DROPS, seed=1)
    assert found > 0.75 * DROPS
    assert 0.15 * DROPS < hidden < 0.4 * DROPS
