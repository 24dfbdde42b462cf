"""A change of one market: files appear and go, and the manifest says so, in one step.

Under the lock of the store, in this order: the new files are on the disk; what is known of the source is; a
journal names what will be moved; the folders of the days change, each in one step; the manifest is replaced,
which is the change. Before that last step the market is what it was, after it what it will be: a process that
died in between left a journal, by which `recovery` brings the folders into the state of the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.digests import digest_file, forget
from liqmap.store.commit.durable import sync_file
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest, Reading
from liqmap.store.layout import partition
from liqmap.store.parts import Part
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.remote.publishing import publish, token_of
from liqmap.store.staging import JOURNAL


@dataclass
class Change:
    """What becomes of a market.

    work : the staged folder of this process.
    adds : each new part as it was made, and as it will be.
    drops : parts that go.
    reading : of the source that it is about. others : of further ones.
    """

    manifest: Manifest
    work: Path
    adds: list[tuple[Part, Part]] = field(default_factory=list)
    drops: list[Part] = field(default_factory=list)
    reading: Reading | None = None
    others: list[Reading] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    """Where the rows of dropped parts are now, by their paths below the store."""

    def add(self, made: Part, prefix: str) -> Part:
        """Take a finished file that was made below ``work``; gives the part as it will be.

        Its name ends in its digest, so that no name ever stands for two contents.
        """
        sync_file(made.path)
        digest = digest_file(made.path)
        folder = self.manifest.root / partition(made.kind, made.meta, made.day)
        mirror = mirror_of(self.manifest.root)
        if mirror is not None:
            prefix += f"-{token_of(mirror, self.work)}"
        part = replace(made, path=folder / f"{prefix}-{digest[:16]}.parquet", digest=digest)
        self.adds.append((made, part))
        return part

    def drop(self, part: Part) -> None:
        """Take a part out."""
        self.drops.append(part)

    def join(self, parts: Sequence[Part], made: Part, prefix: str) -> Part:
        """As `add`, of a file that holds all that these parts do."""
        part = self.add(made, prefix)
        self.drops += parts
        self.moved |= {self.manifest.place(p): self.manifest.place(part) for p in parts}
        return part

    def commit(self) -> Manifest:
        """Make it so.

        Raises
        ------
        OSError : the store cannot be written; it is then as it was, at the latest after the next write.
        Overtaken : another writer changed the market of a remote store first (see `until_agreed`).
        """
        place = self.manifest.place
        added = {place(part) for _, part in self.adds}
        replaced = {place(part) for part in self.drops}  # one that is damaged may come again as it was
        kept = self.manifest.paths - replaced
        drops = [part for part in self.drops if place(part) not in added]
        adds = [(made, part) for made, part in self.adds if place(part) not in kept]
        after = self.manifest.changed([part for _, part in adds], self.drops, self._readings())
        journal = Journal(
            self.manifest.venue,
            self.manifest.symbol,
            {place(part): made.path.relative_to(self.work).as_posix() for made, part in adds},
            [place(part) for part in drops],
        )
        mirror = mirror_of(self.manifest.root)
        if mirror is not None:
            made_parts = [(made.path, part) for made, part in adds]
            there = publish(mirror, self.manifest, after, made_parts, drops, self.work)
            with suppress(OSError, StoreError), mirror.applying(after) as is_next:  # else a refresh does it
                if is_next:
                    self._move(journal, after)
                    mirror.keep_record((after.venue, after.symbol), there, after.number, self.work)
            return after
        self._move(journal, after)
        return after

    def _move(self, journal: Journal, after: Manifest) -> None:
        """Bring the folders of the days and the manifest into the new state."""
        try:
            journal.write(self.work)
            journal.move(self.manifest.root, self.work)
            after.save(self.work)
        except BaseException:
            with suppress(OSError, StoreError):  # if this fails too, the next write does it
                journal.settle(self.manifest.root, self.work)
                (self.work / JOURNAL).unlink()
            raise
        (self.work / JOURNAL).unlink()
        forget(part.path for part in self.drops)

    def _readings(self) -> list[Reading]:
        """The sources that are whole afterwards: those that lose no part, and the one it is about."""
        gone = {self.manifest.place(part) for part in self.drops} - set(self.moved)
        new = [*self.others, *([self.reading] if self.reading is not None else [])]
        kept = []
        for reading in self.manifest.readings:
            again = any((reading.sha256, reading.key) == (n.sha256, n.key) for n in new)
            if not (again or gone & set(reading.parts)):
                places = dict.fromkeys(self.moved.get(p, p) for p in reading.parts)
                kept.append(replace(reading, parts=tuple(places)))
        return kept + new
