"""Spoilt files of every format: one clear line, the right exit code, and no row but the good ones."""

from __future__ import annotations

import gzip
import random
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.formats import FORMATS
from liqmap.ingestion import IngestReport
from tests.formats.bybit.lines import write_zip
from tests.formats.samples import SAMPLES, Sample, replaced, stored
from tests.formats.tabular.test_tabular import save

pytestmark = pytest.mark.filterwarnings("error")

JUNK = bytes(random.Random(7).choices(range(256), k=5_000))
every_sample = pytest.mark.parametrize("name", SAMPLES)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, list[tuple]]]:
    """The rows of a sample without some of its lines."""
    known: dict[tuple, dict[str, list[tuple]]] = {}

    def rows(name: str, *gone: int) -> dict[str, list[tuple]]:
        if (name, gone) not in known:
            folder = tmp_path_factory.mktemp("good")
            sample = SAMPLES[name].without(*gone)
            report = lm.ingest(sample.write(folder / "raw"), store=folder / "store", **sample.hints)
            assert report.exit_code == 0, report.errors
            known[name, gone] = stored(folder / "store")
        return known[name, gone]

    return rows


def ingest(sample: Sample, path: Path, store: Path) -> tuple[IngestReport, dict[str, list[tuple]]]:
    """What comes of a file; every sentence of the report is one line that people can read."""
    report = lm.ingest(path, store=store, **sample.hints)
    for sentence in [*report.errors, *report.notes, *(reason for _, _, reason in report.rejected)]:
        assert sentence.isprintable(), sentence
        assert len(sentence) <= 1_000, sentence
    for error in report.errors:
        assert path.name in error
        assert "expected" in error
        assert "got" in error
    for _, line, reason in report.rejected:
        assert line >= 1
        assert reason
    return report, stored(store)


def in_seconds(tables: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    return {k: sorted([(ts // 10**9, *rest) for ts, *rest in rows], key=repr) for k, rows in tables.items()}


def lines_with(sample: Sample, token: str, new: str, count: int = 1) -> list[str]:
    """The sample's lines, another token in the one that is spoilt."""
    lines = list(sample.lines)
    lines[sample.bad] = replaced(lines[sample.bad], token, new, count=count)
    return lines


def is_refused(sample: Sample, path: Path, store: Path) -> None:
    report, rows = ingest(sample, path, store)
    assert rows == {}
    assert (report.exit_code, [s.status for s in report.sources], len(report.errors)) == (2, ["failed"], 1)


def loses(sample: Sample, path: Path, store: Path, line: int, rows: dict[str, list[tuple]]) -> None:
    """The file gives these rows, and its one bad line is told with its number."""
    report, found = ingest(sample, path, store)
    assert found == rows
    assert report.exit_code == 1, (report.errors, report.rejected)
    assert [at for _, at, _ in report.rejected] == [line], report.rejected
    assert "expected" in report.rejected[0][2] or "broken JSON" in report.rejected[0][2]


def test_samples__are_of_every_format() -> None:
    """Databento's binary files are spoilt in `test_databento`."""
    assert {s.format for s in SAMPLES.values()} == {n for n in FORMATS if not n.startswith("databento")}


# ------------------------------------------------------------------ one bad line among good ones


NUMBERS = {
    "price": ["0", "-1", "nan", "NaN", "inf", "1e999", "0x10", ""],
    "size": ["-1", "nan", "inf", "1e999", "x"],
}


@every_sample
@pytest.mark.parametrize(("what", "token"), [(what, token) for what in NUMBERS for token in NUMBERS[what]])
def test_number__that_is_none_costs_its_line(
    tmp_path: Path, good: Callable[..., Any], name: str, what: str, token: str
) -> None:
    sample = SAMPLES[name]
    if token in sample.fine.get(what, ()):
        pytest.skip("no level there, or an empty band")
    path = sample.write(tmp_path, lines_with(sample, getattr(sample, what), token))
    loses(sample, path, tmp_path / "store", sample.bad + 1, good(name, sample.bad))


@every_sample
def test_line__cut_in_the_middle_costs_itself(tmp_path: Path, good: Callable[..., Any], name: str) -> None:
    sample = SAMPLES[name]
    lines = list(sample.lines)
    lines[sample.bad] = lines[sample.bad][: len(lines[sample.bad]) // 3]
    path = sample.write(tmp_path, lines)
    loses(sample, path, tmp_path / "store", sample.bad + 1, good(name, sample.bad))


@every_sample
def test_line__of_junk_costs_itself(tmp_path: Path, good: Callable[..., Any], name: str) -> None:
    sample = SAMPLES[name]
    path = sample.write(tmp_path)
    lines = path.read_bytes().split(b"\n")
    lines[sample.bad] = JUNK[:300].replace(b"\n", b"").replace(b"\r", b"")
    path.write_bytes(b"\n".join(lines))
    loses(sample, path, tmp_path / "store", sample.bad + 1, good(name, sample.bad))


@pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.symbol])
def test_symbol__of_another_market_costs_its_line(
    tmp_path: Path, good: Callable[..., Any], name: str
) -> None:
    sample = SAMPLES[name]
    path = sample.write(tmp_path, lines_with(sample, str(sample.symbol), "ETHUSDT", count=0))
    loses(sample, path, tmp_path / "store", sample.bad + 1, good(name, sample.bad))


# ------------------------------------------------------------------ times of another unit

TIMED = [n for n, s in SAMPLES.items() if s.time]


def rescaled(time: str, digits: int) -> str:
    """A time in a unit 10**digits times smaller, or larger below 0; dates go to the years 9999 and 1970."""
    if "-" in time:
        return ("1970" if digits < 0 else "9999") + time[4:]
    whole, _, rest = time.partition(".")
    if digits > 0:
        return whole + (rest + "0" * digits)[:digits] if rest else whole + "0" * digits
    return whole[:digits] + "." + whole[digits:] + rest if rest else whole[:digits]


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("digits", [-3, 3, 6])
def test_time__of_another_unit_is_refused_or_told(
    tmp_path: Path, good: Callable[..., Any], name: str, digits: int
) -> None:
    sample = SAMPLES[name]
    lines = list(sample.lines)
    wrong = rescaled(sample.time, digits)
    lines[sample.bad] = replaced(lines[sample.bad], sample.time, wrong, count=0)
    path = sample.write(tmp_path, lines)
    report, found = ingest(sample, path, tmp_path / "store")
    if report.exit_code == 0:
        assert in_seconds(found) == in_seconds(good(name))
        assert any(f"times are in {units}" in n for n in report.notes for units in ("ms and us", "s and ms"))
    else:
        loses(sample, path, tmp_path / "again", sample.bad + 1, good(name, sample.bad))


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("time", ["0", "1", "-1", "", "86400", "99999999999999", "9" * 19, "9" * 30, "nan"])
def test_time__that_is_none_costs_its_line(
    tmp_path: Path, good: Callable[..., Any], name: str, time: str
) -> None:
    sample = SAMPLES[name]
    if time in sample.fine.get("time", ()):
        pytest.skip("a second of the night")
    path = sample.write(tmp_path, lines_with(sample, sample.time, time, count=0))
    loses(sample, path, tmp_path / "store", sample.bad + 1, good(name, sample.bad))


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("digits", [-3, 3, 6])
def test_times__all_of_another_unit_are_refused_or_told(
    tmp_path: Path, good: Callable[..., Any], name: str, digits: int
) -> None:
    """Seconds taken for ms lie in 1970, ms taken for seconds in the far future: neither is stored."""
    sample = SAMPLES[name]
    like = re.escape(sample.time[:4]) + re.sub(r"\d", r"\\d", re.escape(sample.time[4:]))
    lines = [
        re.sub(rf"(?<![\w.]){like}(?![\w.])", lambda found: rescaled(found[0], digits), line)
        for line in sample.lines
    ]
    path = sample.write(tmp_path, lines)
    report, found = ingest(sample, path, tmp_path / "store")
    if report.exit_code == 0:
        assert in_seconds(found) == in_seconds(good(name))
        assert any(re.search(r"times (are )?in (s|ms|us|ns)\b", note) for note in report.notes)
    else:
        is_refused(sample, path, tmp_path / "again")


# ------------------------------------------------------------------ the whole file


@every_sample
def test_file__cut_in_its_last_line(tmp_path: Path, good: Callable[..., Any], name: str) -> None:
    sample = SAMPLES[name]
    last = len(sample.lines) - 1
    path = sample.write(
        tmp_path, [*sample.lines[:-1], sample.lines[last][: len(sample.lines[last]) // 2]], end=""
    )
    loses(sample, path, tmp_path / "store", last + 1, good(name, last))


@every_sample
def test_file__cut_in_its_last_number_is_told(tmp_path: Path, good: Callable[..., Any], name: str) -> None:
    """Nobody can see that a digit is missing: so a last line without an end is told."""
    sample = SAMPLES[name]
    path = sample.write(tmp_path, end="")
    report, found = ingest(sample, path, tmp_path / "store")
    assert found == good(name)
    told = [note for note in report.notes if "no newline" in note]
    assert bool(told) == (not sample.is_json)


@every_sample
@pytest.mark.parametrize("part", [0.5, 0.75, 0.95])
def test_gzip__cut_gives_the_lines_before(
    tmp_path: Path, good: Callable[..., Any], name: str, part: float
) -> None:
    sample = SAMPLES[name]
    plain = sample.write(tmp_path)
    packed = gzip.compress(plain.read_bytes(), mtime=0)
    path = plain.with_name(plain.name + ".gz")
    path.write_bytes(packed[: int(len(packed) * part)])
    plain.unlink()
    whole = zlib.decompressobj(31).decompress(path.read_bytes()).count(b"\n")
    report, found = ingest(sample, path, tmp_path / "store")
    if report.exit_code == 2:
        assert found == {}
        assert whole < len(sample.lines) / 2
        return
    assert report.exit_code == 1
    assert found == good(name, *range(whole, len(sample.lines)))
    assert report.rejected[-1][1:] == (whole + 1, "the gzip data ends early")


@every_sample
def test_zip__cut_is_refused(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    plain = sample.write(tmp_path)
    path = write_zip(plain.with_name(plain.name + ".zip"), {plain.name: plain.read_bytes()})
    plain.unlink()
    path.write_bytes(path.read_bytes()[:-30])
    is_refused(sample, path, tmp_path / "store")


@pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.header])
def test_header__without_a_column_is_refused(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    header = replaced(sample.lines[0], str(sample.column), "prize")
    path = sample.write(tmp_path, [header, *sample.lines[1:]])
    is_refused(sample, path, tmp_path / "store")
    path = sample.write(tmp_path, ["".join(chr(ord(c) + 1) for c in sample.lines[0]), *sample.lines[1:]])
    is_refused(sample, path, tmp_path / "store")


@pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if not s.header and not s.is_json])
def test_header__where_none_belongs_costs_one_line(
    tmp_path: Path, good: Callable[..., Any], name: str
) -> None:
    sample = SAMPLES[name]
    path = sample.write(tmp_path, ["a,b,c", *sample.lines])
    report, found = ingest(sample, path, tmp_path / "store")
    if report.exit_code == 1:
        assert found == good(name)
        assert [line for _, line, _ in report.rejected] == [1]
    else:
        is_refused(sample, path, tmp_path / "again")


@every_sample
@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\n\n\n", JUNK, b"\0" * 5_000, b"\xff\xfe" + "a,b".encode("utf-16-le"), b"<html></html>"],
)
@pytest.mark.parametrize("told", [False, True])
def test_file__of_nothing_or_junk_is_refused(tmp_path: Path, name: str, data: bytes, told: bool) -> None:
    sample = SAMPLES[name]
    path = sample.write(tmp_path)
    path.write_bytes(data)
    named = replace(sample, hints=sample.hints | ({"format": sample.format} if told else {}))
    is_refused(named, path, tmp_path / "store")


@pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.header])
@pytest.mark.parametrize("end", ["", "\n"])
def test_file__of_a_header_alone_is_refused(tmp_path: Path, name: str, end: str) -> None:
    sample = SAMPLES[name]
    is_refused(sample, sample.write(tmp_path, sample.lines[:1], end), tmp_path / "store")


@every_sample
def test_file__junk_after_good_lines_costs_no_good_line(
    tmp_path: Path, good: Callable[..., Any], name: str
) -> None:
    sample = SAMPLES[name]
    path = sample.write(tmp_path)
    if sample.beside:
        pytest.skip("its rows are counted against another file")
    path.write_bytes(path.read_bytes() + JUNK[:1_000])
    report, found = ingest(sample, path, tmp_path / "store")
    assert found == good(name)
    assert report.exit_code == 1
    assert min(line for _, line, _ in report.rejected) == len(sample.lines) + 1


# ------------------------------------------------------------------ tables in binary containers

CONTAINERS = pytest.mark.parametrize("container", ["a.parquet", "a.feather", "a.arrow"])


def binary(folder: Path, container: str, **changes: list[Any]) -> tuple[Sample, Path]:
    """The sample of updates in a container, some columns changed."""
    sample = SAMPLES["tabular-updates"]
    ts, side, price, size = zip(*(line.split(",") for line in sample.lines[1:]))
    columns = {"ts": [int(t) for t in ts], "side": list(side), "price": [float(p) for p in price]}
    folder.mkdir(exist_ok=True)
    return sample, save(
        pd.DataFrame(columns | {"size": [float(s) for s in size]} | changes), folder / container
    )


@CONTAINERS
@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf"), None])
def test_container__a_price_that_is_none_costs_its_row(
    tmp_path: Path, good: Callable[..., Any], container: str, wrong: float | None
) -> None:
    price: list[float | None] = [99 + (i if i % 2 else -i) + 0.5 for i in range(8)]
    price[3] = wrong
    sample, path = binary(tmp_path / "raw", container, price=price)
    loses(sample, path, tmp_path / "store", 4, good("tabular-updates", 4))


@CONTAINERS
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_container__cut_is_refused(tmp_path: Path, container: str, part: float) -> None:
    sample, path = binary(tmp_path / "raw", container)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    is_refused(sample, path, tmp_path / "store")


@CONTAINERS
@pytest.mark.parametrize("time", [0, -1, 1_700_000, 9 * 10**18])
def test_container__times_of_no_unit_are_refused(tmp_path: Path, container: str, time: int) -> None:
    sample, path = binary(tmp_path / "raw", container, ts=[time] * 8)
    is_refused(sample, path, tmp_path / "store")


# ------------------------------------------------------------------ exit codes of the command


def run(sample: Sample, store: Path, *paths: Path) -> int:
    options = ["--store", str(store)]
    for key, value in sample.hints.items():
        told = ",".join(f"{k}={v}" for k, v in value.items()) if key == "mapping" else value
        options += ["--map" if key == "mapping" else f"--{key}", told]
    return main(["ingest", *map(str, paths), *options])


@every_sample
def test_command__exit_codes(
    tmp_path: Path, good: Callable[..., Any], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = SAMPLES[name]
    fine, other = sample.write(tmp_path / "fine"), sample.write(tmp_path / "other")
    other.write_bytes(JUNK)
    assert run(sample, tmp_path / "a", fine) == 0
    assert run(sample, tmp_path / "b", other) == 2
    out, err = capsys.readouterr()
    assert err.splitlines()[-1].startswith("liqmap ingest: ")
    assert run(sample, tmp_path / "c", other, fine) == 1
    assert stored(tmp_path / "c") == good(name)
    out, err = capsys.readouterr()
    assert len([line for line in err.splitlines() if line.startswith("liqmap ingest: ")]) == 1
    assert "Traceback" not in err
    assert fine.name in out
    some = sample.write(tmp_path / "some", lines_with(sample, sample.price, "x"))
    assert run(sample, tmp_path / "d", some) == 1
    assert stored(tmp_path / "d") == good(name, sample.bad)
