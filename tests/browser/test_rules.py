"""What the engine follows comes from Python, and it uses all of it."""

from __future__ import annotations

import re

from liqmap.browser.rules import LAYERS, layer_boxes, options, page_presets, rules
from liqmap.browser.sources import GIVEN, names, source
from liqmap.render.frames.auto_carry import BY_VIEW
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS
from liqmap.render.frames.presets import PRESETS
from liqmap.render.marks.registry import overlays
from liqmap.schema import AGGREGATES, CARRIED, OBSERVED, UNKNOWN
from tests.browser.engine import call


def test_engine__uses_every_rule() -> None:
    scripts = "".join(source(name) for name in names() if name not in GIVEN)
    wanted = [*rules(), *rules()["SCALE"], *rules()["CHOICES"], *rules()["BLOCKS"]]
    assert [name for name in wanted if not re.search(rf"\b{name}\b", scripts)] == []


def test_states__are_named_in_their_order() -> None:
    named = dict(zip(rules()["STATES"], (UNKNOWN, OBSERVED, CARRIED)))
    assert named == {"unknown": 0, "observed": 1, "carried": 2}


def test_marks__are_those_that_python_offers() -> None:
    """One registration each, in the same order from below to above."""
    registered = call("() => MARKS.map(({name, order}) => [name, order])")
    known = overlays()
    assert registered == [[name, known[name].order] for name in known if name in LAYERS]
    assert {name for name, overlay in known.items() if overlay.in_page} >= set(LAYERS)


def test_page__offers_what_python_offers() -> None:
    offered = {key: tuple(re.findall(r'value="(\w+)"', text)) for key, text in options().items()}
    assert offered == {"aggregates": AGGREGATES, "scalings": SCALINGS, "carried_shown": CARRIED_SHOWN}
    assert list(page_presets()) == [BY_VIEW, *PRESETS]
    assert re.findall(r'title="([^"]+)".* id="(\w+)">(\w+)<', layer_boxes()) == [
        (overlays()[name].label, name, name) for name in LAYERS
    ]
