"""The guide to live markets: its examples run as they stand, against an exchange in a box."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.live.play import Exchange
from tests.live.recorder.feeds import bybit

GUIDE = Path(__file__).parents[3] / "docs" / "live.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.mark.long
def test_guide__its_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = tmp_path / "heard.ndjson"
    heard.write_bytes(b"".join(b"%d %b\n" % line for line in bybit(1_000, seed=3, snapshots=(0, 300))))
    verb = import_module("liqmap.live.follow").live
    names: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    with Exchange(lm.read(heard), "bybit", faults=["lose@150"], wait_for=2).running() as exchange:

        def live(venue: str, symbols: list[str], **options: Any) -> Any:
            """As a reader calls it, at the exchange in place of the venue."""
            here = {"url": exchange.url} if options.get("record", True) else {}
            return verb(venue, symbols, feed="ob50", **here, **options)

        monkeypatch.setattr(import_module("liqmap.live.follow"), "live", live)
        first, *between, last = EXAMPLES
        exec(first, names)
        session = names["session"]
        wait_for(lambda: session.last - session.start > 2 * 10**9)
        for example in between:
            exec(example, names)
        wait_for(lambda: names["mids"] and len(session.gaps()) and exchange.wait(0))
        assert len(names["then"]) > 0
        assert session.gaps()["seq_after"].tolist() == [100 + 1 + 148]
        exec(last, names)
    assert session.closed
    assert not session.error
    stored = names["stored"].spans().to_arrow()
    for one in (session, names["followed"]):
        assert one.spans().to_arrow().equals(stored)


def wait_for(done: Callable[[], Any]) -> None:
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_start__is_a_with_without_one(tmp_path: Path) -> None:
    with Exchange(lm.simulate(minutes=0.05, seed=2, levels=50), "bybit", float("inf")).running() as exchange:
        live = lm.live("bybit", "SIMUSDT", store=tmp_path, feed="ob50", url=exchange.url).start()
        assert live.start() is live
        session = live.session("SIMUSDT")
        live.stop()
        live.stop()
    assert session.closed
    with pytest.raises(lm.schema.SessionError, match=r"one that has not ended\. Call lm\.live again"):
        live.start()


def test_stop__of_what_was_never_started(tmp_path: Path) -> None:
    lm.live("bybit", "SIMUSDT", store=tmp_path, feed="ob50").stop()
