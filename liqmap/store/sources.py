"""What is kept of each source, ``.sources/<sha256>.json``: facts for a report that says it again.

An entry stands for one way to read a source, and is written before the source becomes visible. Whether the
source is whole in the store the manifests of its markets say; of an older store, whether the files are there
that the entry names. A file that is damaged counts as none: its source may be ingested again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from liqmap.schema import Source, StoreError
from liqmap.store.commit.digests import digest_bytes
from liqmap.store.commit.durable import make_folder, replace_file
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import SOURCES, market_of
from liqmap.store.parts import are_sound, open_part
from liqmap.store.remote.ledger import fetch_source, fetch_sources, tell_source
from liqmap.store.remote.mirror import mirror_of

FACTS = "told"
"""Key of an entry: what was kept of the source, for a report that says it again."""

DIGEST = "xxh3_128"
"""Key of an entry: the digest of the others."""

REMOVED = "removed"
"""Key of an entry of which something was removed on purpose."""

Market = tuple[str, str]


def known(root: str | os.PathLike[str], source: Source, key: str = "") -> Any:
    """The facts kept of a source when it was ingested; None if it is not whole in the store any more, or a
    file that it went to is damaged."""
    if (mirror := mirror_of(root)) is not None:
        mirror.refresh()
        fetch_source(mirror, source.sha256)
    manifests = _Manifests(Path(root))
    for entry in entries(_ledger(Path(root), source)):
        if entry["key"] == key and manifests.have(entry, source.sha256, sound=True):
            return entry[FACTS]
    return None


def ledger_entries(root: str | os.PathLike[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every source that is whole in the store: the file that describes it, and its entry (name, key, files,
    and under `FACTS` what was kept of it)."""
    manifests = _Manifests(Path(root))
    for path, entry in all_entries(Path(root)):
        if manifests.have(entry, path.stem):
            yield path, entry


def partial_sources(root: str | os.PathLike[str]) -> list[str]:
    """Names of sources of which something is in the store, and not all. To ingest them again completes them.
    Those of which something was removed on purpose are none."""
    manifests = _Manifests(Path(root))
    partial: dict[str, str] = {}
    whole = set()
    for path, entry in all_entries(Path(root)):
        judged = not any(map(manifests.damaged, markets_of_entry(entry)))
        if not judged or entry.get(REMOVED, False) or manifests.have(entry, path.stem):
            whole.add(path.stem)
        elif manifests.any_of(entry, path.stem):
            partial[path.stem] = entry["name"]
    return sorted({name for sha, name in partial.items() if sha not in whole})


def mark_removed(root: Path, sha256: str, work: Path) -> None:
    """Something of a source was removed on purpose."""
    path = root / SOURCES / f"{sha256}.json"
    have = entries(path)
    if have:
        _write(path, [entry | {REMOVED: True} for entry in have], work)
        if (mirror := mirror_of(root)) is not None:
            tell_source(mirror, sha256)


def all_entries(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Everything in the ledger: the file, and an entry of it."""
    if (mirror := mirror_of(root)) is not None:
        fetch_sources(mirror)
    for path in sorted((root / SOURCES).glob("*.json")):
        for entry in entries(path):
            yield path, entry


def remember(root: Path, source: Source, key: str, files: Sequence[str], facts: Any, work: Path) -> None:
    """Write down what `known` gives back once the source is whole: a way to read it, and the files (below the
    store) it goes to."""
    path = _ledger(root, source)
    make_folder(path.parent, root)
    others = [e for e in entries(path) if e["key"] != key]
    entry = {"name": source.name, "key": key, "files": list(files), FACTS: facts}
    _write(path, [*others, entry], work)
    if (mirror := mirror_of(root)) is not None:
        tell_source(mirror, source.sha256)


def forget(root: Path, sha256: str) -> None:
    """Keep nothing of a source."""
    (root / SOURCES / f"{sha256}.json").unlink(missing_ok=True)
    if (mirror := mirror_of(root)) is not None:
        tell_source(mirror, sha256)


def entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a file of the ledger; none of one that is damaged."""
    try:
        have = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return [e for e in have if _is_entry(e) and _is_as_written(e)] if isinstance(have, list) else []


def _write(path: Path, have: list[dict[str, Any]], work: Path) -> None:
    """Replace a file of the ledger: plain JSON, for it is where people look up rejected lines."""
    own = json.loads(json.dumps([{k: v for k, v in entry.items() if k != DIGEST} for entry in have]))
    replace_file(path, json.dumps([e | {DIGEST: _digest(e)} for e in own], indent=1).encode(), work)


def _digest(entry: dict[str, Any]) -> str:
    return digest_bytes(json.dumps(entry, sort_keys=True).encode())


def _is_as_written(entry: dict[str, Any]) -> bool:
    """Whether an entry has its digest; those from before there were any have none."""
    own = {k: v for k, v in entry.items() if k != DIGEST}
    return DIGEST not in entry or entry[DIGEST] == _digest(own)


def markets_of_entry(entry: dict[str, Any]) -> set[Market]:
    """The markets that a source went to."""
    return {market_of(Path(file)) for file in entry["files"]}


class _Manifests:
    """The manifests of a store, each read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[Market, Manifest | None] = {}
        self._damaged: set[Market] = set()

    def of(self, market: Market) -> Manifest | None:
        if market not in self._read:
            try:
                self._read[market] = Manifest.load(self.root, *market)
            except StoreError:
                self._read[market] = Manifest(self.root, *market)  # nothing is known to be whole
                self._damaged.add(market)
        return self._read[market]

    def damaged(self, market: Market) -> bool:
        """Whether the manifest of a market cannot be read."""
        self.of(market)
        return market in self._damaged

    def have(self, entry: dict[str, Any], sha256: str, sound: bool = False) -> bool:
        """Whether a source is whole in all its markets."""
        return all(self._has(market, entry, sha256, sound) for market in markets_of_entry(entry))

    def _has(self, market: Market, entry: dict[str, Any], sha256: str, sound: bool) -> bool:
        manifest = self.of(market)
        if manifest is None:
            own = [self.root / f for f in entry["files"] if market_of(Path(f)) == market]
            return all(map(_is_of_before, own))
        reading = next((r for r in manifest.readings if (r.sha256, r.key) == (sha256, entry["key"])), None)
        if reading is None:
            return False
        return not sound or are_sound([p for p in manifest.parts if manifest.place(p) in reading.parts])

    def any_of(self, entry: dict[str, Any], sha256: str) -> bool:
        """Whether anything of a source is in one of its markets."""
        for market in markets_of_entry(entry):
            manifest = self.of(market)
            if manifest is None:
                return any((self.root / file).is_file() for file in entry["files"])
            if any(s.sha256 == sha256 for part in manifest.parts for s in part.meta.sources):
                return True
        return False


def _is_of_before(file: Path) -> bool:
    """Whether a file is there, and of a store from before there were manifests."""
    try:
        return not open_part(file, "").listed
    except (StoreError, OSError):
        return False


def _ledger(root: Path, source: Source) -> Path:
    return root / SOURCES / f"{source.sha256}.json"


def _is_entry(entry: Any) -> bool:
    """Whether it has what an entry has, with plain paths below the tables of a market."""
    try:
        files = entry["files"]
        plain = all(isinstance(entry[k], str) for k in ("name", "key")) and isinstance(files, list)
        return plain and FACTS in entry and all(_is_place(file) for file in files)
    except (KeyError, TypeError):
        return False


def _is_place(file: Any) -> bool:
    path = Path(file) if isinstance(file, str) else Path("/")
    names = [part.partition("=")[0] for part in path.parts]
    return not path.is_absolute() and ".." not in path.parts and {"venue", "symbol"} <= set(names)
