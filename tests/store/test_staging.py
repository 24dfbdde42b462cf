"""Folders to work in: several writers come and go at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from liqmap.store.staging import STAGING, clean, make_folder, staged


def test_staged__many_writers_at_once(tmp_path: Path) -> None:
    """Each removes the empty ``.staging`` on leaving, while the others look at it."""
    failures: list[OSError] = []

    def come_and_go() -> None:
        try:
            for _ in range(300):
                with staged(tmp_path / "store") as folder:
                    assert folder.is_dir()
        except OSError as error:
            failures.append(error)

    writers = [threading.Thread(target=come_and_go) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures


def test_clean__folder_goes_while_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / STAGING).mkdir()
    listed = Path.iterdir

    def late(folder: Path):  # type: ignore[no-untyped-def]
        folder.rmdir()
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", late)
    clean(tmp_path)
    assert not (tmp_path / STAGING).exists()


def test_make_folder__place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / STAGING).symlink_to(tmp_path / "nowhere" / "at all")
    with pytest.raises(OSError, match=STAGING):
        make_folder(tmp_path)
