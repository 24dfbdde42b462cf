"""What a page tells of its controls, without a page."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from liqmap.app.controls import Controls
from liqmap.app.controls.form import Form

_MESSAGES = count(1)


def choose(controls: Controls | Form, **values: Any) -> list[str]:
    """A hand has chosen, as it comes over the wire; gives the names of what stands again where it stood."""
    form = controls if isinstance(controls, Form) else controls.form
    number = next(_MESSAGES)
    message = {"id": 0, "kind": "choose", "ask": {"count": number, "values": values}}
    form._handle_msg(json.loads(json.dumps(message)))
    refused = form.refused
    return refused["names"] if refused.get("count") == number else []


def part(controls: Controls, name: str) -> dict[str, Any]:
    """What the page has for a control."""
    parts = json.loads(controls.form.parts)
    return next(p for p in parts if p.get("name") == name or name in [o.get("name") for o in p.get("of", [])])
