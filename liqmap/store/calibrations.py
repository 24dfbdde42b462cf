"""What is kept of calibrations: ``calibrations/venue=.../symbol=.../feed=.../calibration.json``, one a feed.

What is in a record the store does not know: it keeps it with a digest, whole or not at all, here or in the
bucket that a folder mirrors. No reader of the tables needs them, and none is disturbed: they are no Parquet.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from liqmap.schema import Meta, StoreError, StoreWarning
from liqmap.store.commit.durable import make_folder, replace_file
from liqmap.store.commit.sealed import sealed, unsealed
from liqmap.store.layout import CALIBRATIONS, market_folder, refuse_links
from liqmap.store.listing import list_parts
from liqmap.store.remote.faults import Absent, Unreachable
from liqmap.store.remote.mirror import Mirror, OfflineWarning, mirror_of
from liqmap.store.staging import staged
from liqmap.store.write import write_errors

NAME = "calibration.json"

Feed = tuple[str, str, str]
"""Venue, symbol, feed."""


def calibration_place(feed: Feed) -> str:
    """The path, below the store, of what is kept of a feed."""
    venue, symbol, name = feed
    return (market_folder(CALIBRATIONS, Meta(venue=venue, symbol=symbol, feed=name)) / NAME).as_posix()


def write_calibration(root: Path, feed: Feed, record: Any) -> str:
    """Keep a record of a feed in the place of the one before; its path below the store.

    Raises
    ------
    StoreError : the store cannot be reached or written.
    """
    data = sealed("calibration", record)
    if (mirror := mirror_of(root)) is not None:
        mirror.refuse_read_only()
        mirror.client.put(calibration_place(feed), data)
    with write_errors(root):
        _keep(root, feed, data)
    return calibration_place(feed)


def read_calibration(root: Path, feed: Feed) -> Any:
    """The record of a feed; None where none is kept.

    Raises
    ------
    StoreError : it is damaged, or the store cannot be reached.
    """
    if (mirror := mirror_of(root)) is not None:
        with mirror.room():
            _fetch(mirror, feed)
    data = _bytes(root, feed)
    if data is None:
        return None
    try:
        return unsealed(data)
    except ValueError as error:
        raise damaged_calibration(root, feed, f"{error!s:.200}") from error


def damaged_calibration(root: Path, feed: Feed, got: str) -> StoreError:
    """What to raise of a record that is not what was written, or is of another feed."""
    return StoreError(
        where=root / calibration_place(feed),
        expected="the calibration that was saved",
        got=got,
        remedy="Save another one, or remove the file",
    )


def calibrated_feeds(root: Path) -> list[Feed]:
    """The feeds of the store of which a record is kept, as far as it can be told without reading it.

    Raises
    ------
    StoreError : the store cannot be reached.
    """
    with warnings.catch_warnings():  # whoever lists what there is was told of damaged markets
        warnings.simplefilter("ignore", StoreWarning)
        metas = [part.meta for part in list_parts(root, "depth")]
    feeds = sorted({(meta.venue, meta.symbol, meta.feed or "full") for meta in metas})
    mirror = mirror_of(root)
    if mirror is None:
        return [feed for feed in feeds if (root / calibration_place(feed)).exists()]
    if not mirror.address.writable:  # it cannot be listed
        return feeds
    try:
        there = {found.path for found in mirror.client.list(CALIBRATIONS)}
    except Unreachable:
        there = {calibration_place(feed) for feed in feeds if (root / calibration_place(feed)).exists()}
    return [feed for feed in feeds if calibration_place(feed) in there]


def copy_calibration(source: Path, target: Path, feed: Feed) -> bool:
    """Keep what another store keeps of a feed, where this one keeps nothing; whether it did.

    Raises
    ------
    StoreError : one of them is damaged, or cannot be reached or written.
    """
    record = read_calibration(source, feed)
    if record is None or read_calibration(target, feed) is not None:
        return False
    write_calibration(target, feed, record)
    return True


def _keep(root: Path, feed: Feed, data: bytes) -> None:
    path = root / calibration_place(feed)
    make_folder(path.parent, root)
    with staged(root) as work:
        replace_file(path, data, work)


def _bytes(root: Path, feed: Feed) -> bytes | None:
    path = root / calibration_place(feed)
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise damaged_calibration(root, feed, error.strerror or str(error)) from error
    refuse_links(root, path)
    return data


def _fetch(mirror: Mirror, feed: Feed) -> None:
    """Take what the store has of a feed; where no answer comes, what is here serves, which is told."""
    path = mirror.root / calibration_place(feed)
    try:
        found = mirror.client.get(calibration_place(feed))
    except Absent:
        path.unlink(missing_ok=True)
        return
    except Unreachable:
        if not path.exists():
            raise
        text = f"{mirror.url}: no answer; the calibration that was read earlier is shown"
        warnings.warn(text, OfflineWarning, stacklevel=4)
        return
    assert found is not None
    with suppress(OSError):
        if path.read_bytes() == found[0]:
            return
    _keep(mirror.root, feed, found[0])
