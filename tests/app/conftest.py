"""The app's extensions, loaded once; and a market to show."""

from __future__ import annotations

import holoviews as hv
import panel as pn
import pytest

from tests.render.market import Market

hv.extension("bokeh", logo=False)
pn.extension(theme="dark")


@pytest.fixture
def market() -> Market:
    return Market()
