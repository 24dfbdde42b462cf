"""A wrong command is found out, at the point where it is wrong and at no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.calls import Point
from tests.crash.faulty import FAULTY
from tests.crash.killing import Prepared, sample
from tests.crash.reading import own, plain
from tests.crash.scenarios import new_market
from tests.crash.warm import Warm


@pytest.mark.long
def test_kill__a_file_that_is_away_for_a_moment_is_missed(warm: Warm, tmp_path: Path) -> None:
    prepared = Prepared(FAULTY["away for a moment"], tmp_path / "work", warm)
    assert [call.name for call in prepared.calls] == ["rename", "rename"]
    assert len(prepared.unsafe) == 1
    assert "is never synced after" in prepared.unsafe[0]
    before, between = (prepared.kill(point) for point in prepared.points)
    assert not before.broken
    assert before.plain == []
    assert between.broken
    assert between.own
    assert between.plain == [f"{next(iter(prepared.now.before.rows))}: of 12 rows 12 missing"]
    assert between.later or between.done
    assert prepared.kill(Point("rename", "nothing like it", 1)).missed


@pytest.mark.long
def test_kill__a_power_failure_takes_what_was_not_synced(warm: Warm, tmp_path: Path) -> None:
    prepared = Prepared(FAULTY["replaced unsynced"], tmp_path / "work", warm)
    assert [point.name for point in prepared.points] == ["openat", "write", "rename", "mkdir"]
    for point in prepared.points:
        assert not prepared.kill(point).broken
        assert prepared.kill(point, power=True).broken == (point.name == "mkdir")


def test_readings__of_a_store_agree(tmp_path: Path) -> None:
    new_market(tmp_path / "raw", tmp_path / "store")
    ours, folder = own(tmp_path / "store"), plain(tmp_path / "store")
    assert (ours.problem, folder.problem, ours.said) == ("", "", [])
    assert ours.rows == folder.rows
    assert [len(rows) for rows in ours.rows.values()] == [12]
    assert own(tmp_path / "none").rows == plain(tmp_path / "none").rows == {}


def test_readings__tell_what_cannot_be_read(tmp_path: Path) -> None:
    new_market(tmp_path / "raw", tmp_path / "store")
    (part,) = (tmp_path / "store").glob("depth/**/*.parquet")
    part.write_bytes(part.read_bytes()[:100])
    assert "Error" in plain(tmp_path / "store").problem
    ours = own(tmp_path / "store")
    assert ours.problem or not ours.rows


def test_sample__moves_first_and_the_same_each_time() -> None:
    points = [Point("write", "a", n) for n in range(1, 41)] + [Point("unlink", ".staging/a", 1)]
    moves = [Point("rename", "a -> b", 1), Point("unlink", "a", 1), Point("rename", "a -> b", 2)]
    assert sample([*points, *moves], 3) == moves
    assert sample([*points, *moves, *moves], 4) == [moves[1], moves[0], moves[2], Point("write", "a", 21)]
    assert sample(points, 2) == [Point("write", "a", 11), Point("write", "a", 31)]
