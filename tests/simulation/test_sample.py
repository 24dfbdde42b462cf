"""data/sample is what its one command writes."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from liqmap.simulation.__main__ import main

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def content(folder: Path) -> dict[str, bytes]:
    """Decompressed content by file name: compressors may differ, the market may not."""
    out = {}
    for path in folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            out |= {name: archive.read(name) for name in archive.namelist()}
    for path in folder.glob("*.gz"):
        out[path.stem] = gzip.decompress(path.read_bytes())
    return out


@pytest.mark.long
def test_sample__regenerates(tmp_path):
    assert main([str(tmp_path)]) == 0
    made, bundled = content(tmp_path), content(SAMPLE)
    assert sorted(made) == sorted(bundled)
    assert all(made[name] == bundled[name] for name in made)


def test_sample__is_small_and_says_that_it_is_simulated():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) <= 3_000_000
    assert "simulated" in (SAMPLE / "README.md").read_text()


def test_main__bad_value_is_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "x"), "--minutes", "0"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "minutes" in error
    assert not (tmp_path / "x").exists()


def test_main__bad_usage(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["somewhere", "--levels", "many"])
    assert "--levels" in capsys.readouterr().err
