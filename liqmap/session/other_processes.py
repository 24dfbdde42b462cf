"""Sessions and stores in other processes: they are sent by where they stand, and opened where they arrive.

A pickle holds a name, a market and a range, not a table: under 10 kB whatever was read. What stands under
that name must still be what was sent; where it is not, that is an error, never another number.
"""

from __future__ import annotations

import hashlib
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from liqmap.schema import Meta
from liqmap.store import StoreName


class InStore:
    """What stands in a store whose folder is looked for when it is first needed."""

    _sent_from: StoreName | None = None
    read_only = False
    """Nothing is written to the store, nor beside it: see `for_reading`."""

    def _stand_in(self, place: Path | StoreName) -> None:
        """Take a store that is open, or the name of one that was sent here."""
        if isinstance(place, StoreName):
            self._sent_from = place
        else:
            self.path = place

    @cached_property
    def path(self) -> Path:
        """The store's folder; of an address, that of its mirror."""
        assert self._sent_from is not None
        folder = self._sent_from.open()
        self._check_sent(folder)
        return folder

    def _check_sent(self, folder: Path) -> None:
        """That the store which was found has what was sent."""

    @property
    def _store_name(self) -> StoreName:
        return StoreName.of(self.path) if self._sent_from is None else self._sent_from

    def for_reading(self) -> Self:
        """The same, with nothing written to its store: no calibration, and no spans beside it, which are
        replayed anew where nobody has kept them before. Of a store on object storage the mirror in the user's
        cache is filled as ever."""
        other = copy(self)
        other.read_only = True
        return other

    def __copy__(self) -> Any:
        """Another object on the same tables and spans, which nobody changes."""
        other = object.__new__(type(self))
        other.__dict__.update({k: dict(v) if type(v) is dict else v for k, v in self.__dict__.items()})
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.__copy__()


def sources_digest(meta: Meta) -> str:
    """A short name for the sources that something rests on, in whatever order they are told."""
    return hashlib.sha256("\n".join(sorted(s.sha256 for s in meta.sources)).encode()).hexdigest()[:16]
