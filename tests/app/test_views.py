"""Views and wiring, as Panel objects."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import panel as pn
import pytest

from liqmap.app import explore
from liqmap.app.controls import Controls
from liqmap.app.data import Data
from liqmap.app.state import State
from liqmap.app.views import Head, Heatmap, Status
from liqmap.schema import SessionError
from tests.render.market import Market


def test_controls__write_the_state_and_follow_it() -> None:
    state = State()
    controls = Controls(state=state)
    controls._widgets["half_life_s"].value = 120.0
    assert state.half_life_s == 120.0
    assert controls._presets.value == "custom"
    state.param.update(half_life_s=None, prune_s=None)
    assert controls._widgets["half_life_s"].value is None
    assert controls._presets.value == "extended market depth"
    controls._presets.value = "as transmitted"
    assert (state.half_life_s, state.prune_s) == (30.0, 0.0)
    controls._widgets["row_ticks"].value = 5
    assert state.row_ticks == 5
    controls._widgets["row_ticks"].value = 0
    assert state.row_ticks is None


def test_controls__offer_what_code_has_chosen() -> None:
    state = State(half_life_s=17.5)
    controls = Controls(state=state)
    assert controls._widgets["half_life_s"].value == 17.5
    state.prune_s = 1234.0
    assert controls._widgets["prune_s"].value == 1234.0
    values = list(controls._widgets["prune_s"].options.values())
    assert values[-1] is None
    assert values[:-1] == sorted(values[:-1])


def test_heatmap__layers_come_and_go(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)

    def kinds() -> list[str]:
        figure = hv.renderer("bokeh").get_plot(view.chart()).state
        return [type(r.glyph).__name__ for r in figure.renderers]

    assert kinds() == ["ImageRGBA", "Line", "Line", "Line", "ImageRGBA", "Scatter"]
    data.state.param.update(bbo=False, bubbles=False)
    assert kinds() == ["ImageRGBA"]


CHANGES = [{"half_life_s": 5.0}, {"prune_s": 0.0}, {"carried": 0.1}, {"log_scale": False}, {"opacity": 0.5},
           {"cutoffs": (0.0, 50.0)}]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_heatmap__is_painted_anew_for_a_choice(market: Market, change: dict) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, bbo=False, bubbles=False))
    chart = Heatmap(data=data).chart()
    plot = hv.renderer("bokeh").get_plot(chart)

    def pixels() -> np.ndarray:
        return plot.handles["source"].data["image"][0].copy()

    before = pixels()
    data.state.param.update(**change)
    assert pixels().shape == before.shape
    assert (pixels() != before).any()


def test_status__reports_the_share_of_liquidity(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    status = Status(data=data)
    assert "carried" not in status.words(None)
    hv.renderer("bokeh").get_plot(Heatmap(data=data).chart())
    words = status.words(data.shown)
    assert f"<b>{100 * data.shown.carried_share:.1f} %</b> of the liquidity shown is carried" in words
    assert "<b>6</b> spans" in words
    assert "no decay, no prune" in words
    assert "observed<br>carried" in Head(data=data)._legend(data.shown)


def test_notice__takes_the_place_of_the_picture() -> None:
    class Broken(Market):
        def spans(self, depth_limit: int | None = None):  # type: ignore[no-untyped-def]
            raise SessionError("expected <depth>, got `none`")

    body = Heatmap(data=Data(Broken()))._body
    assert "expected &lt;depth&gt;, got <code>none</code>" in body[0].object


def test_explore__is_a_panel_object_that_shows_itself(market: Market) -> None:
    app = explore(market, half_life_s=120.0, agg="last")
    assert app.state.half_life_s == 120.0
    layout = app.__panel__()
    assert isinstance(layout, pn.Column)
    assert layout.height == 760
    assert app.servable() is not None
    with pytest.raises(TypeError):
        explore(market, wrong=1)
