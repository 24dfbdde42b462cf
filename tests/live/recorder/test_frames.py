"""Frames that are torn anywhere lose themselves alone; readers of archives read several, and tell so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liqmap.formats.raw import RawFile
from liqmap.live.recorder.frames import cut_torn, frame, frame_end, whole_length
from liqmap.live.recorder.raw_log import RawLog

LINES = some.lists(some.binary(min_size=1, max_size=3_000), min_size=1, max_size=5)


@given(blocks=LINES, data=some.data())
def test_whole_length__is_that_of_the_frames_before_the_cut(
    blocks: list[bytes], data: some.DataObject
) -> None:
    frames = [frame(block) for block in blocks]
    text = b"".join(frames)
    ends = [sum(map(len, frames[: n + 1])) for n in range(len(frames))]
    cut = data.draw(some.integers(0, len(text)))
    assert whole_length(text[:cut]) == max([0, *(end for end in ends if end <= cut)])


def test_frame_end__of_long_frames_of_several_blocks() -> None:
    import random

    noise = random.Random(0).randbytes(700_000)
    text = frame(noise) + frame(b"x" * 5_000_000)
    assert frame_end(text, frame_end(text, 0) or 0) == len(text)


@pytest.mark.parametrize("torn", [0, 1, 4, 9, 20])
def test_cut_torn__keeps_what_is_whole_and_what_was_cut(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "a.ndjson.zst"
    whole = frame(b'1 {"a":1}\n') + frame(b'2 {"a":2}\n')
    rest = frame(b'3 {"a":3}\n' * 9)[:torn]
    path.write_bytes(whole + rest)
    if torn:
        raw = RawFile(path)
        assert b"".join(data for data, _ in raw.chunks()).startswith(b'1 {"a":1}\n2 {"a":2}\n')
        assert raw.damage
    assert cut_torn(path) == torn
    assert path.read_bytes() == whole
    aside = tmp_path / f".{path.name}.torn"
    assert (aside.read_bytes() if aside.exists() else b"") == rest
    raw = RawFile(path)
    assert b"".join(data for data, _ in raw.chunks()) == b'1 {"a":1}\n2 {"a":2}\n'
    assert raw.damage is None


def test_cut_torn__leaves_a_file_with_sound_frames_behind_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.zst"
    path.write_bytes(frame(b"1 {}\n") + b"damage" + frame(b"2 {}\n"))
    before = path.read_bytes()
    assert cut_torn(path) == 0
    assert path.read_bytes() == before


def test_raw_log__never_overwrites(tmp_path: Path) -> None:
    first = RawLog(tmp_path, 1_760_000_000_000_000_000)
    first.write(b"1 {}\n")
    second = RawLog(tmp_path, 1_760_000_000_000_000_000)
    second.write(b"2 {}\n")
    for log in (first, second):
        log.close()
    assert first.path.name == "20251009T085320.000000.ndjson.zst"
    assert second.path.name == "20251009T085320.000001.ndjson.zst"
