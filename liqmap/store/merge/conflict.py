"""Two sources of one market that cannot both be right, and the error that names them."""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.schema import StoreError
from liqmap.store.parts import Part, named

_NUMBERED = {
    "trade": "an id for each trade",
    "aggregate": "an id for each aggregate of trades",
    "row": "the rows of their file as ids",
    "message": "an id for each message",
    "none": "no ids",
    "None": "ids that may number anything",
}


@dataclass(frozen=True)
class Conflict:
    """Who says what, for the error."""

    old: Part
    new: Part

    def error(self, what: str) -> StoreError:
        """Both have it, and it differs."""
        old, new = self._names()
        return StoreError(
            where=named(self.old.path.parent),
            expected="sources that agree",
            got=f"two versions of {what}: one in {old}, another in {new}",
            remedy="Ingest only one of them",
        )

    def of_ids(self) -> StoreError:
        """Nothing says which of their trades are the same."""
        old, new = self._names()
        said = [_NUMBERED.get(str(p.meta.trade_ids), str(p.meta.trade_ids)) for p in (self.old, self.new)]
        return StoreError(
            where=named(self.old.path.parent),
            expected="trades of one kind over one time",
            got=f"{said[0]} in {old} and {said[1]} in {new}: kept together, each trade would count twice",
            remedy="Ingest only one of them, or each into a store of its own",
        )

    def of_clocks(self) -> StoreError:
        """Their times put the same ids into another order."""
        old, new = self._names()
        return StoreError(
            where=self.old.path.parent,
            expected="quotes whose ids rise with their times",
            got=f"times in {old} and {new} that put them into another order, as two clocks of arrival do",
            remedy="Ingest only one of them, or each into a store of its own",
        )

    def _names(self) -> tuple[str, str]:
        old, new = (", ".join(s.name for s in p.meta.sources) or str(p.path) for p in (self.old, self.new))
        return old, new
