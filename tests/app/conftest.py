"""The app's extensions, loaded once; and a market to show."""

from __future__ import annotations

from pathlib import Path

import holoviews as hv
import panel as pn
import pytest

from tests.render.market import Market

hv.extension("bokeh", logo=False)
pn.extension(theme="dark")


@pytest.fixture(autouse=True)
def own_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No preset of whoever runs the tests."""
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def market() -> Market:
    return Market()
