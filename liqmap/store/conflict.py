"""Two sources that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.schema import StoreError
from liqmap.store.parts import Part


@dataclass
class Conflict:
    """Who says what, for the error."""

    old: Part
    new: Part

    def error(self, what: str) -> StoreError:
        old, new = (", ".join(s.name for s in p.meta.sources) or str(p.path) for p in (self.old, self.new))
        return StoreError(
            f"{self.old.path.parent}: expected sources that agree, got two versions of {what}: one in {old}, "
            f"another in {new}. Ingest only one of them"
        )
