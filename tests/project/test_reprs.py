"""What objects say of themselves, in a notebook and in a terminal."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap import card
from liqmap.ingestion.files import unforeseen
from liqmap.session import Session
from liqmap.simulation import write_bybit
from tests.defects import told_as_users_are

VOID = {"img", "meta", "br"}


class Balanced(HTMLParser):
    """Fails where a tag is not closed in its turn; collects words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.images: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.images.append(dict(attrs)["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reprs")
    write_bybit(lm.simulate(minutes=0.3, seed=1, levels=20), folder / "raw")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Any:
    return lm.ingest([folder / "raw", folder / "<i>none.zip"], store=folder / "store")


@pytest.fixture
def session(folder: Path, report: Any) -> Session:
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def test_store(folder: Path, report: Any) -> None:
    store = lm.open_store(folder / "store")
    have = store.sessions()
    shown = Balanced(store._repr_html_()).text
    for text in (str(store), shown):
        assert str(folder / "store") in text
        for rows in have["rows"]:
            assert f"{rows:,}" in text
    assert len(str(store).splitlines()) == 2 + len(have)


def test_store__that_is_empty(tmp_path: Path) -> None:
    store = lm.open_store(tmp_path)
    assert "lm.ingest" in Balanced(store._repr_html_()).text
    assert str(store) == repr(store)


def test_report(report: Any) -> None:
    shown = Balanced(report._repr_html_())
    assert "<i>none.zip" in shown.text  # as words: it is escaped
    for text in (shown.text, str(report)):
        assert report.errors[0] in text
        assert f"{report.table['rows'].max():,}" in text
    assert re.search(r"failed\s+1", shown.text)
    Balanced(lm.IngestReport()._repr_html_())


def test_session__is_painted_where_it_is_small(session: Session) -> None:
    from PIL import Image

    assert "not replayed yet" in str(session)
    assert session._spans == {}  # to ask for the text costs nothing
    (source,) = Balanced(session._repr_html_()).images
    kind, _, data = source.partition(",")
    assert kind == "data:image/png;base64"
    picture = np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)
    assert picture.shape == (300, 880, 3)
    bids, asks = picture[150:], picture[:150]  # the higher price above
    assert (bids[..., 2] - bids[..., 0]).mean() > 2 > (asks[..., 2] - asks[..., 0]).mean()
    assert len(source) < 80_000
    assert f"{len(session.spans()):,}" in str(session)


def test_session__is_not_replayed_for_a_card(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liqmap.session.session.SMALL", 10)
    shown = Balanced(session._repr_html_())
    assert shown.images == []
    assert "lm.heatmap(session)" in shown.text
    assert session._spans == {}
    session.spans()
    assert len(Balanced(session._repr_html_()).images) == 1


def test_session__of_trades_alone(folder: Path, tmp_path: Path) -> None:
    (trades,) = (folder / "raw").glob("*.csv.gz")
    assert lm.ingest(trades, store=tmp_path).exit_code == 0
    session = lm.open_store(tmp_path).session("bybit", "SIMUSDT")
    assert "not replayed yet" not in str(session)
    assert Balanced(session._repr_html_()).images == []


def test_spans_capture_quality(session: Session) -> None:
    spans, capture, quality = session.spans(), lm.simulate(minutes=0.1, seed=1), session.quality()
    assert spans.nbytes == 36 * len(spans)
    for thing, facts in (
        (spans, (f"{len(spans):,}", "top_n, 20 levels a side")),
        (capture, (f"{capture.depth.num_rows:,} rows", "it is simulated")),
        (quality, (f"{int(quality.total['removals']):,}", "width_bps")),
        (lm.Capture(), ()),
        (lm.replay(capture.depth.slice(0, 0)), ("none",)),
    ):
        for text in (str(thing), Balanced(thing._repr_html_()).text):
            assert all(fact in text for fact in facts)
        assert "\n" not in repr(thing)


ESCAPES = ("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x08", "\r", "\n", "\t", "\x7f", "\u202e", "\u2028")


def steers(text: str) -> list[str]:
    """What could act on a terminal: all but line ends, and what cannot be printed."""
    return [c for line in text.split("\n") for c in line if not c.isprintable()]


def said(thing: Any) -> list[str]:
    """All that people see of a thing."""
    html = thing._repr_html_() if hasattr(thing, "_repr_html_") else ""
    more = [thing.to_string()] if hasattr(thing, "to_string") else []
    return [repr(thing), str(thing), html.replace(card.STYLE, ""), *more]


@pytest.mark.parametrize("escape", ESCAPES)
def test_names__never_steer_who_looks_at_them(escape: str, tmp_path: Path) -> None:
    name = f"A<b>{escape}"
    capture = lm.simulate(minutes=0.1, seed=1, levels=5, symbol=name)
    spans = lm.replay(capture.depth)
    folder, file = tmp_path / f"store{escape}", tmp_path / f"file{escape}.parquet"
    pq.write_table(capture.depth, file)
    report = lm.ingest([file, tmp_path / f"none{escape}"], store=folder, venue="here", symbol=name)
    store = lm.open_store(folder)
    session = store.session("here", name)
    sessions = store.sessions()
    assert list(sessions["symbol"]) == [name]  # for programs they are what they are
    empty = lm.replay(capture.depth.slice(0, 0))
    compared = lm.compare_fill(spans)
    things = [capture, spans, empty, compared, report, store, session, session.quality(),
              lm.read(file, venue="here", symbol=name)]  # fmt: skip
    texts = [text for thing in things for text in said(thing)]
    session.spans()
    texts += said(session)
    assert [steers(text) for text in texts if steers(text)] == []
    assert "A<b>" not in "".join(said(thing)[2] for thing in things)
    assert sum(escape[0].encode("unicode_escape").decode() in text for text in texts) > len(things)
    with pytest.raises(lm.LiqmapError) as failed:
        store.session("here", f"{name}{name}")
    assert steers(str(failed.value)) == []
    assert steers(repr(failed.value)) == []


def test_card__says_names_as_they_are() -> None:
    parts = card.folded("<s>", card.table(["<a>"], [["<b>&"]]), loss=True), card.listed(["<c>"])
    shown = Balanced(card.card("Kind", "<name>", [("<label>", '"<value>"')], *parts))
    for word in ("<name>", "<label>", '"<value>"', "<s>", "<a>", "<b>&", "<c>"):
        assert word in shown.words


@pytest.mark.parametrize(
    ("value", "word"),
    [(None, "–"), (float("nan"), "–"), (1234, "1,234"), (1234.0, "1,234"), (0.123456, "0.123"),
     (True, "True"), ("x", "x"), (12345.6, "12,346")],
)  # fmt: skip
def test_spelled(value: Any, word: str) -> None:
    assert card.spelled(value) == word


def test_size_and_moments() -> None:
    sizes = {0: "0 B", 999: "999 B", 1500: "1.5 kB", 2.5e6: "2.5 MB", 999.4e9: "999 GB", 3e12: "3 TB"}
    assert {n: card.size(n) for n in sizes} == sizes
    day = 86_400 * 10**9
    assert card.moments(0, day - 1) == "1970-01-01 00:00:00 to 23:59:59 UTC"
    assert card.moments(-1, day) == "1969-12-31 23:59:59 to 1970-01-02 00:00:00 UTC"


@pytest.mark.long
def test_card__needs_no_charts(folder: Path, report: Any) -> None:
    code = (
        "import sys, liqmap as lm\n"
        "session = lm.open_store(sys.argv[1]).session('bybit', 'SIMUSDT')\n"
        "assert '<img' in session._repr_html_()\n"
        "print([m for m in ('holoviews', 'panel', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder / "store")], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("escape", ESCAPES)
def test_log__of_a_reader_that_failed_never_steers(escape: str, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError(f"a{escape}b") from ValueError(f"c{escape}d")
    except KeyError as error:
        with told_as_users_are():
            told = unforeseen(f"file{escape}.csv", error)
    assert "a reader failed" in caplog.text
    assert "ValueError" in caplog.text
    assert steers(caplog.text.rstrip("\n") + str(told)) == []
