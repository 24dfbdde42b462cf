"""``python notebooks/pictures.py [NAME ...]``: the pictures of README and notebooks.

They go to data/pictures, the same wherever fonts and Chromium are the same: it takes those of the charts
that only a browser draws.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import holoviews as hv
from matplotlib.dates import DateFormatter, HourLocator

import liqmap as lm
from liqmap.render import picture
from liqmap.render.frames import palettes
from liqmap.render.frames.look import DEFAULT
from liqmap.render.png.calibration_picture import calibration_picture
from liqmap.render.png.sheet import Sheet
from liqmap.simulation import write_bybit

ROOT = Path(__file__).parents[1]
Session = lm.Session


def heatmap(session: Session, path: Path) -> None:
    """The README's, and of the first notebook."""
    picture(session, path, half_life="10min", prune=None)


def carry_forward(session: Session, path: Path) -> None:
    """Snapshots, the original algorithm with its ghosts, spans."""
    lm.fill_picture(lm.compare_fill(session), path, width=1500, height=940)


def order_flow(session: Session, path: Path) -> None:
    """Traded volume over liquidity, with delta, profile and ladder."""
    chart = lm.heatmap(
        session,
        half_life="10min",
        prune=None,
        overlays=["bbo", "bubbles"],
        panels=["delta", "profile", "ladder"],
        width=1400,
        height=620,
    )
    photograph(chart, path, 1440, 810)


def many_days(_: Session, path: Path) -> None:
    """Three days of a quiet market."""
    market = lm.simulate(
        minutes=3 * 1440, seed=3, levels=50, activity=1 / 64, interval_ms=1000, keep_truth=False
    )
    with TemporaryDirectory() as folder:
        lm.ingest(write_bybit(market, Path(folder) / "raw"), store=Path(folder) / "store")
        days = lm.open_store(Path(folder) / "store").session("bybit", "SIMUSDT")
        picture(days, path, half_life="1h", prune=None, width=1400, height=700, overlays=("bbo",))


def own_overlay(session: Session, path: Path) -> None:
    """Sweeps, as strokes from where they began to how far they went, by the notebook's own cells."""
    found = variables("05_own_overlay")
    marks = found["strokes"](found["sweeps"].head(60)).opts(line_width=4, backend="bokeh")
    chart = lm.heatmap(session, half_life="10min", prune=None, overlays=["bbo"], width=1400, height=640)
    photograph(chart * marks, path, 1440, 680)


def a_day_at_the_desk(_: Session, path: Path) -> None:
    """The day, and below it what its notebook measures, by the notebook's own cells."""
    found = variables("06_a_day_at_the_desk")
    sheet = Sheet(1500, 940, DEFAULT.colours)
    blue, orange = (palettes.css(palettes.ramp(side)[217]) for side in (0, 1))

    axes = panel(sheet, 0, "how deep", "time, UTC", "within 1 bp of the mid, SIM")
    axes.plot(found["five"], color=blue, linewidth=sheet.points(1.6))
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.xaxis.set_major_locator(HourLocator((6, 12, 18)))

    axes = panel(sheet, 1, "how soon refilled", "after a level was eaten, s", "stand again, %")
    for place, colour in (("best", blue), ("behind", orange)):
        axes.plot(100 * found["refills"][place], "o-", color=colour, label=place)
    axes.set_xscale("log")
    axes.set_xticks(found["refills"].index, found["refills"].index)

    axes = panel(sheet, 2, "how soon healed", "since a sweep began, s", "within 1 bp of the mid, SIM")
    for side, colour in (("hit", orange), ("left behind", blue)):
        axes.plot(found["resilience"][side], color=colour, linewidth=sheet.points(2.2), label=side)
    axes.axvline(0, color=palettes.css(sheet.theme.muted), linewidth=sheet.points(1), linestyle="dotted")

    axes = panel(sheet, 3, "how long believed", "out of sight, s", "at the same size, %")
    ages, half_life = found["ages"], found["half_life"]
    axes.plot(ages, 100 * 2 ** (-ages / half_life), color=orange, label=f"half-life {half_life / 60:.0f} min")
    axes.plot(found["retention"]["age"], 100 * found["retention"]["same"], "o", color=blue, label="came back")
    axes.set_xscale("log")
    for axes in sheet.figure.axes:
        axes.set_ylim(0)
        if axes.get_legend_handles_labels()[1]:
            sheet.legend(axes, "best")
    sheet.save(path)
    above = path.with_suffix(".above.png")
    picture(found["session"], above, half_life="1h", prune=None, width=1500, height=600, overlays=("bbo",))
    paste(above, path)


def which_half_life(session: Session, path: Path) -> None:
    """Half of the feed's levels judged by the other half."""
    calibration_picture(session.calibrate(view=100), path, width=1440)
    few_colours(path)


def who_pushed(_: Session, path: Path) -> None:
    """Price with its VWAP and value area, a footprint, and moves by what rested against them."""
    found, sheet = variables("09_who_pushed"), Sheet(1440, 900, DEFAULT.colours)
    draw_so_far(sheet, found)
    draw_footprint(sheet, found["shown"])
    draw_impact(sheet, found["pushes"].groupby("book", observed=True), found["impact"]["moves"])
    sheet.save(path)
    few_colours(path)


def draw_so_far(sheet: Sheet, found: dict[str, Any]) -> None:
    """Price, VWAP with its bands, the developing point of control and value area."""
    axes = titled(sheet, (28, 40), (1450, 400), "so far", "time, UTC", "USDT")
    line, price, area = found["naive"], found["price"], found["developing"]
    blue, orange = (palettes.css(palettes.ramp(side)[217]) for side in (0, 1))
    for b, alpha in ((2, 0.12), (1, 0.16)):
        edges = line[f"lower_{b}"], line[f"upper_{b}"]
        axes.fill_between(line["ts"], *edges, color=blue, alpha=alpha, linewidth=0)
    axes.plot(line["ts"], line["vwap"], color=blue, label="VWAP, 1 and 2 deviations")
    axes.step(area["ts"], area["poc"], where="post", color=orange, label="point of control as it develops")
    dotted = {"where": "post", "color": orange, "linestyle": "dotted", "linewidth": sheet.points(1.8)}
    axes.step(area["ts"], area["value_area_low"], label="value area", **dotted)
    axes.step(area["ts"], area["value_area_high"], **dotted)
    axes.plot(price["ts"], price["close"], color=palettes.css(sheet.theme.text), label="price")
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.margins(x=0)
    sheet.legend(axes, "upper left")


def draw_footprint(sheet: Sheet, cells: Any) -> None:
    """Sold x bought of each row of some minutes, bold where imbalances are stacked."""
    axes = titled(sheet, (28, 540), (640, 340), "who pushed: sold x bought by row", "minute, UTC", "USDT")
    minutes = sorted(cells["minute"].unique())
    for cell in cells.itertuples(index=False):
        x, strength = minutes.index(cell.minute), min(abs(cell.delta) / 100, 1)
        colour = palettes.css(sheet.theme.buy if cell.delta > 0 else sheet.theme.sell)
        axes.bar(x, 5, 0.96, cell.price, color=colour, alpha=0.12 + 0.75 * strength)
        style = {"ha": "center", "va": "center", "weight": "bold" if cell.stacked else "normal"}
        style |= {"fontsize": sheet.points(12.5), "color": palettes.css(sheet.theme.text)}
        axes.text(x, cell.price + 2.5, cell.text.replace("x", "×"), **style)
    axes.set_xticks(range(len(minutes)), minutes)
    axes.set_xlim(-0.5, len(minutes) - 0.5)
    axes.margins(y=0.01)


def draw_impact(sheet: Sheet, pushes: Any, slopes: Any) -> None:
    """Moves by delta, where little and much rested against it."""
    axes = titled(sheet, (830, 540), (640, 340), "against what", "delta of ten seconds, SIM", "move, USDT")
    blue, orange = (palettes.css(palettes.ramp(side)[217]) for side in (0, 1))
    for (name, some), colour in zip(pushes, (palettes.css(sheet.theme.sell), orange, blue)):
        axes.plot(some["delta"], some["move"], "o", color=colour, markersize=sheet.points(6))
        ends = some["delta"].agg(["min", "max"])
        axes.plot(
            ends, slopes[name] * ends, color=colour, label=f"{name} book: {slopes[name]:.2f} USDT a SIM"
        )
    sheet.legend(axes, "upper left")


PICTURES: dict[str, Callable[[Session, Path], None]] = {
    f.__name__: f
    for f in (
        heatmap,
        carry_forward,
        order_flow,
        many_days,
        own_overlay,
        a_day_at_the_desk,
        which_half_life,
        who_pushed,
    )
}


def variables(notebook: str) -> dict[str, Any]:
    """What the cells of a notebook leave behind."""
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text())["cells"]
    left: dict[str, Any] = {}
    with chdir(ROOT / "notebooks"):
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), left)
    return left


def panel(sheet: Sheet, place: int, title: str, x: str, y: str) -> Any:
    """One of four axes in a row below a heatmap."""
    left = 28 + 394 * place
    sheet.write(left, 678, title, 19, sheet.theme.text, weight="bold")
    axes = sheet.axes(left + 54, 700, 320, 230)
    sheet.label(axes, x, y)
    return axes


def titled(sheet: Sheet, corner: tuple[int, int], size: tuple[int, int], title: str, x: str, y: str) -> Any:
    """Axes below a title, whose upper left corner is given."""
    sheet.write(corner[0], corner[1], title, 19, sheet.theme.text, weight="bold")
    axes = sheet.axes(corner[0] + 70, corner[1] + 22, *size)
    sheet.label(axes, x, y)
    return axes


def paste(above: Path, path: Path) -> None:
    """A picture over the upper part of another."""
    from PIL import Image

    whole = Image.open(path).convert("RGB")
    whole.paste(Image.open(above).convert("RGB"), (0, 0))
    whole.save(path)
    above.unlink()


def photograph(chart: Any, path: Path, width: int, height: int) -> None:
    """What Chromium shows of a chart."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit(f"{path}: expected chromium on the PATH, got none. Install it")
    page_path = path.with_suffix(".html")
    hv.save(chart, page_path, backend="bokeh", resources="inline", title="liqmap")
    flags = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(page_path.as_uri())
        page.add_style_tag(content="body { margin: 0; background: #080c14; }")
        page.locator(".bk-Figure, .bk-GridPlot").first.wait_for()
        page.wait_for_timeout(2000)
        page.screenshot(path=path)
        browser.close()
    page_path.unlink()


def few_colours(path: Path) -> None:
    """Write a picture of lines and words again in 256 colours: a third of the bytes."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path)


def shrink(path: Path) -> None:
    """Write it again as small as it gets without a loss."""
    from PIL import Image

    image = Image.open(path)
    (image if image.mode == "P" else image.convert("RGB")).save(path, optimize=True)


def main(names: list[str]) -> None:
    """All pictures, or those named."""
    out = ROOT / "data" / "pictures"
    out.mkdir(parents=True, exist_ok=True)
    hv.extension("bokeh", logo=False)
    with TemporaryDirectory() as folder:
        lm.ingest(ROOT / "data" / "sample", store=folder, venue="bybit")
        session = lm.open_store(folder).session("bybit", "SIMUSDT")
        for name in names or PICTURES:
            path = out / f"{name}.png"
            PICTURES[name](session, path)
            shrink(path)
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
