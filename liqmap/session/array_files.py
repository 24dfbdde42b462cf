"""Arrays in Arrow IPC files, mapped into memory when they are read.

A mapped array is writable, for a compiled kernel knows read-only arrays as another type and would be compiled
once more: what is written to it stays in this process (the pages are copied), the file never changes.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.schema import StoreError

PLAIN = {"b": np.uint8, "M": np.int64, "m": np.int64}
"""What is kept of dtypes that Arrow lays out otherwise, by kind."""


class Mapped:
    """The one record batch of an Arrow IPC file, mapped.

    Raises
    ------
    StoreError : no such file, or one that is damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            self._whole = pa.py_buffer(self._memory)
            self.batch = pa.ipc.open_file(pa.BufferReader(self._whole)).get_batch(0)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise StoreError(
                where=path,
                expected="an Arrow file",
                got=f"{error!r:.200}",
                remedy="It may be removed: it is made anew",
            ) from error

    def values(self, column: pa.Array, dtype: np.dtype) -> np.ndarray:
        """The values of a column of plain numbers, nulls included, where they lie in the file."""
        buffer = column.buffers()[-1]
        if len(column) == 0 or buffer is None:
            return np.empty(0, dtype)
        begin = buffer.address - self._whole.address + column.offset * dtype.itemsize
        return np.frombuffer(self._memory, dtype, len(column), begin)


def write_batch(path: Path, batch: pa.RecordBatch) -> None:
    """One record batch as an Arrow IPC file, not compressed."""
    with pa.ipc.new_file(str(path), batch.schema) as file:
        file.write_batch(batch)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Named arrays of numbers, of any shape, each as one list in a single row.

    Readable as such without liqmap. Truth values are kept as 0 and 1, times as whole numbers.
    """
    fields, columns = [], []
    for name, array in arrays.items():
        flat = np.ascontiguousarray(array).reshape(-1)
        values = pa.array(flat.view(PLAIN.get(flat.dtype.kind, flat.dtype)))
        columns.append(pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), values))
        described = {"dtype": flat.dtype.str, "shape": array.shape}
        fields.append(pa.field(name, columns[-1].type, metadata={"numpy": json.dumps(described)}))
    write_batch(path, pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields)))


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The inverse of `write_arrays`, mapped.

    Raises
    ------
    StoreError : no such file, or one that is damaged.
    """
    mapped = Mapped(path)
    arrays = {}
    for field, column in zip(mapped.batch.schema, mapped.batch.columns):
        described = json.loads(field.metadata[b"numpy"])
        flat = mapped.values(column.values, np.dtype(described["dtype"]))
        arrays[field.name] = flat.reshape(described["shape"])
    return arrays
