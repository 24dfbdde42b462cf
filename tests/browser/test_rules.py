"""What the page's scripts follow comes from Python, and they use all of it."""

from __future__ import annotations

import re

from liqmap.browser.page import SCRIPT, WORKER, _asset, _joined
from liqmap.browser.rules import LAYERS, MARKS, RULES, layer_boxes, options, page_presets
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS
from liqmap.render.frames.presets import PRESETS
from liqmap.render.marks.registry import overlays
from liqmap.schema import AGGREGATES


def test_scripts__use_every_rule_and_mark() -> None:
    scripts = "".join(_asset(f"{name}.js") for name in {*WORKER, *SCRIPT})
    used = set(re.findall(r"RULES\.(\w+)", scripts))
    assert used == set(RULES)
    assert all(re.search(rf"\b{name}\b", scripts) for name in (*RULES["scale"], *RULES["states"], *MARKS))


def test_scripts__have_the_rules_before_what_follows_them() -> None:
    assert all(_joined(names).startswith('"use strict";{\nconst RULES = {') for names in (WORKER, SCRIPT))


def test_page__offers_what_python_offers() -> None:
    offered = {key: tuple(re.findall(r'value="(\w+)"', text)) for key, text in options().items()}
    assert offered == {"aggregates": AGGREGATES, "scalings": SCALINGS, "carried_shown": CARRIED_SHOWN}
    assert list(page_presets()) == list(PRESETS)
    assert re.findall(r'title="([^"]+)".* id="(\w+)">(\w+)<', layer_boxes()) == [
        (overlays()[name].label, name, name) for name in LAYERS
    ]
    assert {name for name, overlay in overlays().items() if overlay.in_page} >= set(LAYERS)
