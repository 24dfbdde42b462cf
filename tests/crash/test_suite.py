"""What `make crash` prints, and when it fails."""

from __future__ import annotations

from tests.crash.calls import Point
from tests.crash.killing import NOTHING, Verdict
from tests.crash.suite import Found, details, table

AT = Point("rename", "a -> b", 2)


def found(*verdicts: Verdict, uninterrupted: Verdict | None = None, unsafe: tuple[str, ...] = ()) -> Found:
    return Found("compact", uninterrupted or Verdict(NOTHING), list(verdicts), list(unsafe), 1.0)


def test_found__is_broken_by_what_is_promised_alone() -> None:
    assert not found(Verdict(AT), Verdict(AT, plain=["12 rows twice"])).broken
    assert found(Verdict(AT), Verdict(AT, own=["lost"])).broken
    assert found(Verdict(AT, later=["lost"])).broken
    assert found(Verdict(AT, done=["lost"])).broken
    assert found(Verdict(AT, missed=True)).broken
    assert found(unsafe=("never synced",)).broken
    assert found(uninterrupted=Verdict(NOTHING, done=["lost"])).broken


def test_table__a_row_per_scenario() -> None:
    one = found(Verdict(AT, own=["lost"], plain=["lost"]), Verdict(AT, done=["lost"]), Verdict(AT))
    head, row = table([one])
    assert row.split() == ["compact", "3", "1", "1", "0", "1", "0", "0"]
    assert len(head) == len(row)


def test_details__the_first_points_of_each_kind() -> None:
    bad = [Verdict(AT, own=["lost", "and more"]), Verdict(AT, own=["twice"])]
    uninterrupted = Verdict(NOTHING, done=["twice"])
    assert details(found(*bad, uninterrupted=uninterrupted, unsafe=("a", "b")), 1) == [
        "compact",
        "  not killed: twice",
        "  own, killed before rename a -> b (2): lost (and 1 more)",
        "  own: at 1 more points",
        "  unsafe: a",
        "  unsafe: 1 more",
    ]
    assert details(found(Verdict(AT)), 1) == []
