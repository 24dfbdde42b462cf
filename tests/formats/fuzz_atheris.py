"""Fuzzing of detectors and readers guided by coverage; not collected by pytest.

    make atheris ATHERIS_MINUTES=10

which installs it where there is a wheel (CPython 3.11), and runs

    PYTHONPATH=. NUMBA_DISABLE_JIT=1 python tests/formats/fuzz_atheris.py CORPUS -max_total_time=600

CORPUS is a folder; the good files of `samples` are put into it first. The first byte of an input chooses
whose name the file has and whether the format is told; the rest is the file. Without NUMBA_DISABLE_JIT the
scanners are machine code that coverage does not see into. An input that fails is written to the working
folder; run it again with its path as the only argument, and keep it as an example in `test_fuzz`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["liqmap.formats", "liqmap.ingestion"]):
    import liqmap.ingestion  # noqa: F401

from tests.defects import raise_defects
from tests.formats.samples import SAMPLES
from tests.formats.spoiling import read_or_refused

NAMES = sorted(SAMPLES)
FOLDER = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


def one_input(data: bytes) -> None:
    """Read one file, whatever it holds."""
    if not data:
        return
    told, which = divmod(data[0], 128)
    sample = SAMPLES[NAMES[which % len(NAMES)]]
    path = FOLDER / sample.path
    path.write_bytes(data[1:])
    read_or_refused(path, sample, told=bool(told))


def main() -> None:
    raise_defects()
    for sample in SAMPLES.values():
        sample.write(FOLDER)
    folders = [Path(a) for a in sys.argv[1:] if not a.startswith("-") and not Path(a).is_file()]
    for folder in folders[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(NAMES):
            good = ("\n".join(SAMPLES[name].lines) + "\n").encode()
            for told in (0, 128):
                (folder / f"{name}-{told}").write_bytes(bytes([told + number]) + good)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
