"""The app in a notebook: no server; choices and messages go over a comm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from bokeh.document import Document
from panel.io.model import add_to_doc
from panel.models.esm import DataEvent
from pyviz_comms import Comm

from liqmap.app import explore
from liqmap.app.main import Explorer
from liqmap.app.picture.scene import contents_of
from liqmap.app.views.picture import Picture
from tests.app.asking import ask_of
from tests.render.market import Market


class Heard(Comm):
    """A comm that keeps what is sent by it: parts as JSON, and bytes beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._comm = self  # open
        self.words: list[str] = []
        self.bytes: list[bytes] = []

    def init(self, on_open: Any = None) -> None:
        """Nothing has to be opened."""

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = ()) -> None:
        self.words.append(json.dumps([data, metadata]))
        self.bytes += [bytes(one) for one in buffers or ()]


class Cell(NamedTuple):
    app: Explorer
    picture: Picture
    model: Any
    comm: Heard

    def ask(self, message: Any) -> str:
        """What is sent for a message of the page."""
        self.comm.words.clear()
        self.comm.bytes.clear()
        self.model._trigger_event(DataEvent(self.model, data=message))
        return " ".join(self.comm.words)


@pytest.fixture
def cell(market: Market) -> Iterator[Cell]:
    """An app as a cell of a notebook shows it."""
    app, comm = explore(market, panels=["delta"]), Heard()
    page = app.__panel__()
    document = Document()
    root = page.get_root(document, comm)
    add_to_doc(root, document, hold=True)  # as Panel's own output of a cell
    (picture,) = page.select(Picture)
    ((model, _),) = picture._models.values()
    yield Cell(app, picture, model, comm)
    page._cleanup(root)


def test_cell__has_a_scene_and_hears_of_choices(cell: Cell) -> None:
    assert cell.model.data.scene == cell.picture.scene != {}
    cell.comm.words.clear()
    cell.app.state.half_life_s = 5.0
    assert cell.model.data.choice["halfLife"] == 5 * 10**9
    assert "halfLife" in " ".join(cell.comm.words)


def test_question__over_a_comm_is_answered_over_it(cell: Cell) -> None:
    sent = cell.ask({"id": 3, "kind": "measure", "ask": {"box": [*ask_of(cell.app.data)["view"]]}})
    assert "volume 6.5 BTC" in sent
    sent = cell.ask({"id": 4, "kind": "frame", "ask": ask_of(cell.app.data)})
    assert "steps" in sent
    assert 2 * 200 * 300 >= max(map(len, cell.comm.bytes)) > 10_000
    assert cell.app.data.shown is not None


def test_spans__over_a_comm_are_bytes(cell: Cell) -> None:
    sent = cell.ask({"id": 1, "kind": "spans", "ask": {}})
    assert "header" in sent
    assert contents_of(cell.app.data.session).packed.data in cell.comm.bytes


def test_error__over_a_comm_is_told_in_words(cell: Cell) -> None:
    assert "size: expected 2 finite numbers" in cell.ask(
        {"id": 5, "kind": "frame", "ask": {"view": [0, 1, 2, 3]}}
    )
    assert "kind: expected one of spans" in cell.ask({"id": 6, "kind": "no such", "ask": {}})
    assert cell.ask({"id": 0, "kind": "view", "ask": "nonsense"}) == ""


def test_view__of_the_page_reaches_the_state(cell: Cell) -> None:
    begin, end, low, high = ask_of(cell.app.data)["view"]
    looked = {"view": [begin, begin + 60e9, low, high], "count": cell.picture.looking["count"]}
    cell.ask({"id": 0, "kind": "view", "ask": looked})
    assert cell.app.state.start == cell.app.data.session.time_range[0]
    assert end > begin + 60e9
