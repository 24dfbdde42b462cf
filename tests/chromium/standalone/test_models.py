"""A carry model in the standalone page: drawn, chosen, left for a half-life, and given back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.carry import CarryModel, Exponentials, Mixture, Survival
from liqmap.render.frames.colour import Look, scale_of_session
from liqmap.render.frames.share import carried_share
from liqmap.schema import CARRIED
from tests.chromium.standalone.page import DRAWN, ns, unpacked

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CURVE = Survival(["0s", "2s", "20s"], [[1.0, 0.5, 0.25], [1.0, 0.9, 0.0]], distances=[2.0], prune="1min")
MIXTURE = Mixture(
    ["1s", "10s", None], [[[0.8, 0.2, 0.0], [0.5, 0.3, 0.1]], [[0.1, 0.4, 0.5], [0.0, 0.0, 1.0]]],
    sizes=[0.5], distances=[2.0], prune="1min",
)  # fmt: skip
MODELS = [Exponentials([(0.7, "2s"), (0.3, None)], prune="1min"), CURVE, MIXTURE]


def opened(visit: Callable, session: lm.Session, path: Path, model: CarryModel, **more: Any) -> Any:
    page = visit(standalone_html(session, path, carry=model, **more).as_uri(), 700, 600).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    return page


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
@pytest.mark.parametrize("model", MODELS, ids=["exponentials", "table", "mixture"])
def test_page__draws_the_numbers_of_its_model(
    visit: Callable, session: lm.Session, tmp_path: Path, model: CarryModel, agg: str
) -> None:
    """At once, and from what is kept of the view."""
    page = opened(visit, session, tmp_path / "a.html", model, agg=agg)
    base, spans = int(page.evaluate("liqmap.meta.spans.base")), session.spans()
    page.evaluate("liqmap.rested()")
    for prune in ("1min", "10s"):
        own = _pruned(model, prune)
        page.evaluate("some => liqmap.choose(some)", {"prune": ns(prune)})
        edges, rows, *answer = page.evaluate(DRAWN)
        times, rows = np.array(edges).astype(np.int64) + base, np.array(rows)
        liquidity, state = unpacked(answer, (2, len(rows) - 1, len(times) - 1))
        prices = rows * spans.tick_size
        expected = lm.rasterize(spans, times.astype("datetime64[ns]"), prices, agg=agg, carry=own)
        np.testing.assert_array_equal(state, expected.state.values)
        assert (state == CARRIED).any()
        np.testing.assert_allclose(
            liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-12, equal_nan=True
        )
    scale = scale_of_session(spans, (session.time_range, session.price_range), agg)
    view = session.time_range, session.price_range
    drawn = page.evaluate("liqmap.picture.share")
    assert drawn == pytest.approx(
        carried_share(spans, view, _pruned(model, "10s"), agg, Look(), scale), rel=1e-5
    )


def _pruned(model: CarryModel, prune: str) -> CarryModel:
    if isinstance(model, Exponentials):
        return Exponentials([(0.7, "2s"), (0.3, None)], prune=prune)
    if isinstance(model, Mixture):
        return Mixture(["1s", "10s", None], model.shares, model.sizes, model.distances, prune=prune)
    return Survival(["0s", "2s", "20s"], CURVE.weights, distances=[2.0], prune=prune)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (MODELS[0], "carried by Exponentials(0.7 2s, 0.3 none), prune 1 min"),
        (MIXTURE, "carried by Mixture(1s, 10s, none by 2 sizes x 2 distances), prune 1 min"),
    ],
    ids=["exponentials", "mixture"],
)
def test_model__gives_way_to_a_half_life_and_comes_back(
    visit: Callable, session: lm.Session, tmp_path: Path, model: CarryModel, said: str
) -> None:
    page = opened(visit, session, tmp_path / "a.html", model)
    strip, address = page.locator("#strip"), page.url
    assert said in strip.inner_text()
    assert page.locator("#preset").input_value() == "model"
    assert page.locator("#half-life").get_attribute("aria-valuetext") == "model"
    page.locator("#half-life").focus()
    page.keyboard.press("Home")
    page.evaluate("liqmap.painted()")
    assert "half-life" in strip.inner_text()
    assert page.locator("#preset").input_value() == "custom"
    page.wait_for_timeout(300)
    assert "half_life=" in page.url
    page.reload()
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    assert "half-life" in strip.inner_text()
    page.locator("#preset").select_option("model")
    page.evaluate("liqmap.painted()")
    assert said in strip.inner_text()
    page.wait_for_timeout(300)
    assert page.url.split("#")[0] == address.split("#")[0]
    assert "half_life" not in page.url
    page.locator("#prune").focus()
    page.keyboard.press("Home")
    page.evaluate("liqmap.painted()")
    assert "as transmitted (prune 0)" in strip.inner_text()
    assert page.evaluate("liqmap.picture.share") == 0


def test_pointer__tells_what_a_model_leaves_of_a_size(
    visit: Callable, session: lm.Session, tmp_path: Path
) -> None:
    """The level that decides a carried cell of a peak: its size as last seen, times its weight."""
    model = Exponentials([(0.7, "2s"), (0.3, None)])
    page = opened(visit, session, tmp_path / "a.html", model)
    cells = page.evaluate("""async () => {
      const found = [], {left, top, width, height, time, price} = liqmap.plot()
      for (let k = 0; k < 400 && found.length < 20; k++) {
        const x = left + width * (k % 20 + 0.5) / 20, y = top + height * (k / 20 + 0.5) / 20
        const cell = await liqmap.chart.source.cell({time: time(x), price: price(y)})
        if (cell && cell.state == 2 && cell.age !== null) found.push(cell)
      }
      return found
    }""")
    assert len(cells) > 5
    for cell in cells:
        weight = float(model.weight(np.array([cell["age"]]))[0])
        assert cell["size"] == pytest.approx(cell["raw"] * weight, rel=1e-4)
