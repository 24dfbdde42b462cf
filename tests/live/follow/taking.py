"""Rows as a recorder gives them out, and as it writes them afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.live.follow import LiveSession
from liqmap.schema import Meta, int64
from tests.session.depth_store import write_source


def batch(rows: pa.Table) -> pa.RecordBatch:
    """A table as one batch, its metadata apart."""
    return rows.combine_chunks().replace_schema_metadata(None).to_batches()[0]


def meta_of(rows: pa.Table) -> Meta:
    return Meta.from_metadata(rows.schema.metadata)


def message_cuts(depth: pa.Table) -> np.ndarray:
    """First rows of messages, which have ids of their own, and one past the last row."""
    seq = int64(depth["seq"])
    return np.append(np.flatnonzero(np.diff(seq, prepend=seq[0] - 1)), len(seq))


def pieces(depth: pa.Table, bounds: Sequence[int]) -> Iterator[pa.Table]:
    """The rows between some bounds."""
    inner = sorted({0, depth.num_rows, *(int(b) for b in bounds)})
    for begin, stop in zip(inner, inner[1:]):
        yield depth.slice(begin, stop - begin)


class Recorded:
    """A live session over a store, fed and flushed as by a recorder."""

    def __init__(
        self, root: Path, start: int | None = None, look_back: int | None = None, follows: int = 0
    ) -> None:
        self.root = root
        self.session = LiveSession(root, "test", "TEST", start=start, look_back=look_back)
        self._waiting: list[pa.Table] = []
        self._seq, self._number = follows or -1, 0

    def take(self, depth: pa.Table, meta: Meta | None = None) -> None:
        """Rows come."""
        self.session.take("depth", batch(depth), meta or meta_of(depth))
        self._waiting.append(depth)

    def flush(self) -> None:
        """What has come goes into the store."""
        if not self._waiting:
            return
        depth, self._waiting = pa.concat_tables(self._waiting), []
        write_source(self.root, f"live{self._number}", depth.replace_schema_metadata(
            replace(meta_of(depth), sources=()).to_metadata()), follows=self._seq)  # fmt: skip
        self._seq, self._number = int(int64(depth["seq"])[-1]), self._number + 1
