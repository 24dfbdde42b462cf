"""Every control has a label and a one-line explanation, in the page as it is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bokeh.models import Widget

from liqmap.app import explore
from liqmap.app.controls import Controls
from liqmap.app.state.state import State
from tests.render.market import Market

PARTS = ("title", "label")


@pytest.fixture(scope="module")
def page() -> Any:
    return explore(Market(), panels=["delta"]).__panel__().get_root()


def parents(page: Any) -> dict[Any, Any]:
    found = {}
    for model in page.references():
        for child in getattr(model, "children", []):
            found[child] = model
    return found


def explanation(model: Any, above: dict[Any, Any]) -> str:
    """That of the widget, or of the row that it stands in."""
    own = model.html_attributes.get("title") or getattr(model, "description", None)
    if own:
        return own if isinstance(own, str) else "a tooltip of its own"
    return above[model].html_attributes.get("title", "") if model in above else ""


def widgets(page: Any) -> list[Any]:
    return [m for m in page.references() if isinstance(m, Widget) and m.visible and _is_control(m)]


def _is_control(model: Any) -> bool:
    return hasattr(model, "value") or hasattr(model, "active") or hasattr(model, "label")


def described(page: Any) -> list[dict[str, Any]]:
    """What the engine makes controls of, each by itself."""
    forms = [m for m in page.references() if "parts" in getattr(m, "data", page).properties()]
    parts = [part for form in forms for part in json.loads(form.data.parts)]
    chosen = [part for part in parts if part["kind"] not in ("heading", "gap")]
    each = [one for part in chosen for one in part.get("of", [part])]
    return [one | {"label": one.get("label", one["name"])} for one in each]


def test_controls__have_an_explanation_of_one_line(page: Any) -> None:
    above, found, made = parents(page), widgets(page), described(page)
    assert len(found) + len(made) > 25
    assert [m for m in found if not explanation(m, above)] == []
    lines = {explanation(m, above) for m in found} | {one["title"] for one in made}
    assert [line for line in lines if not 8 < len(line) <= 120 or "\n" in line] == []
    assert len(lines) > 20


def test_controls__have_a_label(page: Any) -> None:
    above = parents(page)
    for model in widgets(page):
        own = [getattr(model, part, None) for part in PARTS] + [model.html_attributes.get("aria-label")]
        row = above[model].html_attributes.get("aria-label") if model in above else None
        placeholder = getattr(model, "placeholder", "")
        assert any(own) or row or placeholder, model
    assert all(one["label"] for one in described(page))


@pytest.mark.parametrize("name", [n for n in Controls(state=State()).form.values if n in State.param])
def test_state__says_what_a_choice_is_for(name: str) -> None:
    doc = State.param[name].doc
    assert doc.endswith(".")
    assert "None" not in doc
