"""What a served page is told of what fails in the app itself: nothing of where that is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

import liqmap as lm
from liqmap.app.data import sample, study
from liqmap.app.data.data import Data
from liqmap.app.data.study import Study
from liqmap.app.data.work import Worker
from liqmap.app.state.telling import tell_of
from liqmap.app.views.live import Feed
from liqmap.app.views.saver import Saver
from liqmap.schema import LiqmapError, LiveError, StoreError
from tests.render.market import Market

MARK = "Zq7Mark"
FAULTS: list[Exception] = [
    OSError(28, "No space left on device", f"/srv/{MARK} x/tmp/export.png"),
    PermissionError(13, "Permission denied", f"/home/{MARK}/raw"),
    StoreError(where=f"/srv/{MARK} store/depth", expected="a folder", got=f"a link to '/mnt/{MARK}'"),
    LiqmapError(f"cannot write /var/{MARK}/x: disk full", remedy=f"Remove s3://{MARK}/store"),
    ValueError(f"cannot parse C:\\{MARK}\\file.parquet"),
]


@pytest.fixture
def page() -> Any:
    document = Document()
    document._session_context = lambda: SimpleNamespace(request=None, id="page", server_context=None)
    with set_curdoc(document):
        tell_of(document, None)
        yield document


def raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def check(*said: str, log: pytest.LogCaptureFixture) -> None:
    for words in said:
        assert words
        assert MARK not in words
    assert MARK in log.text  # which has all of it


FAULTY = pytest.mark.parametrize("error", FAULTS, ids=lambda e: type(e).__name__)


@FAULTY
def test_sample__that_fails(
    error: Exception, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    data = Data(lm.open_store(tmp_path))
    assert "--store STORE" in data.notice
    monkeypatch.setattr(sample, "simulate", raising(error))
    sample.make_sample(data)
    check(data.notice, log=caplog)


@FAULTY
def test_calibration__that_fails(
    error: Exception, page: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    job = SimpleNamespace(
        future=Worker().submit(raising(error)), progress=SimpleNamespace(levels=1, depth=2, done=0, of=1)
    )
    monkeypatch.setattr(study, "job_of", lambda *_: job)
    asked = Study(Data(Market()))
    asked.calibrate()
    check(asked.notice, log=caplog)


@FAULTY
def test_file__that_cannot_be_made(error: Exception, page: Any, caplog: Any) -> None:
    data = Data(Market())
    Saver(data).answer("file", {"kind": "PNG"}).fail(error)
    check(*data.warnings, log=caplog)


@FAULTY
def test_store__that_cannot_be_listed(
    error: Exception, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr("liqmap.app.data.data.markets_of", raising(error))
    check(Data(lm.open_store(tmp_path)).notice, log=caplog)


@FAULTY
def test_market__that_cannot_be_listened_to(error: Exception, page: Any, tmp_path: Path, caplog: Any) -> None:
    data = Data(lm.open_store(tmp_path), live={"bybit/BTCUSDT/live": raising(error)})
    check(data.notice, log=caplog)


def test_feed__whose_last_error_names_a_file(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    error = LiveError(where=f"/srv/{MARK}/raw.log", expected="room", got="a full disk")
    status = SimpleNamespace(
        state="broken", lag_ms=None, gaps=0, reconnects=0, checksums=0, verified=0, error=error, messages=0
    )
    monkeypatch.setattr("liqmap.app.views.live.status_of", lambda _: status)
    monkeypatch.setattr("liqmap.app.views.live.is_live", lambda session: session is not None)
    market: Any = Market()
    market.session = market
    data = Data(market)
    data.session = None
    feed = Feed(data=data)
    data.param.update(session=market)
    assert "a full disk" in feed.pane.object
    assert MARK not in feed.pane.object
