"""Pages of links that nobody made by hand: each is there, soon, and nothing of it is a fault in the log."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.app.publish.access import Access
from tests.app.publish.hearing import Hearing, served
from tests.app.state.test_hostile_links import HOSTILE, NAMES

SOON_S = 5.0
"""CPU time of a page: a page of no parameters takes a second where nothing is compiled yet."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("hostile")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=8), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


def link(*pairs: tuple[str, str]) -> str:
    return "?" + "&".join(f"{quote(a, errors='replace')}={quote(b, errors='replace')}" for a, b in pairs)


SAMPLE = [
    link(*((name, "9" * 5_000) for name in NAMES[:9])),
    link(*((f"p{k}", str(k)) for k in range(1_500))),
    link(*((name, "\x00\ud800<script>") for name in NAMES)),
    link(
        ("market", "[" * 5_000), ("time_zone", "../" * 300), ("from", "99999-01-01"), ("preset", "x" * 9_000)
    ),
]


class Faults(logging.Handler):
    """What is logged as a fault, or with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR or record.exc_info:
            self.said.append(self.format(record))


async def visit(store: Path, queries: list[str]) -> None:
    faults, loggers = Faults(), [logging.getLogger(name) for name in ("", "bokeh", "panel", "tornado")]
    for logger in loggers:
        logger.addHandler(faults)
    async with served(store, Access(read_only=True)) as url:
        for query in queries:
            visitor = Hearing(url)
            begin = time.process_time()
            await visitor.open(query)
            await visitor.settle()
            assert time.process_time() - begin < SOON_S
            visitor.leave()
            assert "Traceback" not in visitor.words
    for logger in loggers:
        logger.removeHandler(faults)
    assert faults.said == []


def test_page__of_a_hostile_link_is_there(store: Path) -> None:
    asyncio.run(visit(store, SAMPLE))


@pytest.mark.long
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(NAMES) | st.text(max_size=9), st.sampled_from(HOSTILE) | st.text(max_size=60)
            ),
            max_size=9,
        ).filter(lambda pairs: sum(len(quote(b, errors="replace")) for _, b in pairs) < 60_000),
        min_size=4,
        max_size=8,
    )
)
@settings(deadline=None, max_examples=6, phases=[Phase.explicit, Phase.generate])
def test_pages__of_any_links_are_there(store: Path, links: list[list[tuple[str, str]]]) -> None:
    asyncio.run(visit(store, [link(*pairs) for pairs in links]))
