"""The best file of a day: from the store, from the folder of downloads, or from the archive."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liqmap.archives.catalogue import Place, Wanted
from liqmap.archives.months import Months
from liqmap.archives.report import FetchedFile
from liqmap.schema import FetchError
from liqmap.store.listing import list_parts

if TYPE_CHECKING:
    from liqmap.archives.transfer import Client

PathLike = str | os.PathLike[str]
Found = tuple[FetchedFile, FetchError | None]
"""What became of a day, and why it is not there."""


@dataclass(frozen=True)
class Search:
    """Where to look for files: the folder of downloads, the archive (or its mirror), and how to ask it."""

    folder: Path
    base_url: str | None
    client: Client
    months: Months = field(default_factory=Months)

    def find(self, day: Wanted, ingested: set[str]) -> Found:
        """The best file of a day, or why there is none; ``ingested`` names what the store was made of."""
        with self.months.locked(day):
            for place in day.places:
                if place.name in ingested:
                    return self._file(day, place, "ingested"), None
            if (month := self.months.has(day)) is not None:
                return self._file(day, month, "fetched"), None
            double = self.months.days_of(day, ingested)
            places = [place for place in day.places if not (place.month and double)]
            for place in places:
                path = self.folder / place.path
                if path.is_file() and self._whole(path):
                    self.months.remember(day, place)
                    return self._file(day, place, "kept", path=str(path)), None
            found = self._download(day, places)
        if found is not None:
            return found
        if double:
            month = next(place for place in day.places if place.month)
            return self._file(day, month, "failed"), FetchError(
                where=day,
                expected=f"{day.places[0].name} in the archive",
                got=f"at most its month, {month.name}, which would double {double}",
                remedy="Fetch the month into a store without its days",
            )
        return self._file(day, day.places[-1], "missing"), FetchError(
            where=day,
            expected=f"{' or '.join(p.name for p in day.places)} in the archive",
            got="404",
            remedy="Check symbol, market and date; the latest day appears some hours after it ends",
        )

    def _whole(self, path: Path) -> bool:
        """Whether a file that was kept is: a damaged one is downloaded anew, and stays until that is done."""
        from liqmap.archives.transfer import Stopped
        from liqmap.archives.whole import damage_of

        def step() -> None:
            if self.client.stop.is_set():
                raise Stopped

        return damage_of(path, path.name, step) is None

    def _download(self, day: Wanted, places: Sequence[Place]) -> Found | None:
        """The best file that the archive has of a day, or why it did not come; None if there is none."""
        from liqmap.archives.download import download
        from liqmap.archives.transfer import Missing

        begun = time.perf_counter()
        for place in places:
            path = self.folder / place.path
            try:
                came = download(place.url(self.base_url), path, self.client, checksum=place.checksum)
            except Missing:
                continue
            except FetchError as error:
                return self._file(day, place, "failed"), FetchError.wrapping(error, day)
            except OSError as error:
                return self._file(day, place, "failed"), FetchError(
                    where=f"{day}: {path}",
                    expected="a place to write",
                    got=str(error.strerror or error),
                    remedy="Choose another",
                )
            self.months.remember(day, place)
            seconds = round(time.perf_counter() - begun, 3)
            return self._file(day, place, "fetched", path=str(path), bytes=came, seconds=seconds), None
        return None

    def _file(self, day: Wanted, place: Place, status: str, **more: Any) -> FetchedFile:
        return FetchedFile(day.date, day.kind, place.url(self.base_url), status, **more)


class IngestedNames:
    """Names of the files that a market's table was made of."""

    def __init__(self, store: PathLike | None) -> None:
        self._store = store
        self._names: dict[tuple[str, str, str], set[str]] = {}

    def of(self, day: Wanted) -> set[str]:
        market = day.table, day.venue, day.symbol
        if market not in self._names:
            there = self._store is not None and Path(self._store).is_dir()
            parts = list_parts(Path(self._store), *market) if self._store is not None and there else ()
            self._names[market] = {source.name for part in parts for source in part.meta.sources}
        return self._names[market]
