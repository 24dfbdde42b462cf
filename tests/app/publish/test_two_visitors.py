"""What one visitor does never changes the view of another."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.app.publish.access import Access
from tests.app.publish.hearing import Hearing, served


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("two")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=8), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


ASK: dict[str, Any] = {
    "view": [0, 12 * 10**9, 99.0, 101.0],
    "size": [96, 64],
    "halfLife": 30 * 10**9,
    "prune": None,
}


async def pictures(visitor: Hearing) -> list[Any]:
    """What the page is answered, as it was sent: a picture, its layers, what lies in a box."""
    visitor.buffers.clear()
    asked = {"overlays": ["bbo", "bubbles", "candles"], "panels": ["delta", "ladder", "imbalance@5"]}
    answers = [await visitor.ask("frame", ASK), await visitor.ask("shapes", ASK | asked)]
    answers.append(await visitor.ask("measure", {"box": ASK["view"]}))
    said = [re.sub(r"'(id|msgid)': '\w+'", "", repr(answer["answer"])) for answer in answers]
    assert len(visitor.buffers) > 5
    return [*said, *visitor.buffers]


async def visit(store: Path) -> tuple[Any, Any, Any, Any]:
    async with served(store, Access(editors=("*",))) as url:
        still, busy = Hearing(url), Hearing(url)
        await still.open("?theme=light&half_life=1min&layers=bbo,candles&time_zone=Asia/Tokyo&no=1")
        await still.settle()
        before = await pictures(still), await still.settle()
        heard = len(still.sent)
        for page in ("", "?page=calibration"):
            await busy.open(page)
            await busy.settle()
            await busy.drive()
            await busy.settle()
            busy.leave()
        document = await still.pull()
        patches = [one for one in still.sent[heard:] if b"PATCH-DOC" in one]
        after = await pictures(still), document
        still.leave()
        return before, after, patches, document


@pytest.mark.long
def test_visitor__who_does_everything_changes_nothing_for_another(
    store: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path))
    before, after, patches, document = asyncio.run(visit(store))
    assert patches == []
    assert before[1] == after[1]
    assert before[0] == after[0]
    assert "light" in str(document)
    assert (tmp_path / "presets.json").is_file()  # what is shared, which the other kept
