"""Random damage to a good file of every format: no crash, and no row that no line of the file tells."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.samples import SAMPLES
from tests.formats.spoiling import read_or_refused

pytestmark = pytest.mark.filterwarnings("error")

GOOD = {name: ("\n".join(s.lines) + "\n").encode() for name, s in SAMPLES.items()}
PIECES = [
    *(c.encode() for c in "\n\r\x00\"',;\t -+.019{}[]:\x85\u0661\u2028\ufeff"),
    *(b"\r\n", b"e9", b"nan", b"inf", b"null", b"true", b"0x1", b"1e400", b"\\u0000", b"\\ud800", b"\xff"),
    b"9" * 20,
    b"0." + b"0" * 30 + b"1",
]


@st.composite
def st_damage(draw: st.DrawFn, name: str) -> bytes:
    """The file with bytes flipped, put in or cut out, lines swapped, doubled or of another file, or its end
    cut off."""
    data = bytearray(GOOD[name])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        what = draw(st.sampled_from(["flip", "put", "put", "over", "cut", "swap", "double", "other", "end"]))
        if what == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "put":
            data[at:at] = draw(st.sampled_from(PIECES))
        elif what == "over":
            piece = draw(st.sampled_from(PIECES))
            data[at : at + len(piece)] = piece
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif what == "end":
            del data[at:]
        else:
            data = bytearray(b"\n".join(draw(st_lines(bytes(data).split(b"\n"), what))))
    return bytes(data)


@st.composite
def st_lines(draw: st.DrawFn, lines: list[bytes], what: str) -> list[bytes]:
    i, j = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    if what == "swap":
        lines[i], lines[j] = lines[j], lines[i]
    elif what == "double":
        lines.insert(i, lines[j])
    else:
        other = GOOD[draw(st.sampled_from(sorted(GOOD)))].split(b"\n")
        lines[i:i] = other[draw(st.integers(0, len(other) - 1)) :]
    return lines


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data(), told=st.booleans())
@settings(max_examples=60)
def test_read__damage_makes_nothing_up(name: str, data: st.DataObject, told: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = SAMPLES[name].write(Path(folder))
        path.write_bytes(data.draw(st_damage(name)))
        read_or_refused(path, SAMPLES[name], told=told)
