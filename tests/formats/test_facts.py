"""What a reader states about its file, held against what a good file holds: one law for every format.

The last tests spoil a reader instead of a file: each law fails where it should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.formats import FORMATS, Hints, Reader, open_file
from liqmap.formats.raw import RawFile
from liqmap.ingestion import IngestReport
from liqmap.schema import (
    BANDS,
    EVENTS,
    GAP,
    HEARD,
    MISSING,
    POLICIES,
    SIDES,
    TRADES,
    UPDATE,
    Batch,
    FormatError,
    Messages,
    Meta,
    ReplayError,
    common_tick,
)
from tests.formats.samples import SAMPLES, Sample

pytestmark = pytest.mark.filterwarnings("error")

DEPTH = [name for name, sample in SAMPLES.items() if "depth" in sample.kinds]

BY_MESSAGE = dict.fromkeys(("ts", "ts_recv", "seq", "prev", "line"), "int64") | {"event": "int8"}
BY_ROW = {"side": "int8", "price": "float64", "size": "float64"}


def taken(sample: Sample, folder: Path) -> tuple[IngestReport, Path]:
    """The report of a sample, and the store it was taken into."""
    report = lm.ingest(sample.write(folder / "raw"), store=folder / "store", **sample.hints)
    assert not report.errors, report.errors[0]
    return report, folder / "store"


# ------------------------------------------------------------------ laws


def check_messages(messages: Messages, lines: int) -> None:
    """That arrays have the types, lengths and values that `Messages` promises."""
    count, rows = len(messages.seq), messages.rows
    types = BY_MESSAGE | BY_ROW | {"rows": "int64"} | ({} if messages.since is None else {"since": "int64"})
    for name, dtype in types.items():
        assert isinstance(getattr(messages, name), np.ndarray), f"{name}: expected an array"
        assert getattr(messages, name).dtype == dtype, f"{name}: expected {dtype}"
    levels = len(messages.price)
    lengths = dict.fromkeys(BY_MESSAGE, count) | dict.fromkeys(BY_ROW, levels) | {"rows": count + 1}
    for name, length in lengths.items():
        assert getattr(messages, name).shape == (length,), f"{name}: expected ({length},)"
    assert rows[0] == 0, "rows: expected to begin at 0"
    assert rows[-1] == levels, "rows: expected to end at the number of levels"
    assert (np.diff(rows) >= 0).all(), "rows: expected to rise"
    assert set(messages.event) <= set(range(len(EVENTS))), "event: expected positions in EVENTS"
    assert set(messages.side) <= set(range(len(SIDES))), "side: expected positions in SIDES"
    silent = np.isin(messages.event, (GAP, HEARD))
    assert not np.diff(rows)[silent].any(), "event: expected no levels where it is GAP or HEARD"
    assert (messages.prev >= -1).all(), "prev: expected an id, or -1"
    assert ((messages.price > 0) & (messages.size >= 0)).all()
    assert ((messages.line >= 1) & (messages.line <= lines)).all(), "line: expected lines from 1"
    assert (np.diff(messages.line) >= 0).all(), "line: expected the order of the file"


def check_batch(batch: Batch, sample: Sample) -> None:
    """That a batch has rows of the schemas, and messages of the shape that ingest reads."""
    if batch.depth is not None:
        check_messages(batch.depth, len(sample.lines))
    for rows, schema in ((batch.trades, TRADES), (batch.bands, BANDS)):
        assert rows is None or rows.schema.equals(schema)


def check_facts(sample: Sample, folder: Path) -> None:
    """That a session of the sample opens and replays, with the book that its venue had."""
    report, store = taken(sample, folder)
    source = next(s for s in report.sources if s.kind == "depth")
    assert source.gaps == sample.gaps, f"expected {sample.gaps} gaps, got {[g.reason for g in report.lost]}"
    session = lm.open_store(store).session(venue=source.venue, symbol=source.symbol, feed=source.feed)
    spans = session.spans()
    assert spans.meta.window_policy in POLICIES
    depth = session.depth().to_pylist()
    first = depth[0]["event"]
    assert first == sample.first, f"expected the first event to be {sample.first}, got {first}"
    tick = common_tick(sorted({row["price"] for row in depth if row["price"] is not None}))
    assert spans.meta.tick_size == tick, f"expected the tick size {tick}, which divides all prices"
    touch = session.bbo().iloc[-1]
    assert touch["bid"] < touch["ask"], "expected both sides at the end, and the best bid below the best ask"


@pytest.mark.parametrize("name", SAMPLES)
def test_report__has_the_tables_of_the_sample(tmp_path: Path, name: str) -> None:
    report, _ = taken(SAMPLES[name], tmp_path)
    assert tuple(s.kind for s in report.sources) == SAMPLES[name].kinds
    assert {s.status for s in report.sources} == {"ok"}


@pytest.mark.parametrize("name", SAMPLES)
def test_batches__have_the_shape_that_ingest_reads(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    _, _, reader = open_file(str(sample.write(tmp_path)), Hints(**sample.hints))
    for batch in reader.batches():
        check_batch(batch, sample)
    own = set(sample.kinds) - {"orders"}  # of which the meta of depth tells
    assert set(reader.meta) >= own, f"expected meta of {own}, got {set(reader.meta)}"
    assert {meta.venue for meta in reader.meta.values()} == {reader.venue}


@pytest.mark.parametrize("name", DEPTH)
def test_depth__states_the_facts(tmp_path: Path, name: str) -> None:
    check_facts(SAMPLES[name], tmp_path)


# ------------------------------------------------------------------ readers that are wrong


class Wrong:
    """A reader whose messages and meta come changed."""

    def __init__(self, reader: Reader, messages: Callable[..., Any], meta: Callable[..., Any]) -> None:
        self._reader, self._messages, self._meta = reader, messages, meta
        self.venue, self.notes = reader.venue, reader.notes

    @property
    def meta(self) -> dict[str, Meta]:
        return {kind: new for kind, m in self._reader.meta.items() if (new := self._meta(m)) is not None}

    def batches(self) -> Iterator[Batch]:
        for batch in self._reader.batches():
            yield batch if batch.depth is None else replace(batch, depth=self._messages(batch.depth))


def same(value: Any) -> Any:
    return value


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sample]:
    """Spoil the reader of a sample."""

    def wrong(name: str, messages: Callable[..., Any] = same, meta: Callable[..., Any] = same) -> Sample:
        form = FORMATS[SAMPLES[name].format]

        def opened(raw: RawFile, hints: Hints) -> Reader:
            return Wrong(form.open(raw, hints), messages, meta)

        monkeypatch.setitem(FORMATS, form.name, replace(form, open=opened))
        return SAMPLES[name]

    return wrong


UNLIKE = {
    "sides swapped": lambda m: replace(m, side=1 - m.side),
    "snapshots marked as updates": lambda m: replace(m, event=np.full_like(m.event, UPDATE)),
    "all follow 0": lambda m: replace(m, prev=np.zeros_like(m.prev)),
}
SHAPES = {
    "rows one too short": lambda m: replace(m, rows=m.rows[:-1]),
    "rows from 1": lambda m: replace(m, rows=m.rows + 1),
    "times of floats": lambda m: replace(m, ts=m.ts.astype(float)),
    "a list for an array": lambda m: replace(m, side=m.side.tolist()),
    "lines from 0": lambda m: replace(m, line=m.line - 1),
    "words that are none": lambda m: replace(m, side=m.side + 2),
    "heard with levels": lambda m: replace(m, event=np.full_like(m.event, HEARD)),
}
UNFIT = {
    "a policy that is none": (same, lambda m: replace(m, window_policy="whole"), "a window policy of depth"),
    "no policy": (same, lambda m: replace(m, window_policy=None), "a window policy of depth"),
    "no tick size": (same, lambda m: replace(m, tick_size=None), "a tick size of depth"),
    "a tick size of 0": (same, lambda m: replace(m, tick_size=0.0), "a tick size of depth"),
    "no meta": (same, lambda m: None, r"meta\['depth'\]"),
    "times in ms": (lambda m: replace(m, ts=m.ts // 10**6), same, "times of depth in ns"),
    "times of 2300": (lambda m: replace(m, ts=m.ts + 9 * 10**18), same, "times of depth in ns"),
    "no times": (lambda m: replace(m, ts=np.full_like(m.ts, MISSING)), same, "times of depth in ns"),
}
WITH_IDS = ["binance-stream", "binance-t-depth", "bybit-depth"]


@pytest.mark.parametrize("name", WITH_IDS)
@pytest.mark.parametrize("how", UNLIKE)
def test_facts__a_reader_that_is_wrong_is_noticed(
    tmp_path: Path, spoil: Callable[..., Sample], name: str, how: str
) -> None:
    sample = spoil(name, UNLIKE[how])
    with pytest.raises(AssertionError, match="expected"):
        check_facts(sample, tmp_path)


@pytest.mark.parametrize("step", [0.3, 25.0, 0.01])
def test_facts__another_tick_size_is_noticed(
    tmp_path: Path, spoil: Callable[..., Sample], step: float
) -> None:
    sample = spoil("bybit-depth", meta=lambda m: replace(m, tick_size=step))
    with pytest.raises((AssertionError, ReplayError), match=r"expected the tick size|of whole ticks of"):
        check_facts(sample, tmp_path)


@pytest.mark.parametrize("how", SHAPES)
def test_shape__of_messages_is_noticed(tmp_path: Path, how: str) -> None:
    sample = SAMPLES["bybit-depth"]
    _, _, reader = open_file(str(sample.write(tmp_path)), Hints(**sample.hints))
    for batch in reader.batches():
        with pytest.raises(AssertionError, match="expected"):
            check_batch(replace(batch, depth=SHAPES[how](batch.depth)), sample)


@pytest.mark.parametrize("how", UNFIT)
def test_ingest__refuses_a_reader_that_does_not_say_what_it_must(
    tmp_path: Path, spoil: Callable[..., Sample], how: str
) -> None:
    messages, meta, expected = UNFIT[how]
    path = spoil("bybit-depth", messages, meta).write(tmp_path / "raw")
    report = lm.ingest(path, store=tmp_path / "store")
    assert (report.exit_code, [s.status for s in report.sources]) == (2, ["failed"])
    with pytest.raises(FormatError, match=f"the reader of bybit-depth to give {expected}") as told:
        lm.read(path)
    assert [str(told.value)] == report.errors
    assert str(told.value).isprintable()


@pytest.mark.parametrize("times", [[None], [17 * 10**11], [17 * 10**17, 5 * 10**18]])
def test_ingest__refuses_trades_of_other_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: list[int | None]
) -> None:
    form = FORMATS["tardis-trades"]
    ts = pa.array(times, pa.timestamp("ns", tz="UTC"))
    others = [pa.nulls(len(ts), column.type) for column in list(TRADES)[1:]]
    rows = pa.RecordBatch.from_arrays([ts, *others], schema=TRADES)

    class Other:
        venue, notes = "deribit", []
        meta = {"trades": Meta(venue="deribit", symbol="X")}  # noqa: RUF012

        def batches(self) -> Iterator[Batch]:
            yield Batch(trades=rows)

    monkeypatch.setitem(FORMATS, form.name, replace(form, open=lambda raw, hints: Other()))
    with pytest.raises(
        FormatError, match="the reader of tardis-trades to give times of trades in ns, of 2000"
    ):
        lm.read(SAMPLES["tardis-trades"].write(tmp_path))


def test_ingest__refuses_trades_of_no_meta(tmp_path: Path, spoil: Callable[..., Sample]) -> None:
    path = spoil("tardis-trades", meta=lambda m: None).write(tmp_path / "raw")
    with pytest.raises(FormatError, match=r"the reader of tardis-trades to give meta\['trades'\]"):
        lm.read(path)
