"""bz2 and xz, stream after stream: what is sound before a damage is kept, and memory is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from liqmap.formats.raw.pieces import Pieces

MOST_MEMORY = 256 * 1024 * 1024
"""Bytes that unpacking may take: ``xz -9`` takes a quarter of it."""

STEP = 64 * 1024
"""Unpacked bytes at a time: so much of what is sound goes when damage is met."""


class Unpacker(Protocol):
    """What ``bz2.BZ2Decompressor`` and ``lzma.LZMADecompressor`` have in common."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """So many of the next bytes."""


class Unreadable(Exception):
    """Not damaged, but not to be unpacked here: what it is, and what to do."""

    def __init__(self, got: str, remedy: str) -> None:
        super().__init__(got)
        self.got, self.remedy = got, remedy


def unpacker(packing: str) -> tuple[Callable[[], Unpacker], tuple[type[BaseException], ...]]:
    """What makes an unpacker of ``bz2`` or ``xz``, and the errors by which it tells damage.

    Raises
    ------
    Unreadable : this Python was built without it.
    """
    try:
        if packing == "bz2":
            import bz2

            made: Any = bz2.BZ2Decompressor
            return made, (OSError, ValueError, EOFError)
        import lzma

        def xz() -> Any:
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)

        return xz, (lzma.LZMAError, ValueError, EOFError)
    except ImportError as error:
        raise Unreadable(
            f"data in {packing}, which this Python was built without ({error})",
            "Unpack it first, or use a Python that has it",
        ) from None


class BlockStreams:
    """The bytes of all streams of packed blocks; ``damage`` says what was wrong, once it was met."""

    def __init__(self, packing: str, packed: Iterator[bytes]) -> None:
        self._packing, self._packed = packing, packed
        self._new, self._errors = unpacker(packing)
        self.damage: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        """The bytes; of bz2 only those of blocks whose checksum is right (at most 47 MB wait for it): it is
        looked at once all of a block is given, which is before more is asked for."""
        unchecked: list[bytes] = []
        unpack, begun, ended = self._new(), False, False
        pieces = Pieces(self._packed)
        while block := pieces.take():
            if not begun and ended and not (block := block.lstrip(b"\0")):
                continue
            begun = True
            try:
                while True:
                    data = unpack.decompress(block, STEP)
                    block = b""
                    if data:
                        unchecked.append(data)
                    if self._packing != "bz2" or unpack.eof or unpack.needs_input:
                        yield from unchecked
                        unchecked = []
                    if unpack.eof or unpack.needs_input:
                        break
            except self._errors as error:
                self._judge(error)
                return
            if unpack.eof:
                pieces.begin(len(unpack.unused_data))
                unpack, begun, ended = self._new(), False, True
        if begun or not ended:
            self.damage = f"the {self._packing} data ends early"

    def _judge(self, error: BaseException) -> None:
        """What an error of the unpacker means.

        Raises
        ------
        Unreadable : it needs more memory than it is given.
        """
        if "emory usage limit" in str(error):
            raise Unreadable(
                f"{self._packing} data that takes more than {MOST_MEMORY >> 20} MB of memory to unpack",
                "Unpack it first",
            ) from None
        self.damage = f"damaged {self._packing} data ({str(error)[:100]})"
