"""Words of the tables. The position of a word is its code in every kernel."""

from typing import Literal, TypeAlias

import numpy as np

EVENTS = ("update", "snapshot", "gap", "heard")
SIDES = ("bid", "ask")
AGGRESSORS = ("buy", "sell")
ACTIONS = ("add", "cancel", "modify", "trade", "fill", "clear")
FLAGS = ("rpi", "block", "liquidation")
POLICIES = ("top_n", "full", "truncate", "snapshots")
"""What a depth feed shows: the best N levels, where one that is pushed out is sent like a cancel (``top_n``)
or is not sent, for the client cuts to N itself (``truncate``); changes of the whole book (``full``); or books
and no updates (``snapshots``)."""

STATES = ("unknown", "observed", "carried")
Aggregate: TypeAlias = Literal["mean", "peak", "last"]
AGGREGATES: tuple[Aggregate, ...] = ("mean", "peak", "last")
TRADE_IDS = ("trade", "aggregate", "row", "message", "none")
"""What the id of a trade numbers: a trade or an aggregate of trades at the venue, a row of its file, or a
message of the venue that several trades share; or there are none."""

OWN_IDS = ("trade", "aggregate")
"""Of these, the kinds by which each trade has one of its own, the same in every file."""

CHECKS = ("none", "agreed", "not compared", "contradicted")
"""What a checksum that the venue sent with a message says of the book after it: none was sent; it agrees; the
book was not known, so there was nothing to compare; or the book is another."""

UPDATE, SNAPSHOT, GAP, HEARD = range(4)
NO_CHECKSUM, AGREED, NOT_COMPARED, CONTRADICTED = range(4)
TOP_N, FULL, TRUNCATE, SNAPSHOTS = range(4)
BID, ASK = range(2)
UNKNOWN, OBSERVED, CARRIED = range(3)

OPEN = np.iinfo(np.int64).max
"""``end`` of a span whose price the book has not spoken of again (null in Arrow)."""

MISSING = np.iinfo(np.int64).min
"""A time that is not there, in an int64 array (null in Arrow)."""
