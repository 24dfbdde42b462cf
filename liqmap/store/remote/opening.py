"""From what a user names as a store to a folder: the one place where an address becomes its mirror."""

from __future__ import annotations

import os
import warnings

from liqmap.schema import StoreError, StoreWarning
from liqmap.store.commit.manifest import REPAIR
from liqmap.store.remote.address import is_address
from liqmap.store.remote.lost import lost_markets
from liqmap.store.remote.mirror import Mirror, mirror, mirror_of

PathLike = str | os.PathLike[str]


def open_mirror(text: str) -> Mirror:
    """The mirror of a store that is there, as of now; without a network, as of when there was one.

    Raises
    ------
    StoreError : no such bucket, no store in it, no rights, no network and nothing here.
    """
    found = mirror(text)
    found.refresh(offline=True)
    if not found.is_filled and found.address.writable and (lost := lost_markets(found)):
        names = ", ".join(" ".join(market) for market in lost[:3])
        text = f"{found.url}: no manifests, and parts of {len(lost)} markets ({names}); {REPAIR}"
        warnings.warn(text, StoreWarning, stacklevel=3)
    elif not found.is_filled:
        other = found.address.writable and found.client.any()
        got = "other objects" if other else "nothing there"
        raise StoreError(
            where=found.url,
            expected="a store, which has .markets/",
            got=got,
            remedy="Make one with `liqmap ingest` or `liqmap store push`",
        )
    return found


def folder_to_write(store: PathLike) -> PathLike:
    """The folder of a store that may not be there yet; of an address, that of its mirror.

    Raises
    ------
    StoreError : no such bucket, no rights, no network, or an address that can only be read.
    """
    if not is_address(store):
        return store
    found = mirror(str(store))
    found.refuse_read_only()
    found.refresh()
    return found.root


def refresh(root: PathLike) -> None:
    """Take what has changed in the store that a folder mirrors, if it does.

    Raises
    ------
    StoreError : no such bucket, no rights, no network and nothing here.
    """
    found = mirror_of(root)
    if found is not None:
        found.refresh(offline=True)


def name_of(root: PathLike) -> str:
    """What a user calls a store: its address, or its folder."""
    found = mirror_of(root)
    return found.url if found is not None else os.fspath(root)
