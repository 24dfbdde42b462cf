"""What was calibrated and saved with a store, as the store's user holds it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liqmap import store as tables
from liqmap.analytics import Calibration
from liqmap.schema import SchemaError, StoreError, StoreWarning
from liqmap.store import Feed

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "venue", "symbol", "feed", "view", "depth",
    "half_life", "prune", "error", "out_of_sample", "start", "end",
)  # fmt: skip
"""What is said of each in a list of them."""


def save(root: Path, calibration: Any) -> Path:
    """Keep a calibration with the feed that it is about, in the place of the one before.

    Raises
    ------
    StoreError : no calibration, a feed that the store does not have, or it cannot be reached or written.
    """
    if not isinstance(calibration, Calibration):
        expected = "a Calibration, such as lm.calibrate(session)"
        raise StoreError(argument="calibration", expected=expected, got=f"{calibration!r:.60}")
    meta = calibration.meta
    feed = meta.venue, meta.symbol, meta.feed or "full"
    tables.refresh(root)
    if not tables.depth_parts(root, *feed):
        raise StoreError(
            where=tables.name_of(root),
            expected="a feed of the store",
            got=f"a calibration of {' '.join(feed)}",
        )
    return root / tables.write_calibration(root, feed, calibration.to_record())


def saved(root: Path, feed: Feed) -> Calibration | None:
    """What was saved of a feed; None: nothing.

    Raises
    ------
    StoreError : it is damaged, of another feed, of a newer liqmap, or the store cannot be reached.
    """
    record = tables.read_calibration(root, feed)
    if record is None:
        return None
    try:
        found = Calibration.from_record(record)
    except SchemaError as error:
        raise StoreError.wrapping(error, root / tables.calibration_place(feed)) from error
    own = found.meta.venue, found.meta.symbol, found.meta.feed or "full"
    if own != feed:
        raise tables.damaged_calibration(root, feed, f"that of {' '.join(own)}")
    return found


def all_saved(root: Path) -> pd.DataFrame:
    """A row per calibration of the store; one that cannot be read is warned of and left out."""
    import pandas as pd

    rows = []
    for feed in tables.calibrated_feeds(root):
        try:
            found = saved(root, feed)
        except StoreError as error:
            warnings.warn(str(error), StoreWarning, stacklevel=3)
            continue
        if found is not None:
            start, end = (pd.Timestamp(t, unit="ns", tz="UTC") for t in found.time_range)
            best = found.best
            answer = best.half_life, best.prune, best.error, best.out_of_sample
            rows.append((*feed, found.view, found.depth, *answer, start, end))
    return pd.DataFrame(rows, columns=list(COLUMNS))
