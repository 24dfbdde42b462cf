"""Changes whose process died: each is finished if the manifest says so, else taken back.

Until then our own readers go by the manifest, and find what it names; plain readers of the tables may see
files of a change that never was, or miss some. Every write begins with this.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.durable import make_folder
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest, markets_of
from liqmap.store.layout import LOCK, MARKETS
from liqmap.store.locks import locked
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.remote.publishing import is_pending, settle_dead
from liqmap.store.staging import begun, clean


def recover(root: Path) -> int:
    """Settle what dead processes began, and remove what they left; gives how many changes there were.

    The lock of the store is held by the caller. What belongs to a market whose manifest is damaged stays as
    it is, and so does a folder whose journal cannot be followed, until all that manifests list is back.

    Raises
    ------
    OSError : the store cannot be written.
    StoreError : a remote store cannot be reached or written.
    """
    mirror = mirror_of(root)
    settled = 0
    if mirror is not None:
        mirror.refuse_read_only()
        settled += settle_dead(mirror)
        mirror.refresh()
    for folder in begun(root):
        try:
            Journal.read(folder).settle(root, folder)
        except (ValueError, StoreError):
            if not _salvaged(root, folder):
                continue
        settled += 1
        shutil.rmtree(folder, ignore_errors=True)
    clean(root)
    return settled


def _salvaged(root: Path, folder: Path) -> bool:
    """Put back what manifests list and a change has in its folder, whose journal cannot be followed; whether
    nothing else can be missing."""
    readable = True
    for market in markets_of(root):
        try:
            manifest = Manifest.load(root, *market)
        except StoreError:
            readable = False
            continue
        for part in manifest.parts if manifest is not None else ():
            found = sorted(folder.rglob(part.path.name))
            if found and not part.path.exists() and not found[0].is_symlink():
                make_folder(part.path.parent, root)
                os.replace(found[0], part.path)
    return readable and (root / MARKETS).exists()


def open_for_writing(root: Path) -> None:
    """What every write begins with: dead processes' changes are settled, and what they left is removed.

    Raises
    ------
    OSError : the store cannot be written.
    StoreError : a remote store cannot be reached or written.
    """
    mirror = mirror_of(root)
    left = clean(root)
    if mirror is not None:
        mirror.refuse_read_only()
        left |= is_pending(mirror)
    if left:
        with locked(root / LOCK):
            recover(root)
