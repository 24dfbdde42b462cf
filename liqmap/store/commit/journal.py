"""What a change is about to move, written down before it does, and how it is finished or taken back."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from liqmap.schema import TABLES
from liqmap.store.commit.durable import replace_file, sync_folder
from liqmap.store.commit.folders import arrange
from liqmap.store.commit.manifest import Manifest
from liqmap.store.commit.sealed import sealed, unsealed
from liqmap.store.layout import market_levels, refuse_links
from liqmap.store.parts import NAME
from liqmap.store.staging import JOURNAL


@dataclass(frozen=True)
class Journal:
    """Files of one market, by their paths below the store.

    adds : where each new one is until it is moved, below the staged folder. drops : those that go.
    """

    venue: str
    symbol: str
    adds: Mapping[str, str]
    drops: Sequence[str]

    def write(self, work: Path) -> None:
        """Into the staged folder of the change."""
        replace_file(work / JOURNAL, sealed("journal", asdict(self)), work)

    @classmethod
    def read(cls, work: Path) -> Journal:
        """That of a staged folder.

        Raises
        ------
        OSError : there is none.
        ValueError : it is damaged, or names what is no part of its market.
        """
        try:
            said = cls(**unsealed((work / JOURNAL).read_bytes()))
            market = tuple(market_levels(said.venue, said.symbol))
            ours = all(is_place(place, market) for place in (*said.adds, *said.drops))
            inside = all(_is_inside(work, made) for made in said.adds.values())
        except (TypeError, AttributeError) as error:
            raise ValueError(f"{error!r:.200}") from error
        if not (ours and inside):
            raise ValueError("paths that lead elsewhere")
        return said

    def move(self, root: Path, work: Path) -> None:
        """Do what it says."""
        _move(root, work, {place: work / made for place, made in self.adds.items()}, self.drops)

    def settle(self, root: Path, work: Path) -> None:
        """Bring the folders of the days into the state that the manifest of the market says: on, or back.

        Where there is no manifest, back: what is to go is still all there.

        Raises
        ------
        StoreError : the manifest is damaged.
        OSError : the store cannot be written.
        """
        manifest = Manifest.load(root, self.venue, self.symbol)
        self.bring(root, work, manifest.paths if manifest is not None else frozenset(self.drops))

    def bring(self, root: Path, work: Path, listed: Collection[str]) -> None:
        """Of its files, those that are ``listed`` stand in the folders of their days, and no others."""
        every = [*self.adds, *self.drops]
        missing = [place for place in every if place in listed and not (root / place).exists()]
        adds = {place: made for place in missing if (made := self._find(work, place)) is not None}
        drops = [place for place in every if place not in listed and (root / place).exists()]
        _move(root, work, adds, drops)

    def _find(self, work: Path, place: str) -> Path | None:
        """Where a file is that is not in its place: where it was made, or in a folder that was taken away."""
        if (made := self.adds.get(place)) is not None and (work / made).exists():
            return work / made
        return next(iter(sorted(work.glob(f"day-*/{os.path.basename(place)}"))), None)


def _move(root: Path, work: Path, adds: Mapping[str, Path], drops: Iterable[str]) -> None:
    """Change the folders of the days, each in one step."""
    for place in (*adds, *drops):
        refuse_links(root, root / place)
    folders: dict[Path, tuple[dict[str, Path], list[str]]] = defaultdict(lambda: ({}, []))
    for place, made in adds.items():
        folders[(root / place).parent][0][os.path.basename(place)] = made
    for place in drops:
        folders[(root / place).parent][1].append(os.path.basename(place))
    for folder in sorted(folders):
        arrange(folder, *folders[folder], work=work, root=root)
    sync_folder(work)


def is_place(place: str, market: tuple[str, ...]) -> bool:
    """Whether a path is that of a part of a market."""
    table, *levels, name = place.split("/")
    plain = ".." not in levels and tuple(levels[:2]) == market
    return table in TABLES and plain and NAME.fullmatch(name) is not None


def _is_inside(work: Path, made: str) -> bool:
    """Whether a path leads to a file below a staged folder, by no links."""
    path = Path(made)
    if path.is_absolute() or ".." in path.parts:
        return False
    return not any((work / p).is_symlink() for p in (path, *path.parents))
