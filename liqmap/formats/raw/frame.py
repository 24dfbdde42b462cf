"""A frame in memory as a raw file: the bytes of an Arrow file that holds its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc as ipc

from liqmap.formats.raw.file import RawFile

ROWS = 200_000
READ = 256 * 1024


class RawFrame(RawFile):
    """What a reader of tables takes for a file. Its bytes depend on the rows and types alone.

    Parameters
    ----------
    table : without metadata.
    name : what to call it in reports; it has no path.
    """

    def __init__(self, table: pa.Table, name: str) -> None:
        self.path = Path(name)
        self.damage, self.position, self.unended, self.packing = None, 0, False, "plain"
        sink = pa.BufferOutputStream()
        table = table.unify_dictionaries().combine_chunks()
        with ipc.new_file(sink, table.schema) as file:
            file.write_table(table, max_chunksize=ROWS)
        self._bytes = sink.getvalue()
        self.size = self._bytes.size

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self._bytes).hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Its bytes, from the first on."""
        for begin in range(0, self.size, READ):
            yield self._bytes.slice(begin, min(READ, self.size - begin)).to_pybytes()

    def opened(self) -> pa.NativeFile:
        """Its bytes, for Arrow."""
        return pa.BufferReader(self._bytes)
