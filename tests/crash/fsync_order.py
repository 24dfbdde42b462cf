"""Whether what a command wrote outlives a power failure, judged by the order of the calls that it made.

SIGKILL loses nothing that the kernel holds, so no kill can show that a file was never synced. A recorded run
can: what refers to a file may reach the disk before the file does, unless the file was synced first.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from tests.crash.calls import LINKS, MAKES_FOLDER, REMOVES, RENAMES, SYNCS, WRITES, Call
from tests.crash.layout import LAYOUT, Layout

OPENS = frozenset(("open", "openat", "openat2", "creat"))

SWAPPED = "../swapped"
"""Where one of two names is while they change places."""


def unsafe(calls: Iterable[Call], layout: Layout = LAYOUT) -> list[str]:
    """Every way in which a power failure could leave a store torn, each once.

    The laws, at every moment of a run and at its end:

    - Before a commit file gets its name, it is synced, and so is every other file in place since it was last
      written; the folders are synced in which files and folders have appeared.
    - A commit file gets its name by a rename, never by being written where it stands.
    - After that its folder is synced, before anything that it may have replaced is removed, and at the end.
    - At the end everything that lasts is synced.
    """
    disk = _Disk(layout)
    for call in calls:
        if not call.error:
            disk.take(call)
    disk.end()
    return list(dict.fromkeys(disk.found))


def unsynced(calls: Iterable[Call]) -> list[str]:
    """Files, wherever they are, of whose bytes a power failure after these calls may leave nothing."""
    disk = _Disk(LAYOUT)
    for call in calls:
        if not call.error:
            disk.take(call)
    return [path for path, file in disk.files.items() if file in disk.written]


def commits(calls: Iterable[Call], layout: Layout = LAYOUT) -> list[str]:
    """The commit files that a run has put in place."""
    return [c.to for c in calls if c.name in RENAMES and not c.error and layout.is_commit(c.to)]


class _Disk:
    """What of the files of a store has not been synced yet."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.found: list[str] = []
        self.files: dict[str, object] = {}
        """What is behind a name: a file that is linked has several."""
        self.written: set[object] = set()
        """Files whose last bytes are not synced."""
        self.entries: dict[str, None] = {}
        """Names that are new in their folder, which has not been synced since; in the order they came."""

    def take(self, call: Call) -> None:
        if call.name in SYNCS:
            self._synced(call.path)
        elif call.name in ("sync", "syncfs"):
            self.written.clear()
            self.entries.clear()
        elif call.name in RENAMES:
            self._before_removal(call.path)
            if call.swaps:
                self._before_removal(call.to)
                self._move(call.to, SWAPPED)
            self._move(call.path, call.to)
            if call.swaps:
                self._move(SWAPPED, call.path)
                self._appears(call.path)
            self._appears(call.to)
        elif call.name in LINKS:
            if call.to:
                self.files[call.to] = self._file(call.path)
            self._appears(call.to or call.path)
        elif call.name in MAKES_FOLDER:
            self.entries[call.path] = None
        elif call.name in REMOVES:
            self._before_removal(call.path)
            self.files.pop(call.path, None)
            self.entries.pop(call.path, None)
        elif call.name in OPENS and call.made:
            self.entries.setdefault(call.path)
            self._in_place(call.path)
        elif call.name in WRITES:
            self.written.add(self._file(call.path))
            self._in_place(call.path)

    def end(self) -> None:
        for path in self._unsynced():
            self.found.append(f"{path} is never synced after it was written")
        for path in self.entries:
            if self.layout.lasts(path):
                self.found.append(f"{_folder(path)} is never synced after {_name(path)} appeared in it")

    def _file(self, path: str) -> object:
        return self.files.setdefault(path, object())

    def _unsynced(self) -> list[str]:
        """Names that last of files that are not synced."""
        return [p for p, file in self.files.items() if file in self.written and self.layout.lasts(p)]

    def _synced(self, path: str) -> None:
        self.written.discard(self._file(path))
        for entry in [e for e in self.entries if _folder(e) == path]:
            del self.entries[entry]

    def _in_place(self, path: str) -> None:
        if self.layout.is_commit(path):
            self.found.append(f"{path} is written where it stands, not renamed there")

    def _move(self, path: str, to: str) -> None:
        """A file, or a folder with all that is in it, has another name."""
        known: dict[str, object]
        for known in (self.files, self.entries):  # type: ignore[assignment]
            for old in [p for p in known if p == path or p.startswith(f"{path}/")]:
                known[to + old[len(path) :]] = known.pop(old)

    def _appears(self, path: str) -> None:
        if self.layout.is_commit(path):
            self._commit(path)
        self.entries[path] = None

    def _commit(self, path: str) -> None:
        for file in self._unsynced():
            if file == path:
                self.found.append(f"{path} is not synced before it is renamed into place")
            else:
                self.found.append(f"{file} is not synced before {path} refers to it")
        for entry in self.entries:
            if entry != path and self.layout.lasts(entry) and not self.layout.is_commit(entry):
                where = f"{_folder(entry)} is not synced, where {_name(entry)} appeared,"
                self.found.append(f"{where} before {path} refers to it")

    def _before_removal(self, path: str) -> None:
        """What a commit replaces may go once the commit is sure to last."""
        if not self.layout.lasts(path):
            return
        for entry in self.entries:
            if self.layout.is_commit(entry):
                where = f"{_folder(entry)} is synced, where {entry} appeared"
                self.found.append(f"{path} is removed before {where}")


def _folder(path: str) -> str:
    return "." if path == "." else str(PurePosixPath(path).parent)


def _name(path: str) -> str:
    return PurePosixPath(path).name
