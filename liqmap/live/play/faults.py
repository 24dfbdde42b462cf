"""What goes wrong, as data: at which message of a book, and how."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from liqmap.live.play.tape import Tape
from liqmap.schema import LiqmapError

KINDS = {
    "drop": "connections of the market break off before the message, without a close",
    "lose": "the message is never sent",
    "double": "the message is sent twice",
    "reorder": "the message and those after it, up to the last, are sent the last first",
    "late": "the message is sent so many seconds of the recording later, after what came meanwhile",
    "restart": "the service begins anew before the message: Bybit sends a snapshot with u = 1 and numbers "
    "from there on; Binance and Kraken close all connections, and take new ones after so many seconds",
    "restart-empty": "as restart, but Bybit's snapshot with u = 1 has no levels: the book is not known",
    "malformed": "the message is cut off in its middle",
    "checksum": "the message's checksum is wrong (Kraken)",
    "silence": "connections of the market say nothing more from the message on for so many real seconds, "
    "nor answer pings; what comes meanwhile is lost to them",
    "drip": "connections of the market send one message a so many real seconds, up to the last",
}
"""Kinds of faults, and what each does."""

SECONDS = {"late": 1.0, "restart": 0.2, "restart-empty": 0.2, "silence": float("inf"), "drip": 0.05}
"""Where a fault does not say how long."""

SPAN = {"reorder": 1, "drip": 20}
"""Messages after the first that a fault takes in, where it does not say."""

_FAULT = re.compile(r"([a-z-]+)@(\d+|\d*\.?\d+s)(?:\.\.(\d+))?(?::(\d*\.?\d+)s)?(?:/(\S+))?")


@dataclass(frozen=True)
class Fault:
    """One fault.

    Parameters
    ----------
    kind : one of `KINDS`.
    at : which of the market's depth messages, from 1 (the first, in most recordings, is its snapshot; those
        sent because a client subscribed are not counted), or a text such as ``"12.5s"``: the first message so
        many seconds of the recording after its begin.
    last : the last message that it takes in; None for one alone (`SPAN` has exceptions).
    seconds : how long, where the kind says so; None for the value in `SECONDS`.
    symbol : of one market, as the source writes it; None for all.

    Raises
    ------
    LiqmapError : no such kind, or a place or time that is none.
    """

    kind: str
    at: int | str
    last: int | None = None
    seconds: float | None = None
    symbol: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise _wrong(f"a kind of fault, one of {', '.join(KINDS)}", repr(self.kind))
        at = self.at
        if isinstance(at, str):
            if not re.fullmatch(r"\d*\.?\d+s", at):
                raise _wrong("a message from 1, or a time such as 12.5s", repr(at))
        elif at < 1 or (self.last is not None and self.last < at):
            raise _wrong("a message from 1, and no last one before it", f"{at} to {self.last}")
        if self.seconds is not None and not self.seconds > 0:
            raise _wrong("seconds above 0", repr(self.seconds))

    def __str__(self) -> str:
        last = "" if self.last is None else f"..{self.last}"
        seconds = "" if self.seconds is None else f":{self.seconds:g}s"
        return f"{self.kind}@{self.at}{last}{seconds}" + (f"/{self.symbol}" if self.symbol else "")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """``drop@100``, ``lose@200..203``, ``silence@12.5s:3s``, ``late@50:2s/BTCUSDT``.

        Raises
        ------
        LiqmapError : not of this form, or as `Fault`.
        """
        found = _FAULT.fullmatch(text)
        if found is None:
            raise _wrong("a fault such as drop@100, lose@200..203 or silence@12.5s:3s", repr(text))
        kind, at, last, seconds, symbol = found.groups()
        return cls(
            kind,
            at if at.endswith("s") else int(at),
            None if last is None else int(last),
            None if seconds is None else float(seconds),
            symbol,
        )

    @property
    def duration(self) -> float:
        """Seconds."""
        return SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds


def _wrong(expected: str, got: str) -> LiqmapError:
    return LiqmapError(
        argument="faults", expected=expected, got=got, remedy="`liqmap play --help` lists them"
    )


@dataclass(frozen=True)
class Placed:
    """A fault at its messages of one market: ``first`` to ``last``."""

    fault: Fault
    first: int
    last: int


def placed(faults: Iterable[Fault], tape: Tape) -> list[Placed]:
    """The faults of one market, each at its messages; those beyond its end are none."""
    found = []
    for fault in faults:
        if fault.symbol not in (None, tape.symbol):
            continue
        if isinstance(fault.at, int):
            first = fault.at
        else:
            least = tape.begin + int(float(fault.at[:-1]) * 1e9)
            first = next((s.number for s in tape.steps if s.number and s.ts >= least), tape.numbers + 1)
        if first <= tape.numbers:
            last = first + SPAN.get(fault.kind, 0) if fault.last is None else fault.last
            found.append(Placed(fault, first, min(last, tape.numbers)))
    return found


def random_faults(
    seed: int, messages: int, count: int = 8, kinds: Iterable[str] | None = None, checksums: bool = False
) -> list[Fault]:
    """So many faults at random places of a book of so many ``messages``, the same for the same seed.

    Parameters
    ----------
    kinds : to choose from; None for all, ``checksum`` only where the venue sends ``checksums``. A silence is
        of 0.2 to 1 s, so that tests come to an end.
    """
    draw = random.Random(seed)
    names = list(kinds or (kind for kind in KINDS if kind != "checksum" or checksums))
    found = []
    for at in sorted(draw.sample(range(2, max(messages, count + 2)), count)):
        kind = draw.choice(names)
        last = at + draw.randint(0, 3) if kind in ("lose", "double", "malformed", "checksum") else None
        seconds = draw.uniform(0.2, 1.0) if kind == "silence" else None
        found.append(Fault(kind, at, last, None if seconds is None else round(seconds, 2)))
    return found
