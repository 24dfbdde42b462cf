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


def table(results: Iterable[Result | Memory]) -> None:
    """Print a row per result: sizes, seconds, ratio."""
    print(f"{'what':<28}{'liqmap':>10}{'peer':>10}{'ratio':>8}  {'asked':<12}{'data':<34}peer is")
    for r in results:
        if isinstance(r, Memory):
            print(f"{r.name:<28}{r.megabytes:>7.0f} MB{'':>18}  {r.asked:<12}{r.size}")
            continue
        print(
            f"{r.name:<28}{_seconds(r.ours):>10}{_seconds(r.peer):>10}{r.peer / r.ours:>7.1f}x  "
            f"{r.asked:<12}{r.size:<34}{r.peer_name}"
        )


def _seconds(s: float) -> str:
    return f"{s * 1e3:.1f} ms" if s < 1 else f"{s:.2f} s"
