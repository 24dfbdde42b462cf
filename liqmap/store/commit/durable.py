"""Written so that it outlasts a loss of power: data before what refers to it."""

from __future__ import annotations

import os
from pathlib import Path

from liqmap.store.layout import refuse_links

SYNCS = True
"""Whether the disk is waited for; tests that kill no machine turn it off."""


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    if not SYNCS:
        return
    with path.open("rb+") as file:  # Windows syncs only what is open for writing
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk; a system that cannot open folders has its own way."""
    if not SYNCS or os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path, root: Path) -> None:
    """A folder below another, with those between; their names outlast a loss of power.

    Raises
    ------
    StoreError : one of them is a symbolic link.
    """
    refuse_links(root, path)
    made = []
    while path != root and not path.is_dir():
        made.append(path)
        path = path.parent
    for folder in reversed(made):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def replace_file(path: Path, data: bytes, work: Path) -> None:
    """A file has these bytes, or those it had before; never some of both.

    Parameters
    ----------
    work : a folder on the same file system for the bytes until they are complete.
    """
    made = work / f"{path.name}.new"
    with made.open("wb") as file:
        file.write(data)
        file.flush()
        if SYNCS:
            os.fsync(file.fileno())
    os.replace(made, path)
    sync_folder(path.parent)
