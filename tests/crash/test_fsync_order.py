"""The judge of the order of fsyncs, on runs that are made up: a good one, and each kind of bad one."""

from __future__ import annotations

import pytest

from tests.crash.calls import Call
from tests.crash.fsync_order import unsafe
from tests.crash.layout import Layout

LAYOUT = Layout(commits=(".markets/*.json",))
DAY = "depth/venue=a/date=1"
PART, MADE = f"{DAY}/part.parquet", ".staging/7-ab/part.parquet"
COMMIT, DRAFT = ".markets/a/1.json", ".staging/7-ab/1.json"


def opened(path: str) -> Call:
    return Call("openat", path, made=True)


def file(path: str) -> list[Call]:
    return [opened(path), Call("write", path)]


def synced(*paths: str) -> list[Call]:
    return [Call("fsync", path) for path in paths]


def renamed(path: str, to: str) -> list[Call]:
    return [Call("rename", path, to)]


WORK = [Call("mkdir", ".staging"), Call("mkdir", ".staging/7-ab")]
PLACED = [*WORK, *file(MADE), *synced(MADE), *renamed(MADE, PART), *synced(DAY)]
COMMITTED = [*file(DRAFT), *synced(DRAFT), *renamed(DRAFT, COMMIT), *synced(".markets/a")]
GOOD = PLACED + COMMITTED


def without(calls: list[Call], *left_out: Call) -> list[Call]:
    assert all(call in calls for call in left_out)
    return [call for call in calls if call not in left_out]


@pytest.mark.parametrize(
    "calls",
    [
        [],
        GOOD,
        [
            *GOOD,
            Call("unlink", f"{DAY}/old.parquet"),
            Call("rmdir", ".staging/7-ab"),
            Call("rmdir", ".staging"),
        ],
        [*file(MADE), *renamed(MADE, PART), *synced(PART, DAY), *COMMITTED],
        [*file(MADE), *renamed(MADE, PART), Call("fdatasync", PART), Call("fsync", DAY), *COMMITTED],
        [*file(MADE), *renamed(MADE, PART), Call("syncfs", "."), *COMMITTED],
        [Call("mkdir", DAY), *synced("depth/venue=a"), *GOOD],
        [opened(".lock"), Call("write", ".lock"), *GOOD],
        [*GOOD, *file(".staging/7-ab/left"), *file(".spans/a/bids.arrow"), *renamed(".spans/a", ".spans/b")],
        [Call("openat", PART), *GOOD],
        [Call("rename", MADE, PART, error=2), Call("write", PART, error=28), *GOOD],
        [*GOOD, *renamed(PART, "../elsewhere")],
        [
            *file(MADE),
            *synced(MADE, ".staging/7-ab"),
            Call("renameat2", ".staging/7-ab", DAY, swaps=True),
            *synced("depth/venue=a"),
            *COMMITTED,
        ],
        [*file(PART), Call("renameat2", ".staging/7-ab", DAY, swaps=True), *synced("depth/venue=a")],
        [
            *WORK,
            *file(MADE),
            *synced(MADE),
            *renamed(".staging/7-ab", DAY),
            *synced("depth/venue=a", DAY),
            *COMMITTED,
        ],
        [
            *file(MADE),
            *synced(MADE),
            Call("link", MADE, PART),
            *synced(DAY),
            Call("unlink", MADE),
            *COMMITTED,
        ],
    ],
)
def test_unsafe__finds_nothing_in_a_good_run(calls: list[Call]) -> None:
    assert unsafe(calls, LAYOUT) == []


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        pytest.param(
            without(GOOD, *synced(MADE)),
            [
                f"{PART} is not synced before {COMMIT} refers to it",
                f"{PART} is never synced after it was written",
            ],
            id="the part is never synced",
        ),
        pytest.param(
            [*without(GOOD, *synced(MADE)), *synced(PART)],
            [f"{PART} is not synced before {COMMIT} refers to it"],
            id="the part is synced too late",
        ),
        pytest.param(
            [*file(MADE), *synced(MADE), Call("write", MADE), *renamed(MADE, PART), *synced(DAY), *COMMITTED],
            [
                f"{PART} is not synced before {COMMIT} refers to it",
                f"{PART} is never synced after it was written",
            ],
            id="the part is written after it was synced",
        ),
        pytest.param(
            [*file(MADE), *synced(MADE), Call("ftruncate", MADE), *renamed(MADE, PART), *synced(DAY, PART)],
            [],
            id="cut after it was synced, and synced again: nothing refers to it",
        ),
        pytest.param(
            [*file(MADE), *renamed(MADE, PART), *synced(DAY)],
            [f"{PART} is never synced after it was written"],
            id="no commit and no sync",
        ),
        pytest.param(
            without(GOOD, *synced(DAY)),
            [
                f"{DAY} is not synced, where part.parquet appeared, before {COMMIT} refers to it",
                f"{DAY} is never synced after part.parquet appeared in it",
            ],
            id="the folder of the part is never synced",
        ),
        pytest.param(
            [*without(GOOD, *synced(DAY)), *synced(DAY)],
            [f"{DAY} is not synced, where part.parquet appeared, before {COMMIT} refers to it"],
            id="the folder of the part is synced too late",
        ),
        pytest.param(
            [*file(MADE), *synced(MADE, DAY), *renamed(MADE, PART), *COMMITTED, *synced(DAY)],
            [f"{DAY} is not synced, where part.parquet appeared, before {COMMIT} refers to it"],
            id="the folder of the part is synced too early",
        ),
        pytest.param(
            [Call("mkdir", DAY), *GOOD],
            [
                f"depth/venue=a is not synced, where date=1 appeared, before {COMMIT} refers to it",
                "depth/venue=a is never synced after date=1 appeared in it",
            ],
            id="the folder above a new folder is not synced",
        ),
        pytest.param(
            without(GOOD, *synced(DRAFT)),
            [
                f"{COMMIT} is not synced before it is renamed into place",
                f"{COMMIT} is never synced after it was written",
            ],
            id="the commit is not synced",
        ),
        pytest.param(
            without(GOOD, *synced(".markets/a")),
            [".markets/a is never synced after 1.json appeared in it"],
            id="the folder of the commit is not synced",
        ),
        pytest.param(
            [
                *without(GOOD, *synced(".markets/a")),
                Call("unlink", f"{DAY}/old.parquet"),
                *synced(".markets/a"),
            ],
            [f"{DAY}/old.parquet is removed before .markets/a is synced, where {COMMIT} appeared"],
            id="what the commit replaced goes too early",
        ),
        pytest.param(
            [
                *without(GOOD, *synced(".markets/a")),
                *renamed(f"{DAY}/old.parquet", ".staging/7-ab/old"),
                *synced(".markets/a"),
            ],
            [f"{DAY}/old.parquet is removed before .markets/a is synced, where {COMMIT} appeared"],
            id="what the commit replaced is moved away too early",
        ),
        pytest.param(
            [*PLACED, *file(COMMIT), *synced(COMMIT, ".markets/a")],
            [f"{COMMIT} is written where it stands, not renamed there"],
            id="the commit is written in place",
        ),
        pytest.param(
            [*WORK, *file(MADE), *renamed(".staging/7-ab", DAY), *synced("depth/venue=a"), *COMMITTED],
            [
                f"{PART} is not synced before {COMMIT} refers to it",
                f"{DAY} is not synced, where part.parquet appeared, before {COMMIT} refers to it",
                f"{PART} is never synced after it was written",
                f"{DAY} is never synced after part.parquet appeared in it",
            ],
            id="a folder is renamed with what is in it",
        ),
        pytest.param(
            [
                *file(MADE),
                *synced(MADE, ".staging/7-ab"),
                Call("renameat2", ".staging/7-ab", DAY, swaps=True),
                *COMMITTED,
            ],
            [
                f"depth/venue=a is not synced, where date=1 appeared, before {COMMIT} refers to it",
                "depth/venue=a is never synced after date=1 appeared in it",
            ],
            id="two folders change places, the one above is not synced",
        ),
        pytest.param(
            [
                *file(PART),
                Call("renameat2", ".staging/7-ab", DAY, swaps=True),
                Call("renameat2", ".staging/7-ab", DAY, swaps=True),
                *synced("depth/venue=a"),
            ],
            [
                f"{PART} is never synced after it was written",
                f"{DAY} is never synced after part.parquet appeared in it",
            ],
            id="two folders change places and back",
        ),
        pytest.param(
            [*file(MADE), Call("link", MADE, PART), *synced(MADE), Call("unlink", MADE), *COMMITTED],
            [
                f"{DAY} is not synced, where part.parquet appeared, before {COMMIT} refers to it",
                f"{DAY} is never synced after part.parquet appeared in it",
            ],
            id="a file is linked, its folder not synced",
        ),
        pytest.param(
            [*file(MADE), Call("link", MADE, PART), *synced(DAY), Call("unlink", MADE), *COMMITTED],
            [
                f"{PART} is not synced before {COMMIT} refers to it",
                f"{PART} is never synced after it was written",
            ],
            id="a file is linked and never synced",
        ),
    ],
)
def test_unsafe__names_what_is_bad(calls: list[Call], said: list[str]) -> None:
    assert unsafe(calls, LAYOUT) == said
