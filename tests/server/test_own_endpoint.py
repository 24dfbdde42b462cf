"""An endpoint of one's own, as the guide shows it."""

from __future__ import annotations

import re
from pathlib import Path

import liqmap as lm
from liqmap.server import make_api
from liqmap.server.registry import ENDPOINTS
from tests.server.asking import Asker

GUIDE = Path(__file__).parents[2] / "docs" / "served.md"


def test_guide__its_endpoint_answers(store: lm.Store, session: lm.Session) -> None:
    (recipe,) = [
        code for code in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S) if "@endpoint" in code
    ]
    try:
        # As a module has it: annotations are looked up by name.
        exec(compile(recipe, "recipe", "exec"), {"__name__": "recipe"})
        found = Asker(make_api(store)).get("/api/volume", symbol="AAAUSDT")
    finally:
        ENDPOINTS.pop("/api/volume", None)
    assert found.json == {"data": [{"volume": session.traded().totals.volume}]}
