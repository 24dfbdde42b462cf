"""What tells that a book is the venue's, and the form in which a store keeps that of each source.

``{"version": 1, "chained": true, "levels": 10, "runs": [[..], ..], "doubted": [[..], ..]}`` under the key
`KEPT` of what the ledger keeps of a source. An entry without it, or of a version that is not known, says
nothing; and what nothing is said of is unverifiable.
"""

from __future__ import annotations

from typing import Any, NamedTuple

KEPT = "trust"
"""The key, beside those of the report."""

VERSION = 1

TRUST = ("gap", "unverifiable", "chained", "verified")
"""What is told of the book at a time, rising. ``verified``: the venue's checksum agreed with it after the
last message. ``chained``: by the venue's own ids no message is missing. ``unverifiable``: there is neither.
``gap``: messages are known to be missing, or no snapshot came yet, so that there is no whole book."""

IN_GAP, UNVERIFIABLE, CHAINED, VERIFIED = range(4)


_WORDS = {"verified": "verified", "chained": "chained by ids", "unverifiable": "unverifiable", "gap": "gap"}


def spelled(state: str, levels: int | None = None) -> str:
    """A word of TRUST for people, such as ``verified (best 10 levels)``: of so many levels a side."""
    return f"{_WORDS[state]} (best {levels} levels)" if levels else _WORDS[state]


class Proof(NamedTuple):
    """What a reader has to tell that no message of a source is missing.

    chained : whether each message says which one it follows, by ids of the venue's own.
    levels : a side that its checksums cover; None where all are, or there are no checksums.
    """

    chained: bool = False
    levels: int | None = None


class Run(NamedTuple):
    """Messages one after the other whose checksums agreed; ts in ns, ``seq`` those of the first and last."""

    first_ts: int
    first_seq: int
    last_ts: int
    last_seq: int
    messages: int


class Claim(NamedTuple):
    """What ingest found of one source between two times, first to last message, ns.

    runs : in the order of time. doubted : (from, to), ns: from a snapshot to the last good message before a
    checksum that its book contradicts.
    """

    begin: int
    end: int
    proof: Proof
    runs: tuple[Run, ...] = ()
    doubted: tuple[tuple[int, int], ...] = ()


def kept(proof: Proof, runs: list[Run], doubted: list[tuple[int, int]]) -> dict[str, Any]:
    """What a store keeps, as JSON has it."""
    return {
        "version": VERSION, "chained": proof.chained, "levels": proof.levels,
        "runs": [list(run) for run in runs], "doubted": [list(pair) for pair in doubted],
    }  # fmt: skip


def claim_of(found: Any, begin: int, end: int) -> Claim | None:
    """What a store has kept of a source; None where that is nothing that this version knows."""
    try:
        if found["version"] != VERSION:
            return None
        levels = None if found["levels"] is None else int(found["levels"])
        runs = tuple(Run(*map(int, run)) for run in found["runs"])
        doubted = tuple((int(a), int(b)) for a, b in found["doubted"])
        return Claim(begin, end, Proof(bool(found["chained"]), levels), runs, doubted)
    except (LookupError, TypeError, ValueError):
        return None
