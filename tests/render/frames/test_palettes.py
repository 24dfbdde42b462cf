"""Themes and palettes: monotone, apart, and apart to every kind of eye."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.render.frames import palettes
from liqmap.schema import GridError

EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
"""What a colour looks like, on linear RGB: Machado, Oliveira and Fernandes 2009, severity 1."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def linear(colours: np.ndarray) -> np.ndarray:
    c = np.asarray(colours, float) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(colours: np.ndarray, eye: str = "all cones") -> np.ndarray:
    """CIELAB of sRGB colours (N, 3) as an eye sees them."""
    seen = np.clip(linear(colours) @ np.array(EYES[eye]).T, 0, 1)
    t = seen @ TO_XYZ.T / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest) -> palettes.Theme:
    return palettes.theme(request.param)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", palettes.PALETTES)
@pytest.mark.parametrize("side", [0, 1])
def test_ramp__runs_from_the_background_away_to_every_eye(
    side: int, name: str, eye: str, theme: palettes.Theme
) -> None:
    colours = palettes.ramp(side, name, theme)
    assert tuple(colours[0]) == theme.background
    lightness = lab(colours[::8], eye)[:, 0]
    away = lightness if theme.name == "dark" else -lightness
    assert (np.diff(away) > 0).all()
    assert np.ptp(lightness) > 60


@pytest.mark.parametrize("eye", EYES)
def test_default__sides_differ_at_equal_strength_to_every_eye(eye: str, theme: palettes.Theme) -> None:
    bids, asks = (lab(palettes.ramp(side, "default", theme), eye) for side in (0, 1))
    apart = np.linalg.norm(bids - asks, axis=1)
    assert apart[64:].min() > 15
    assert apart[26:].min() > 6


@pytest.mark.parametrize("eye", EYES)
def test_touch_and_bubbles__stand_out_and_differ(eye: str, theme: palettes.Theme) -> None:
    for pair in ((theme.best_bid, theme.best_ask), (theme.buy, theme.sell)):
        one, other, background = lab(np.array([*pair, theme.background]), eye)
        assert np.linalg.norm(one - other) > 15
        assert min(np.linalg.norm(c - background) for c in (one, other)) > 40


def test_default__bids_are_blue_and_asks_orange(theme: palettes.Theme) -> None:
    bids, asks = (palettes.ramp(s, "default", theme)[150].astype(int) for s in (0, 1))
    assert bids[2] > bids[0] + 60
    assert asks[0] > asks[2] + 60


def test_classic__is_one_ramp(theme: palettes.Theme) -> None:
    assert (palettes.ramp(0, "classic", theme) == palettes.ramp(1, "classic", theme)).all()


def test_words__can_be_read(theme: palettes.Theme) -> None:
    def luminance(colour: palettes.RGB) -> float:
        return float(linear(np.array(colour)) @ TO_XYZ[1])

    for ground in (theme.background, theme.panel):
        for words, least in ((theme.text, 10), (theme.muted, 4.5)):
            one, other = sorted([luminance(ground), luminance(words)])
            assert (other + 0.05) / (one + 0.05) > least


def test_theme__by_name_or_as_it_is() -> None:
    assert palettes.theme("light") is palettes.theme(palettes.LIGHT)
    with pytest.raises(GridError, match=r"^theme: expected one of \('dark', 'light'\), got 'dusk'"):
        palettes.theme("dusk")
    with pytest.raises(GridError, match=r"^palette: expected one of"):
        palettes.ramp(0, "rainbow")
