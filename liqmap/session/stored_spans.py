"""Spans that stand on disk: whether they are what was written, and how another process maps them too."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from liqmap.schema import LiqmapError, Meta, StoreError
from liqmap.session.span_files import read_spans
from liqmap.spans import Spans, truncate
from liqmap.store import is_sound

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StoredSpans:
    """Spans that another process may map too.

    entry : the folder of the whole, whose name says all that they depend on (see `span_cache`).
    until, meta : what `truncate` was given, of spans that end earlier.
    """

    entry: Path
    until: int | None = None
    meta: Meta | None = None

    def is_there(self) -> bool:
        return (self.entry / MANIFEST).is_file()

    def open(self) -> Spans:
        """The spans, mapped.

        Raises
        ------
        StoreError : they are not there any more, or damaged.
        """
        try:
            sound = entry_is_sound(self.entry)
            spans = read_spans(self.entry) if sound else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, LiqmapError):
            spans = None
        if spans is None:
            raise StoreError(
                where=self.entry,
                expected="the spans that were sent by where they stand",
                got="nothing there, or other bytes",
                remedy="Send the session itself, which replays them; or copy.deepcopy(spans), which is whole",
            )
        if self.until is not None:
            spans = truncate(spans, self.until, self.meta)
        spans.stored = self
        return spans


def entry_is_sound(entry: Path) -> bool:
    """Whether the files of an entry are what was written; of before digests were kept, by their sizes.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, AttributeError : there is none, or what describes it is damaged.
    """
    said = json.loads((entry / MANIFEST).read_text())
    sizes, digests = said["files"], said.get("xxh3_128", {})
    if any((entry / name).stat().st_size != size for name, size in sizes.items()):
        return False
    with ThreadPoolExecutor(2) as threads:  # a side each
        return all(threads.map(lambda name: is_sound(entry / name, digests[name], sizes[name]), digests))
