"""The commands that are killed.

To add one: a function that prepares the store, one that runs the command, and an entry of `SCENARIOS`.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import liqmap as lm
from liqmap.cli import main
from tests.crash import markets, recorded
from tests.crash.layout import moves
from tests.crash.tracer import traced

MADE_BEFORE = Path(__file__).parents[1] / "migration" / "made_2026_11.zip"
VENUE = "bybit"

Step = Callable[[Path, Path], object]
"""Something done with a folder of raw files and a store."""


@dataclass(frozen=True)
class Scenario:
    """A command that may be killed at every call of it that touches the store.

    Parameters
    ----------
    prepare : write the raw files, and the store as it is before the command. Nothing of this is killed.
    run : the command; it is run again when it was killed, and must then do what is left to do.
    sources : of an ingest, the raw files that it takes; an empty tuple for every other command.
    then : the next write of the store after a kill; by default an ingest of another market.
    look : something else that must be the same after a kill as ever, such as spans; asked of a copy.
    then_may_refuse : the next write may be refused in words, until the command is done.
    stages : beginnings of a command that becomes visible in several steps: the store may be as after each.
    """

    name: str
    prepare: Step
    run: Step
    sources: tuple[str, ...] = ()
    then: Step | None = None
    look: Callable[[Path], Any] | None = None
    then_may_refuse: bool = False
    stages: Sequence[Step] = ()

    def write_next(self, raw: Path, store: Path) -> None:
        (self.then or ingest_another)(raw, store)


# ------------------------------------------------------------------ steps


def ingest(*names: str) -> Step:
    """Ingest files of the raw folder, one after the other."""

    def step(raw: Path, store: Path) -> None:
        report = lm.ingest([raw / name for name in names], store=store, venue=VENUE, jobs=1, progress=False)
        if report.errors:
            raise report.errors[0]

    return step


def ingest_another(raw: Path, store: Path) -> None:
    """Another market, of which no scenario knows anything."""
    markets.depth(raw / "another.ndjson", 1, 3, "ANOTHERUSDT")
    ingest("another.ndjson")(raw, store)


def command(*words: str, fine: str = "") -> Step:
    """A command of ``liqmap store``, as it is typed. ``fine``: what it may say where nothing is to do."""

    def step(raw: Path, store: Path) -> None:
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = main(["store", *words, "--store", str(store)])
        if code != 0 and not (fine and fine in said.getvalue()):
            raise RuntimeError(f"liqmap store {' '.join(words)}: {said.getvalue().strip()}")

    return step


compact = command("compact")
migrate = command("migrate")


def remove(*words: str) -> Step:
    """Remove the first market or some days of it; nothing, where nothing of it is left."""
    return command("rm", VENUE, "BTCUSDT", *words, "--yes", fine="expected a market of the store")


def open_spans(raw: Path, store: Path) -> None:
    """As a session does for every picture: of all days, and of the last one, which looks back."""
    market = lm.open_store(store)
    market.session(VENUE, "BTCUSDT").spans()
    last = markets.FIRST_MS + 2 * markets.DAY_MS
    market.session(VENUE, "BTCUSDT", start=last).spans()


# ------------------------------------------------------------------ stores to begin with


def new_market(raw: Path, store: Path) -> None:
    """A store with a day of the market, and the four days that follow it, in one file."""
    markets.depth_days(raw / "first.ndjson", 0, 0)
    markets.depth_days(raw / "four_days.ndjson", 1, 4)
    ingest("first.ndjson")(raw, store)


SEVEN = (
    "BTCUSDT-0-depth.ndjson", "BTCUSDT-0-trades.csv", "BTCUSDT-1-depth.ndjson", "BTCUSDT-1-trades.csv",
    "BTCUSDT-2-depth.ndjson", "BTCUSDT-2-trades.csv", "ETHUSDT.ndjson",
)  # fmt: skip


def seven_files(raw: Path, store: Path) -> None:
    """No store yet; two tables of one market in pieces, the second over midnight, and another market."""
    markets.in_pieces(raw, [(1, 3), (4, 9), (10, 12)])
    markets.depth_days(raw / "ETHUSDT.ndjson", 0, 0, "ETHUSDT")


OVERLAPPING = ("more.ndjson", "more.csv")


def overlapped(raw: Path, store: Path) -> None:
    """A store with three days of the market, and files that overlap the later two and go on after them."""
    markets.depth(raw / "there.ndjson", 1, 15)
    markets.trades(raw / "there.csv", 1, 15)
    markets.depth(raw / "more.ndjson", 9, 21)
    markets.trades(raw / "more.csv", 9, 21)
    ingest("there.ndjson", "there.csv")(raw, store)


PIECES = [(1, 3), (4, 7), (8, 10), (11, 15), (16, 18)]


def many_pieces(raw: Path, store: Path) -> None:
    """A store with three days of the market in five pieces and one more market, and spans of the former."""
    without_spans(raw, store)
    open_spans(raw, store)


def without_spans(raw: Path, store: Path) -> None:
    """The same before any session was opened."""
    pieces = markets.in_pieces(raw, PIECES)
    other = markets.in_pieces(raw, [(1, 3), (4, 6)], "ETHUSDT")
    ingest(*(path.name for path in (*pieces, *other)))(raw, store)


def ingest_pieces(raw: Path, store: Path) -> None:
    """What `many_pieces` has taken of the first market, once more."""
    ingest(*sorted(path.name for path in raw.iterdir() if path.name.startswith("BTCUSDT")))(raw, store)


def killed_compact(raw: Path, store: Path) -> None:
    """The store of `many_pieces` where compact was killed while it removed what it had joined, and files that
    overlap all of it."""
    many_pieces(raw, store)
    markets.depth(raw / "more.ndjson", 3, 21)
    markets.trades(raw / "more.csv", 3, 21)
    copy = store.parent / "copy"
    shutil.copytree(store, copy)
    every = moves(traced(lambda: compact(raw, copy), copy).points)
    removals = [point for point in every if point.name == "unlink"] or every
    shutil.rmtree(copy)
    if traced(lambda: compact(raw, store), store, removals[len(removals) // 2]).killed_at is None:
        raise RuntimeError("compact was not killed")


def made_before(raw: Path, store: Path) -> None:
    """A store that an older liqmap wrote."""
    with zipfile.ZipFile(MADE_BEFORE) as packed:
        for name in packed.namelist():
            if name.startswith("store/"):
                packed.extract(name, store.parent)


def nothing(raw: Path, store: Path) -> None:
    """No store yet."""


def recorded_in_part(flushes: int) -> Step:
    """A recording until some of its flushes are done."""
    return lambda raw, store: recorded.record_in_part(flushes, store)


def spans_of(store: Path) -> Any:
    """What the sessions of `open_spans` say."""
    market = lm.open_store(store)
    found = []
    for start in (None, markets.FIRST_MS + 2 * markets.DAY_MS):
        spans = market.session(VENUE, "BTCUSDT", start=start).spans()
        found.append((spans.to_arrow().to_pylist(), spans.window.to_pylist(), spans.meta))
    return found


# ------------------------------------------------------------------ the commands

_EVERY: Sequence[Scenario] = (
    Scenario("ingest of one source of 4 days", new_market, ingest("four_days.ndjson"), ("four_days.ndjson",)),
    Scenario(
        "ingest of one source of 4 days, then compact",
        new_market, ingest("four_days.ndjson"), ("four_days.ndjson",), then=compact,
    ),
    Scenario("ingest of 7 files", seven_files, ingest(*SEVEN), SEVEN),
    Scenario("ingest of sources that overlap stored ones", overlapped, ingest(*OVERLAPPING), OVERLAPPING),
    Scenario("compact", many_pieces, compact),
    Scenario("compact, then rm of a market", many_pieces, compact, then=remove()),
    Scenario("ingest after a killed compact", killed_compact, ingest(*OVERLAPPING), OVERLAPPING),
    Scenario("compact after a killed compact", killed_compact, compact),
    Scenario("rm of a market", many_pieces, remove()),
    Scenario("rm of a market, then its ingest", many_pieces, remove(), then=ingest_pieces),
    Scenario("rm of some days", many_pieces, remove("--from", "2023-11-16", "--to", "2023-11-16")),
    Scenario("migrate", made_before, migrate, then_may_refuse=True),
    Scenario(
        "record, and record again", nothing, recorded.record,
        stages=[recorded_in_part(flushes + 1) for flushes in range(recorded.FLUSHES)],
    ),
    Scenario("spans", without_spans, open_spans, look=spans_of),
)  # fmt: skip
SCENARIOS = {scenario.name: scenario for scenario in _EVERY}
