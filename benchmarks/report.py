"""What a benchmark found, and the table of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Result:
    """Ours and the peer's seconds on the same data, and what was asked of their ratio ('' : nothing)."""

    name: str
    size: str
    ours: float
    peer_name: str
    peer: float
    asked: str = ""


@dataclass
class Memory:
    """Peak memory of a process that did one thing, MB, and what was asked of it."""

    name: str
    size: str
    megabytes: float
    asked: str = ""


@dataclass
class Added:
    """Ours and the peer's ms, where what counts is what ours adds; ``asked``: how much it may."""

    name: str
    size: str
    ours: float
    peer: float
    peer_name: str
    asked: float


@dataclass
class Told:
    """A value that has no peer, in words, and what was asked of it."""

    name: str
    size: str
    value: str
    asked: str
    how: str


@dataclass
class Speed:
    """One text format: MB of text, rows, and the seconds of ours, of the plain loop, of inflating alone.

    ``work`` is how many times the loop's processor time, over all threads, is ours.
    """

    name: str
    megabytes: float
    rows: int
    ours: float
    loop: float
    inflate: float
    work: float
    asked: str = ""


def table(results: Iterable[Result | Memory | Speed | Added | Told]) -> None:
    """Print a row per result: sizes, seconds, ratio; the speeds of text formats in a table of their own."""
    results = list(results)
    speeds = [r for r in results if isinstance(r, Speed)]
    others = [r for r in results if not isinstance(r, Speed)]
    if speeds:
        _speeds(speeds)
    if speeds and others:
        print()
    if others:
        _times(others)


def _speeds(speeds: list[Speed]) -> None:
    print(
        f"{'text format':<22}{'raw MB':>8}{'k rows':>8}{'liqmap MB/s':>13}{'M rows/s':>10}{'loop MB/s':>11}"
        f"{'ratio':>8}{'of CPU':>8}  {'asked':<12}{'inflate MB/s':>13}{'share of inflate':>18}"
    )
    for s in speeds:
        print(
            f"{s.name:<22}{s.megabytes:>8.1f}{s.rows / 1e3:>8,.0f}{s.megabytes / s.ours:>13.0f}"
            f"{s.rows / s.ours / 1e6:>10.2f}{s.megabytes / s.loop:>11.1f}{s.loop / s.ours:>7.1f}x"
            f"{s.work:>7.1f}x  {s.asked:<12}{s.megabytes / s.inflate:>13.0f}{s.inflate / s.ours:>17.0%}"
        )


def _times(results: list[Result | Memory | Added | Told]) -> None:
    """Of an `Added` the difference."""
    print(f"{'what':<32}{'liqmap':>10}{'peer':>10}{'ratio':>8}  {'asked':<15}{'data':<44}peer is")
    for r in results:
        if isinstance(r, Memory):
            print(f"{r.name:<32}{r.megabytes:>7.0f} MB{'':>18}  {r.asked:<15}{r.size}")
            continue
        if isinstance(r, Told):
            print(f"{r.name:<32}{r.value:>10}{'':>18}  {r.asked:<15}{r.size:<44}{r.how}")
            continue
        if isinstance(r, Added):
            print(
                f"{r.name:<32}{r.ours:>7.0f} ms{r.peer:>7.0f} ms{r.ours - r.peer:>+5.0f} ms  "
                f"{f'at most +{r.asked:.0f}':<15}{r.size:<44}{r.peer_name}"
            )
            continue
        print(
            f"{r.name:<32}{_seconds(r.ours):>10}{_seconds(r.peer):>10}{r.peer / r.ours:>7.1f}x  "
            f"{r.asked:<15}{r.size:<44}{r.peer_name}"
        )


def _seconds(s: float) -> str:
    return f"{s * 1e3:.1f} ms" if s < 1 else f"{s:.2f} s"
