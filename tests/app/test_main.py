"""The app as one object."""

from __future__ import annotations

import gc
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from weakref import ref

import panel as pn
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

import liqmap as lm
from liqmap.app import explore
from liqmap.app.controls.form import Form
from tests.render.market import Market


def test_explore__is_a_panel_object_that_shows_itself(market: Market) -> None:
    app = explore(market, half_life_s=120.0, agg="last")
    assert app.state.half_life_s == 120.0
    layout = app.__panel__()
    assert isinstance(layout, pn.Column)
    assert layout.height == 760
    assert app.servable() is not None
    with pytest.raises(lm.LiqmapError, match="wrong: expected a choice of the app"):
        explore(market, wrong=1)


@pytest.mark.parametrize("read_only", [False, True])
def test_explore__an_empty_store_offers_a_sample_unless_read_only(tmp_path: Path, read_only: bool) -> None:
    app = explore(lm.open_store(tmp_path), read_only=read_only)
    buttons = [b.label for b in app.__panel__().select(pn.widgets.Button)]
    assert ("Make a sample session and open it" in buttons) != read_only
    (form,) = (f for f in app.__panel__().select(Form) if "presets" in f.values)
    assert form.values["presets"]["keep"] != read_only


@pytest.mark.long
@pytest.mark.parametrize("view", ["carried", "before and after"])
def test_page__is_forgotten_when_its_visitor_has_left(market: Market, view: str) -> None:
    """Else each visit would hold its memory for ever: Panel keeps what callbacks of the page refer to."""

    def visit() -> Any:
        doc = Document()
        with set_curdoc(doc):
            page = explore(market, panels=["delta", "profile", "ladder"], view=view)
            page.__panel__().server_doc(doc)
        left = SimpleNamespace(_document=doc, id="left", server_context=None)
        for forget in list(doc.callbacks.session_destroyed_callbacks):
            forget(left)
        doc.clear()
        return ref(page.data)

    page = visit()
    gc.collect()
    assert page() is None
