"""The page of a calibration: what is asked at its left, the answer, its surface and its tables beside it."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import Any

import panel as pn
import param

from liqmap.app.controls.carry import FITTED_WORDS, Carry
from liqmap.app.controls.control import Choices, Control, Part, choice, part_of, refuse
from liqmap.app.controls.form import Form
from liqmap.app.controls.panel import heading
from liqmap.app.data.calibrations import Carried, carried_of
from liqmap.app.data.study import Study
from liqmap.app.state.address import served
from liqmap.app.state.options import FITTED, PAGES
from liqmap.app.style import CALIBRATION, CONTROLS
from liqmap.app.views import calibration_words as words
from liqmap.carry import HalfLife
from liqmap.render.frames.words import duration
from liqmap.schema import GridError

WIDTH = 272
TICK_MS = 300
"""How far a calibration is, is said so often."""

BACK: Part = {
    "kind": "actions", "name": "back", "label": "back", "of": [
        {"name": "picture", "label": "← back to the picture", "title": "To the picture, as it was left."},
    ],
}  # fmt: skip
RUN: Part = {
    "kind": "actions", "name": "run", "label": "calibration", "of": [
        {"name": "run", "label": "Calibrate",
         "title": "Judge every half-life and prune; it may take a minute."},
        {"name": "cancel", "label": "Cancel", "title": "No longer wait for it."},
    ],
}  # fmt: skip
ANSWER: Part = {
    "kind": "actions", "name": "answer", "label": "what to do with it", "of": [
        {"name": "use", "label": "use", "title": "Draw by that, and show the picture."},
        {"name": "default", "label": "default",
         "title": "liqmap's own half-life and prune: 30 s, 5 min."},
    ],
}  # fmt: skip
KEEP: Part = {
    "kind": "actions", "name": "keep", "label": "with the store", "of": [
        {"name": "keep", "label": "keep with the store",
         "title": "This market then opens with it, and says so."},
    ],
}  # fmt: skip


class CalibrationPage(pn.viewable.Viewer):
    """Shows a `Study`; made when somebody first goes there, as it loads what draws charts."""

    study = param.ClassSelector(class_=Study)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        study, data = self.study, self.study.data
        self._ticking: Any = None
        self._figures: list[Any] = []
        self._drawn: tuple[Any, str] | None = None
        self._carry = Carry(data.state, lambda: data.calibration)
        # Not in a thread: Panel asks HoloViews for this and that as soon as it has begun to be loaded.
        self._charts = import_module("liqmap.render.charts.calibration")
        self._charts.load()
        self.form = self._form()
        html: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0, "stylesheets": [CALIBRATION]}
        self.head, self.answer, self.tables = (pn.pane.HTML("", **html) for _ in range(3))
        self.charts = pn.Row(sizing_mode="stretch_width", margin=0, styles={"flex-wrap": "wrap"})
        study.param.watch(self._show, ["found", "busy", "notice"])
        data.param.watch(self._show, ["session", "busy", "notice", "calibration"])
        followed = ["page", "carry_by", "half_life_s", "prune_s", "view", "levels", "over", "start", "end",
                    "theme", "time_zone"]  # fmt: skip
        data.state.param.watch(self._show, followed)
        data.param.watch(self._follow, "shown")
        self._show()

    def _form(self) -> Form:
        state = self.study.data.state
        levels = Control(
            "levels", part_of("levels", "select", options=[]), lambda: state.levels, self._take_levels,
            lambda: {"options": self._levels()},
        )  # fmt: skip
        over = choice("over")(state)
        assert isinstance(over, Control)
        of = [levels, over, *self._carry.controls]
        buttons = {"back": dict, "run": self._run, "answer": self._answer, "keep": self._keep}
        shown = [
            Control(name, None, look, lambda value: refuse("calibration", "a button", value))
            for name, look in buttons.items()
        ]
        parts = [
            BACK, heading("Judge"), *(one.part for one in (levels, over)), RUN,
            heading("Carry"), *(one.part for one in self._carry.controls), ANSWER, KEEP,
        ]  # fmt: skip
        return Form(
            [part for part in parts if part is not None], [*of, *shown], self._choose, self.study.data.warn,
            self._hear, width=WIDTH, sizing_mode="stretch_height", margin=0, stylesheets=[CONTROLS],
            styles={"order": "-1"},
        )  # fmt: skip

    # ------------------------------------------------------------------ what is said of the controls

    def _levels(self) -> list[list[Any]]:
        offered = self.study.offered
        half = f"auto: half, {offered[-1]}" if offered else "auto"
        return [[half, None], *([str(n), n] for n in offered)]

    def _take_levels(self, value: Any) -> Choices:
        if value is not None and value not in self.study.offered:
            refuse("levels", f"one of {', '.join(map(str, self.study.offered))}, or auto", value)
        return {"levels": value}

    def _run(self) -> dict[str, Any]:
        busy, there = bool(self.study.busy), self.study.data.session is not None
        again = "Calibrated" if self.study.is_made else "Calibrate"
        return {
            "run": {"disabled": busy or not there or self.study.is_made, "words": again},
            "cancel": {"hidden": not busy},
        }

    def _answer(self) -> dict[str, Any]:
        found = self.study.chosen
        if found is None:
            return {"use": {"hidden": True}}
        return {"use": {"words": f"use {_use_words(carried_of(found))}"}, "default": {"words": "default"}}

    def _keep(self) -> dict[str, Any]:
        kept = self.study.is_kept
        return {"keep": {"hidden": not self.study.can_keep, "disabled": kept,
                         "words": "kept with the store" if kept else "keep with the store"}}  # fmt: skip

    # ------------------------------------------------------------------ what hands do

    def _choose(self, choices: Choices) -> None:
        self.study.data.state.param.update(**choices)

    def _hear(self, kind: str, said: dict[str, Any]) -> None:
        """A button is pressed.

        Raises
        ------
        LiqmapError : there is none of that name.
        """
        study = self.study
        does = {
            "picture": study.show_picture, "run": study.calibrate, "cancel": study.cancel, "use": study.use,
            "default": study.use_default, "keep": study.keep,
        }  # fmt: skip
        name = said.get("name")
        if kind != "press" or not (isinstance(name, str) and name in does):
            raise GridError(argument="press", expected=f"one of {', '.join(does)}", got=f"{name!r:.60}")
        does[name]()

    # ------------------------------------------------------------------ what is shown

    def _follow(self, event: Any) -> None:
        if event.new is not None:
            self._carry.follow(event.new)
            self._show()

    def _show(self, *_: Any) -> None:
        """Say and draw all that there is; while the picture is looked at, nothing."""
        if self.study.data.state.page != PAGES[1]:
            return
        self.form.show()
        self._tick()
        self.head.object = self._head()
        found, chosen, data = self.study.found, self.study.chosen, self.study.data
        there = chosen is not None and data.session is not None
        if not there:
            self.answer.object = self.tables.object = ""
            self.charts[:], self._drawn = [], None
            return
        zone = data.state.time_zone
        self._draw(chosen)
        self.answer.object = words.answer_html(chosen, self._by) + words.key_html()
        self.tables.object = words.judged_html(chosen, zone) + words.tables_html(found, chosen)

    def _head(self) -> str:
        study, data = self.study, self.study.data
        if data.busy or data.session is None:
            return f"<h1>{words.QUESTION}</h1><p>{escape(data.busy or data.notice)}</p>"
        said = words.market_html(data.session, study.times, data.state.time_zone)
        if study.busy:
            return f'{said}<p class="busy"><i></i>Judging {escape(study.busy)} …</p>'
        if study.notice:
            return f'{said}<p class="refused">{escape(study.notice)}</p>'
        return said if study.found is not None else f'{said}<p class="quiet asked">{words.ASKED}</p>'

    def _draw(self, chosen: Any) -> None:
        """The charts anew where there are others; else the cross where the sliders stand."""
        theme, carry = self.study.data.state.theme, self._by
        if self._drawn is not None and self._drawn[0] is chosen and self._drawn[1] == theme:
            self._charts.stand(self._figures, chosen, carry)
            return
        self._drawn, self._figures = (chosen, theme), self._charts.calibration_figures(chosen, theme, carry)
        for figure in self._figures:
            figure.styles = BESIDE
        self.charts[:] = [
            pn.pane.Bokeh(figure, sizing_mode="stretch_width", margin=(0, 10, 6, 0))
            for figure in self._figures
        ]

    @property
    def _by(self) -> HalfLife | None:
        """The half-life and prune that the picture has; None where it is drawn by the fitted model."""
        carry = self.study.data.carry
        return carry if isinstance(carry, HalfLife) else None

    def _tick(self) -> None:
        """Keep saying how far it is, as long as it is made."""
        busy = bool(self.study.busy)
        if busy and self._ticking is None and served():
            self._ticking = pn.state.add_periodic_callback(self.study.tick, TICK_MS)
        elif not busy and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def __panel__(self) -> pn.viewable.Viewable:
        right = pn.Column(
            self.head, self.answer, self.charts, self.tables,
            sizing_mode="stretch_both", margin=0, scroll=True, css_classes=["liqmap-calibration"],
            styles={"padding": "4px 22px 20px"},
        )  # fmt: skip
        return pn.Row(right, self.form, sizing_mode="stretch_both", margin=0)


def _use_words(carried: Carried) -> str:
    """What is drawn by once the button is pressed."""
    if carried.carry_by == FITTED:
        return f"the {FITTED_WORDS}"
    pair = (carried.half_life_s, carried.prune_s)
    return " / ".join("none" if s is None else duration(round(float(s) * 1e9)) for s in pair)


BESIDE = {"flex": "1 1 430px", "min-width": "430px"}
"""Charts that have no room beside each other stand below each other."""
