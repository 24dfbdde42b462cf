"""Removal of what is not wanted in a store, and what all upkeep of it has in common.

What is known of the sources goes before their files: one that is killed in between leaves a store that can be
read, and sources that may be ingested again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from liqmap.schema import TABLES, StoreError
from liqmap.store.parts import Part, check_store, list_parts, market_folder
from liqmap.store.sources import rename_sources
from liqmap.store.staging import locked, staged
from liqmap.store.write import LOCK, write_errors

SPANS_FOLDER = ".spans"
"""Of a store: what was replayed from its depth; it may be removed at any time."""


@dataclass(frozen=True)
class Done:
    """What was done: files before and after, bytes before and after."""

    files: int = 0
    files_after: int = 0
    bytes: int = 0
    bytes_after: int = 0


def select(
    root: str | os.PathLike[str],
    venue: str,
    symbol: str,
    feed: str | None = None,
    kind: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> list[Part]:
    """The files of one market; of one feed (depth alone has one), table and range of UTC days, if given.

    Raises
    ------
    StoreError : not a store, or nothing there.
    """
    path = check_store(root)
    kinds = [k for k in TABLES if kind in (None, k) and (feed is None or k == "depth")]
    found = [
        part
        for k in kinds
        for part in list_parts(path, k, venue, symbol, feed)
        if (first or "") <= part.date and part.date <= (last or "9999")
    ]
    if not found:
        days = first and f"from {first}", last and f"to {last}"
        asked = " ".join(word for word in (venue, symbol, feed, kind, *days) if word)
        raise StoreError(
            where=path, expected="a market of the store", got=asked, remedy="`liqmap info` lists them"
        )
    return found


def remove(root: str | os.PathLike[str], parts: Sequence[Part]) -> Done:
    """Remove files, what is known of the sources they came from, and the spans made from them.

    A source that was removed in part may be ingested again: it fills what is missing.

    Raises
    ------
    StoreError : the store cannot be written.
    """
    path = check_store(root)
    size = sum(p.path.stat().st_size for p in parts)
    with exclusive(path) as work:
        rename_sources(path, {part.path: None for part in parts}, work)
        for number, part in enumerate(parts):
            os.replace(part.path, work / f"{number}.parquet")
        for part in parts:
            for folder in list(part.path.parents)[: len(part.path.relative_to(path).parents) - 1]:
                with suppress(OSError):  # not empty
                    folder.rmdir()
        drop_spans(path, parts, work)
    return Done(len(parts), 0, size, 0)


@contextmanager
def exclusive(root: Path) -> Iterator[Path]:
    """Alone in the store, as ingest is when it commits; gives a folder to work in.

    Raises
    ------
    StoreError : the store cannot be written.
    """
    with write_errors(root), locked(root / LOCK), staged(root) as work:
        yield work


def drop_spans(root: Path, parts: Sequence[Part], work: Path) -> None:
    """Remove what was replayed from the depth of these markets; it is made anew when it is wanted."""
    feeds = {Path(*market_folder("depth", p.meta).parts[1:]) for p in parts if p.kind == "depth"}
    for number, feed in enumerate(sorted(feeds)):
        with suppress(FileNotFoundError):
            os.rename(root / SPANS_FOLDER / feed, work / f"spans-{number}")
