"""Each control does what its label promises: asserted on what the browser draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chromium.drawn import (
    FIGURES,
    Image,
    choose,
    css,
    figures,
    image,
    painted,
    press,
    settled,
    slider,
    slider_words,
)
from tests.chromium.drawn import panel as panel_drawn

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Once the browser has drawn."""

LINK = "?half_life=10s&prune=none&layers=none&stable=on"
"""The picture that controls are tried on: much is carried, and nothing lies over it."""


class Page:
    """The page, and hands to use its controls."""

    def __init__(self, page: Any) -> None:
        self.page, self.link = page, page.url
        self.first = settled(page)
        self.image = image(page)

    def press(self, *labels: str) -> None:
        press(self.page, *labels)

    def slide(self, label: str, *keys: str) -> None:
        slider(self.page, label).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def changed(self) -> Image:
        """The image once it is another than at first."""
        settled(self.page, unlike=self.first)
        return image(self.page)

    @contextmanager
    def undone(self, undo: Callable[[], Any]) -> Iterator[None]:
        """Afterwards the control is put back, and the picture is as it was."""
        try:
            yield
        except BaseException:
            self.again()
            raise
        undo()
        for _ in range(6):
            settled(self.page)
            if image(self.page).same_as(self.image):
                return
        self.again()
        raise AssertionError("the picture is not as it was")

    def again(self) -> None:
        """Open the page anew."""
        self.page.goto(self.link)
        settled(self.page)


@pytest.fixture(scope="module")
def page(module_visit: Callable, app: str) -> Page:
    return Page(module_visit(app + LINK).page)


def fading(now: Image) -> float:
    """Share of the rows lit to the right that are less bright at their end than a quarter before."""
    bright = now.rgba[..., :3].max(axis=-1).astype(int)
    columns = bright.shape[1]
    begin, end = bright[:, columns * 3 // 4], bright[:, columns - 3]
    rows = (begin > 60) & (end > 0)
    return float((end < begin)[rows].mean())


def test_half_life__none_stops_the_fading(page: Page) -> None:
    assert fading(page.image) > 0.5
    with page.undone(lambda: page.slide("half-life", "Home", *["ArrowRight"] * 5)):
        page.slide("half-life", "End")
        now = page.changed()
        assert now.lit.sum() > 1.3 * page.image.lit.sum()
        assert fading(now) < 0.5 * fading(page.image)
        assert "no decay" in page.page.locator(".strip").inner_text()


def test_prune__zero_leaves_what_is_observed(page: Page) -> None:
    with page.undone(lambda: page.slide("prune", "End")):
        page.slide("prune", "Home")
        now = page.changed()
        assert not (now.lit & ~page.image.lit).any()
        assert now.lit.sum() < 0.9 * page.image.lit.sum()
        assert page.page.locator(".strip b").first.inner_text() == "0.0 %"


def test_view__as_transmitted_is_prune_zero(page: Page) -> None:
    with page.undone(lambda: page.press("carried")):
        page.press("as transmitted")
        now = page.changed()
        assert not (now.lit & ~page.image.lit).any()
        assert page.page.locator(".strip b").first.inner_text() == "0.0 %"


@pytest.mark.parametrize(
    ("side", "colour", "other"), [("bids", "blue", "orange"), ("asks", "orange", "blue")]
)
def test_side__off_leaves_none_of_its_colour(page: Page, side: str, colour: str, other: str) -> None:
    assert getattr(page.image, colour).sum() > 5000
    with page.undone(lambda: page.press(side)):
        page.press(side)
        now = page.changed()
        assert getattr(now, colour).sum() == 0
        assert getattr(now, other).sum() >= getattr(page.image, other).sum()


def type_in(page: Page, label: str, text: str) -> None:
    box = page.page.locator(f'input[aria-label="{label}"]')
    box.fill(text)
    box.press("Enter")


def test_smallest_size__leaves_the_small_dark(page: Page) -> None:
    with page.undone(lambda: type_in(page, "smallest size", "0")):
        type_in(page, "smallest size", "5")
        now = page.changed()
        assert not (now.lit & ~page.image.lit).any()
        assert 0 < now.lit.sum() < 0.7 * page.image.lit.sum()


def test_cutoffs__by_percentile(page: Page) -> None:
    with page.undone(page.again):
        page.slide("cut-offs, from", "End")
        now = page.changed()
        assert 0 < now.lit.sum() < 0.1 * page.image.lit.sum()


def test_cutoffs__say_the_sizes_of_the_legend(page: Page) -> None:
    """Also where the handles stay where they are, and only what they mean is another."""
    label = slider_words(page.page, "cut-offs")
    with page.undone(lambda: page.press("peak")):
        page.press("last")
        page.changed()
        page.page.wait_for_timeout(1000)
        low, high = (end.split()[0] for end in label.inner_text().removeprefix("cut-offs: ").split(" .. "))
        shown = page.page.locator(".legend .bar p span").all_inner_texts()
        assert (low, high) == (shown[0], shown[2])


def test_cutoffs__by_size(page: Page) -> None:
    with page.undone(lambda: type_in(page, "cut-offs, size", "")):
        type_in(page, "cut-offs, size", "0.0001 0.0002")
        now = page.changed()
        bright = now.rgba[..., :3].max(axis=-1)
        assert (bright[now.lit] > 150).mean() > 0.95
        assert "0.0002" in page.page.locator(".legend").inner_text()


def test_row__more_ticks_are_fewer_rows(page: Page) -> None:
    rows = len(page.image.rgba)
    with page.undone(lambda: choose(page.page, "row", "auto")):
        choose(page.page, "row", "100 ticks")
        now = page.changed()
        assert len(now.rgba) < rows / 5
        assert "cell 10 USDT" in page.page.locator(".strip").inner_text()


def test_aggregate__others_than_peak_are_drawn(page: Page) -> None:
    with page.undone(lambda: page.press("peak")):
        page.press("last")
        last = page.changed()
        assert last.rgba.shape == page.image.rgba.shape
        before = settled(page.page)
        page.press("mean")
        settled(page.page, unlike=before)
        assert " a tick" in page.page.locator(".legend").inner_text()


def test_opacity__is_that_of_the_pixels(page: Page) -> None:
    with page.undone(lambda: page.slide("opacity", "End")):
        page.slide("opacity", "Home", *["ArrowRight"] * 10)
        now = page.changed()
        alpha = now.rgba[..., 3]
        assert set(np.unique(alpha)) == {0, 128}
        assert ((alpha > 0) == (page.image.rgba[..., 3] > 0)).all()


@pytest.mark.parametrize("scaling", ["linear", "equalised"])
def test_scaling__lights_other_shares(page: Page, scaling: str) -> None:
    with page.undone(lambda: page.press("log")):
        page.press(scaling)
        now = page.changed()
        mean = [i.rgba[..., :3][i.lit].mean() for i in (page.image, now)]
        assert (mean[1] < mean[0]) == (scaling == "linear")


def test_carried__hidden(page: Page) -> None:
    with page.undone(lambda: page.press("fade")):
        page.press("hide")
        hidden = page.changed()
        assert not (hidden.lit & ~page.image.lit).any()
        assert hidden.lit.sum() < 0.9 * page.image.lit.sum()


def test_carried__in_outline_has_a_tone_of_its_own(page: Page) -> None:
    with page.undone(lambda: page.press("fade")):
        page.press("outline")
        now = page.changed()
        assert now.rgba.shape == page.image.rgba.shape
        other = (now.rgba != page.image.rgba).any(axis=-1)
        assert other.sum() > 1000
        assert now.rgba[other][:, :3].max() < 140  # calm, whatever its size


def test_strength__of_carried(page: Page) -> None:
    with page.undone(lambda: page.slide("strength of carried", "Home", *["ArrowRight"] * 36)):
        page.slide("strength of carried", "Home")
        now = page.changed()
        assert now.lit.sum() < 0.9 * page.image.lit.sum()


def test_palette__classic_has_one_ramp(page: Page) -> None:
    with page.undone(lambda: choose(page.page, "palette", "default")):
        choose(page.page, "palette", "classic")
        now = page.changed()
        assert now.rgba.shape == page.image.rgba.shape
        asks = page.image.orange
        assert (now.blue[asks]).mean() > 0.3  # small sizes of asks are blue too


def test_theme__light(page: Page, out: Path) -> None:
    with page.undone(lambda: page.press("dark")):
        page.press("light")
        now = page.changed()
        assert figures(page.page)[0]["background"] == "#fcfdfe"
        strong = page.image.rgba[..., :3].max(axis=-1) > 200
        if now.rgba.shape == page.image.rgba.shape:  # what shone is dark now
            assert now.rgba[..., :3][strong].min(axis=-1).mean() < 100
        page.page.screenshot(path=out / "app-light.png")


LAYERS = {
    "bbo": ("best-bid", "best-ask"), "mid": ("mid",), "bubbles": ("buy", "sell"), "candles": ("up", "down"),
}  # fmt: skip
"""The colours that each brings."""
PANELS = {"delta": "delta", "profile": "volume", "ladder": "book", "imbalance@5": "imbalance@5"}
MARKS = f"() => ({FIGURES})()[0].marks"


@pytest.mark.parametrize("layer", LAYERS)
def test_layer__appears_and_disappears(page: Page, layer: str) -> None:
    def drawn() -> list[int]:
        lines = painted(page.page, "lines")
        return [int(lines.of(*css(page.page, colour)).sum()) for colour in LAYERS[layer]]

    assert figures(page.page)[0]["marks"] == []
    before = drawn()
    with page.undone(lambda: page.press(layer)):
        page.press(layer)
        page.page.wait_for_function(f"name => ({MARKS})().includes(name)", arg=layer)
        page.page.evaluate(FRAME)
        assert all(now > then + 50 for now, then in zip(drawn(), before))
    page.page.wait_for_function(f"() => ({MARKS})().length == 0")
    assert drawn() == before


@pytest.mark.parametrize("panel", PANELS)
def test_panel__appears_and_disappears(page: Page, panel: str) -> None:
    assert len(figures(page.page)) == 1
    with page.undone(lambda: page.press(panel)):
        page.press(panel)
        page.page.wait_for_function(f"() => ({FIGURES})().length == 2 && ({FIGURES})()[1].marks.length")
        page.page.evaluate(FRAME)
        heat, other = figures(page.page)
        assert (heat["kind"], other["kind"]) == ("heatmap", "panel")
        assert any(PANELS[panel] in label for label in other["labels"])
        axis = ("start", "end") if panel in ("delta", "imbalance@5") else ("low", "high")
        for a in axis:  # to a thousandth of what is in view, which is a pixel
            assert other[a] == pytest.approx(heat[a], abs=1e-3 * (heat[axis[1]] - heat[axis[0]]))
        ink = panel_drawn(page.page, panel)
        colours = np.unique(ink.rgba[ink.rgba[..., 3] == 255], axis=0)
        assert len(colours) > 3
    page.page.wait_for_function(f"() => ({FIGURES})().length == 1")


@pytest.mark.parametrize(
    ("layer", "words"), [("vwap", "VWAP since"), ("poc", "POC since"), ("footprint", "footprint, "),
                         ("stacking", "bids stacked")],
)  # fmt: skip
def test_layer_of_python__is_drawn_and_named(page: Page, layer: str, words: str) -> None:
    def inked() -> int:
        return int((painted(page.page, "lines").rgba[..., 3] > 0).sum())

    before = inked()
    with page.undone(lambda: page.press(layer)):
        page.press(layer)
        page.page.wait_for_function(f"name => ({MARKS})().includes(name)", arg=layer)
        page.page.locator(".legend", has_text=words).wait_for(state="attached", timeout=30_000)
        for _ in range(150):  # its shapes are on their way
            if inked() > before + 100:
                break
            page.page.wait_for_timeout(200)
        assert inked() > before + 100
    page.page.wait_for_function(f"() => ({MARKS})().length == 0")


def test_measures__are_typed_and_a_wrong_name_is_answered_with_the_nearest(page: Page) -> None:
    field = page.page.get_by_role("textbox", name="measures")
    with page.undone(lambda: (field.fill(""), field.press("Enter"))):
        field.fill("spread_bps, depth@10bps")
        field.press("Enter")
        page.page.wait_for_function(f"() => ({FIGURES})().filter(one => one.marks.length).length >= 2")
        labels = {label for figure in figures(page.page)[1:] for label in figure["labels"]}
        assert any("spread_bps" in label for label in labels)
        field.fill("spread_bps, depht@10bps")
        field.press("Enter")
        page.page.get_by_text("Did you mean 'depth@10bps'").wait_for()
        assert field.input_value() == "spread_bps, depth@10bps"
        page.page.get_by_role("button", name="Close").click()
    page.page.wait_for_function(f"() => ({FIGURES})().length == 1")


def test_time_zone__is_that_of_axes_and_words(page: Page) -> None:
    assert "time, UTC" in figures(page.page)[0]["labels"]
    with page.undone(lambda: page.page.locator("select", has_text="Asia/Tokyo").select_option(label="UTC")):
        page.page.locator("select", has_text="Asia/Tokyo").select_option(label="Asia/Tokyo")
        page.page.wait_for_function(f"() => ({FIGURES})()[0].labels.includes('time, Asia/Tokyo')")
        page.page.locator(".range", has_text="09:00:00 – 09:0").wait_for()


def test_preset__sets_half_life_and_prune(page: Page) -> None:
    def undo() -> None:
        page.slide("half-life", "Home", *["ArrowRight"] * 5)
        page.slide("prune", "End")

    with page.undone(undo):
        choose(page.page, "preset", "extended market depth")
        page.changed()
        titles = [slider_words(page.page, label).inner_text() for label in ("half-life", "prune")]
        assert titles == ["half-life: none", "prune: none"]
