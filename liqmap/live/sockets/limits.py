"""How long a stream waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, unless said.

    open_s : for a connection, and for the answer to a REST call.
    snapshot_s : for a snapshot that was asked for; asked ``snapshot_tries`` times, then the connection is
        given up. again_s : at least between two of these.
    backoff_s, longest_s : the wait before the first retry is at most the one, before any at most the other.
    steady_s : a connection that lived so long begins the back-off anew.
    quiet_s : after so long without a change of the book a snapshot is asked for by REST even so.
    handover_s : for two connections to come to one place, when one replaces the other; linger_s : how long
        the trades of the old one are still heard; again_after_s : until the next try where it failed.
    retries : of a REST call, a count. clock_s : between two measurements of the venue's clock, each of
        ``clock_samples`` calls.
    """

    open_s: float = 10.0
    snapshot_s: float = 10.0
    snapshot_tries: int = 3
    again_s: float = 3.0
    backoff_s: float = 1.0
    longest_s: float = 60.0
    steady_s: float = 30.0
    quiet_s: float = 5.0
    handover_s: float = 10.0
    linger_s: float = 2.0
    again_after_s: float = 60.0
    retries: int = 4
    clock_s: float = 600.0
    clock_samples: int = 5
