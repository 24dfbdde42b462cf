"""Changes whose process died: each is finished if the manifest says so, else taken back.

Until then our own readers go by the manifest, and find what it names; plain readers of the tables may see
files of a change that never was, or miss some. Every write begins with this.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.journal import Journal
from liqmap.store.layout import LOCK
from liqmap.store.locks import locked
from liqmap.store.staging import begun, clean


def recover(root: Path) -> int:
    """Settle what dead processes began, and remove what they left; gives how many changes there were.

    The lock of the store is held by the caller. What belongs to a market whose manifest is damaged stays as
    it is.

    Raises
    ------
    OSError : the store cannot be written.
    """
    settled = 0
    for folder in begun(root):
        journal = Journal.read(folder)
        if journal is not None:
            try:
                journal.settle(root, folder)
            except StoreError:
                continue
            settled += 1
        shutil.rmtree(folder, ignore_errors=True)
    clean(root)
    return settled


def open_for_writing(root: Path) -> None:
    """What every write begins with: dead processes' changes are settled, and what they left is removed.

    Raises
    ------
    OSError : the store cannot be written.
    """
    if clean(root):
        with locked(root / LOCK):
            recover(root)
