"""What a change is about to move, written down before it does, and how it is finished or taken back."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from liqmap.schema import TABLES
from liqmap.store.commit.durable import replace_file, sync_folder
from liqmap.store.commit.folders import arrange
from liqmap.store.commit.manifest import Manifest
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
        replace_file(work / JOURNAL, json.dumps(asdict(self)).encode(), work)

    @classmethod
    def read(cls, work: Path) -> Journal | None:
        """That of a staged folder; None: no change was begun. Paths that lead elsewhere are none of ours."""
        try:
            said = cls(**json.loads((work / JOURNAL).read_bytes()))
            texts = [said.venue, said.symbol, *said.adds, *said.adds.values(), *said.drops]
            plain = all(isinstance(text, str) and text for text in texts)
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        ours = plain and all(map(_is_place, (*said.adds, *said.drops)))
        return said if ours and all(map(_is_inside, said.adds.values())) else None

    def move(self, root: Path, work: Path) -> None:
        """Do what it says."""
        _move(root, work, {place: work / made for place, made in self.adds.items()}, self.drops)

    def settle(self, root: Path, work: Path) -> None:
        """Bring the folders of the days into the state that the manifest of the market says: on, or back.

        Raises
        ------
        StoreError : the manifest is damaged.
        OSError : the store cannot be written.
        """
        manifest = Manifest.load(root, self.venue, self.symbol)
        listed = manifest.paths if manifest is not None else frozenset()
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
    folders: dict[Path, tuple[dict[str, Path], list[str]]] = defaultdict(lambda: ({}, []))
    for place, made in adds.items():
        folders[(root / place).parent][0][os.path.basename(place)] = made
    for place in drops:
        folders[(root / place).parent][1].append(os.path.basename(place))
    for folder in sorted(folders):
        arrange(folder, *folders[folder], work=work, root=root)
    sync_folder(work)


def _is_place(place: str) -> bool:
    path = Path(place)
    return _is_inside(place) and path.parts[0] in TABLES and NAME.fullmatch(path.name) is not None


def _is_inside(made: str) -> bool:
    return not Path(made).is_absolute() and ".." not in Path(made).parts
