"""Small files in every packing that is unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa

ENDS = ("zip", "gz", "zst", "bz2", "xz")
"""Of the names of packed files."""


def packed(end: str, data: bytes) -> bytes:
    """A file whose name ends so."""
    if end == "zip":
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inside.csv", data)
        return target.getvalue()
    if end == "zst":
        return bytes(pa.Codec("zstd").compress(data, asbytes=True))
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[end](data)
