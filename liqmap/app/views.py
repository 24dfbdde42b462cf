"""What is shown: picture, notice, header, status strip. Presentation only."""

from __future__ import annotations

from html import escape
from typing import Any

import holoviews as hv
import panel as pn
import param

from liqmap.carry import HalfLife
from liqmap.render import labels, liquidity
from liqmap.render.chart import bubble_points, frame_options, picture_options, touch_lines
from liqmap.render.colour import css_gradient

from .data import Data, duration
from .style import HEAD, LEGEND, NOTICE, SELECT, STATUS


class Heatmap(pn.viewable.Viewer):
    """The chart of the session; a choice paints it anew, another session builds it anew."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        state = self.data.state
        self.data.param.watch(self._build, ["session", "notice"])
        state.param.watch(self._build, ["bbo", "bubbles"])
        self._build()

    def _build(self, *_: Any) -> None:
        if self.data.notice or self.data.session is None:
            words = escape(self.data.notice).replace("\n\n", "<br><br>")
            parts = words.split("`")
            words = "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(parts))
            note = pn.pane.HTML(
                f'<div class="notice">{words}</div>', stylesheets=[NOTICE], sizing_mode="stretch_both"
            )
            self._body[:] = [note]
            return
        pane = pn.pane.HoloViews(
            self.chart(), sizing_mode="stretch_both", linked_axes=False, margin=(0, 8, 0, 12)
        )
        self._body[:] = [pane]

    def chart(self) -> Any:
        """The chart, linked to the state."""
        data, state, session = self.data, self.data.state, self.data.session
        meta = session.spans().meta
        image = liquidity(
            data.element,
            half_life=param.bind(duration, state.param.half_life_s),
            prune=param.bind(duration, state.param.prune_s),
            agg=state.param.agg,
            row_ticks=state.param.row_ticks,
            cutoffs=state.param.cutoffs,
            scaling=param.bind(lambda log: "log" if log else "linear", state.param.log_scale),
            carried=state.param.carried,
            opacity=state.param.opacity,
            seen=data.seen,
        )
        chart = picture_options(image, meta)
        if state.bbo:
            chart = chart * touch_lines(session.spans(), session.time_range)
        if state.bubbles:
            chart = chart * bubble_points(session)
        chart = frame_options(chart, meta, session.time_range, session.price_range, "", None, 400, bars=None)
        kind = hv.opts.Overlay if state.bbo or state.bubbles else hv.opts.RGB
        return chart.opts(kind(height=None, responsive=True, backend="bokeh"))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._body


class Head(pn.viewable.Viewer):
    """Name, session picker, the time shown."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        data = self.data
        self._pick = pn.widgets.Select(stylesheets=[SELECT], options=data.markets, width=290, margin=(11, 12))
        if data.markets:
            self._pick.value = data.state.market
        self._pick.param.watch(self._choose, "value")
        data.state.param.watch(lambda event: self._pick.param.update(value=event.new), "market")
        data.param.watch(lambda event: self._pick.param.update(options=event.new), "markets")

    def _choose(self, event: Any) -> None:
        if event.new:
            self.data.state.market = event.new

    def _words(self, session: Any) -> str:
        if session is None:
            return ""
        return f'<span style="color:#8a96ac">{escape(labels.span_words(*session.time_range))}</span>'

    def __panel__(self) -> pn.viewable.Viewable:
        name = '<span style="font-size:20px;font-weight:700;letter-spacing:.3px">liqmap</span>'
        return pn.Row(
            pn.pane.HTML(name, margin=(14, 12, 8, 16), width=76),
            self._pick,
            pn.pane.HTML(pn.bind(self._words, self.data.param.session), margin=(18, 8)),
            pn.layout.HSpacer(),
            pn.pane.HTML(pn.bind(self._legend, self.data.param.shown), margin=(7, 20), stylesheets=[LEGEND]),
            sizing_mode="stretch_width",
            height=58,
            margin=0,
            styles={"order": "-1"},
            stylesheets=[HEAD],
        )

    def _legend(self, shown: Any) -> str:
        """Colour bars with the sizes of the picture in view."""
        if shown is None or self.data.session is None:
            return ""
        look, unit = self.data.look, labels.size_unit(self.data.session.spans().meta) + shown.per
        sizes = "".join(f"<span>{labels.short(s)}</span>" for s in shown.scale.size([0.0, 0.5, 1.0]))
        bars = "".join(
            f'<div class="bar">{name}, {escape(unit)}'
            + "".join(f'<div style="background: {css_gradient(look, side, c)}"></div>' for c in (False, True))
            + f"<p>{sizes}</p></div>"
            for side, name in enumerate(("bids", "asks"))
        )
        return f'<div class="legend"><div class="states">observed<br>carried</div>{bars}</div>'


class Status(pn.viewable.Viewer):
    """Numbers about the picture: what share of the liquidity shown is carried, spans, cell."""

    data = param.ClassSelector(class_=Data)

    def words(self, shown: Any) -> str:
        """The strip, as HTML."""
        session = self.data.session
        if shown is None or session is None:
            return '<div class="strip">&nbsp;</div>'
        state, meta = self.data.state, session.spans().meta
        carry = labels.carry_words(HalfLife(duration(state.half_life_s), duration(state.prune_s)))
        column = labels.duration(round(shown.column_s * 1e9))
        parts = (
            f"<b>{100 * shown.carried_share:.1f} %</b> of the liquidity shown is carried",
            f"<b>{shown.spans:,}</b> spans",
            f"cell <b>{shown.row:g} {labels.price_unit(meta)}</b> × <b>{column}</b>",
            carry,
        )
        return '<div class="strip">' + "".join(f"<span>{p}</span>" for p in parts) + "</div>"

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.pane.HTML(
            pn.bind(self.words, self.data.param.shown),
            sizing_mode="stretch_width", height=32, margin=0, stylesheets=[STATUS],
        )  # fmt: skip
