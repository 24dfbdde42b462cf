"""`standalone_html`: write the page."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

import liqmap
from liqmap.browser.carry import wired
from liqmap.browser.content import Content
from liqmap.browser.market import market_of, sizes_by_rank
from liqmap.browser.pack import DAY, Packed, pack
from liqmap.browser.panes import check_panes
from liqmap.browser.rules import layer_boxes, options
from liqmap.browser.sources import PAGE, WORKER, script, source
from liqmap.browser.tables import counted_of, layers_of, tables_of
from liqmap.browser.themes import themes
from liqmap.carry import nanoseconds, spell
from liqmap.files import check_folder, check_name, whole
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Range, instant_ns, visible
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.market import Market, check_market
from liqmap.render.frames.quiet import times_in_view
from liqmap.render.marks.drawing import OVERLAYS, Drawing
from liqmap.render.marks.overlays.trust import Ribbon
from liqmap.render.marks.registry import check_names, names, shown
from liqmap.schema import AGGREGATES, SIDES, Aggregate, GridError
from liqmap.schema.arguments import whole_number
from liqmap.schema.ranges import price_range as price_range_of
from liqmap.schema.ranges import two
from liqmap.schema.times import instant, instants

if TYPE_CHECKING:
    from liqmap.carry import Calibrated, CarryModel, Duration
    from liqmap.spans import Spans

MAX_BYTES = 25_000_000
"""Of a page, unless said otherwise."""

RESOLUTIONS = tuple(
    int(seconds * 10**9)
    for seconds in (0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
)
"""ns: what times of a session too large for a page are rounded up to."""

MOST_STRETCHES = 2_000
"""Of the ribbon of trust, 60 bytes each. Of more it has the least trusted of so many parts."""

SURROUNDINGS = 37_000
"""Bytes of a page beside the spans, the scripts and the colours, at most: layout and words."""

BYTES_A_SPAN = 2.5
"""A span takes more than this in base64: resolutions that cannot do are not tried."""


class Page(type(Path())):  # type: ignore[misc]  # a path of this system, before Python 3.12 too
    """The path of a page, with what it holds.

    resolution : ns that its times are rounded up to; None where it is exact.
    note : the same in words.
    """

    resolution: int | None = None
    note: str = ""


def standalone_html(
    session: Market,
    path: str | Path,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: Aggregate = "peak",
    overlays: Sequence[str] = OVERLAYS,
    look: Look = DEFAULT,
    price_range: tuple[float, float] | None = None,
    carry: CarryModel | Calibrated | None = None,
    max_bytes: int = MAX_BYTES,
    view: tuple[Range, tuple[float, float]] | None = None,
    stable: bool = True,
    min_trade: float = 0.0,
    panels: Sequence[str] = (),
) -> Page:
    """Write a session as a single HTML file that draws it, with no server and no network.

    The spans travel with the file, and a rasterizer in the page draws them: half-life, prune, aggregate,
    cut-offs and layers can be changed, and every zoom is exact.

    Parameters
    ----------
    path : where to write it; it appears complete or not at all.
    half_life, prune, agg : what the page opens with; see `rasterize`.
    overlays : of ``bbo``, ``mid``, ``bubbles``, ``candles``, ``trust``, ``vwap``, ``poc``, ``footprint`` and
        ``stacking``, what is shown at first. Others that are registered are left out without a word: the page
        draws with an engine of its own. Of lines along the trades it has 8,000 times at most, and says how
        far apart they are; a footprint it counts itself, where it has the trades as they were; stacking comes
        with it only if it is named, as its cells (40,000 at most) take some 100 kB.
    look : theme, palette, cut-offs and strengths of the colours at first.
    price_range : quote currency, the prices of the whole; default where the touch went plus one window.
    carry : a `HalfLife`, `Exponentials`, `Mixture` or `Survival` instead of half-life and prune. The page's
        prune goes on from the model's; a half-life that is chosen there takes over from it, and the preset
        ``model`` gives it back.
    max_bytes : what the file may take.
    view : ((begin, end), (low, high)) in view at first, times as everywhere; default the whole, without quiet
        ends that the session was not opened with.
    stable : whether the scale of colours is that of the whole session at first, not of what is in view.
    min_trade : the smallest trade drawn at first, base units.
    panels : measures of the book, such as ``imbalance@5``, each a pane below: see `Session.sample`. Of its
        shortest step a pane has 4,000 instants, some 30 kB; where a view would show finer ones it says so.
        A page has no other panels.

    Returns
    -------
    The path, with ``resolution`` and ``note``. A session whose spans would not fit is written as of a feed
    that speaks at whole multiples of ``resolution`` only: from each multiple to the next every
    level has the size that it had there, so what lasted less may be missing (`Content.at`).

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune or aggregate, a carry
    model of another class, too little room. LiqmapError : no such directory.
    """
    check_market(session)
    path = check_folder(path)
    in_page = tuple(o.name for o in shown(check_names("overlays", overlays, names())) if o.in_page)
    given = {"half_life": half_life, "prune": prune, "carry": carry, "agg": agg, "overlays": in_page}
    drawing = Drawing.of(
        {**given, "look": look, "price_range": price_range, "stable": stable, "min_trade": min_trade},
        markets=[session],
    )
    drawing.check_view()
    check_name(path, ".html", ".htm")
    panes = check_panes(panels)
    max_bytes = whole_number(max_bytes, "max_bytes")
    model = drawing.carry
    carried_by = wired(model)
    if agg not in AGGREGATES:
        raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=repr(agg))
    spans, times = session.spans(), visible(session.time_range)
    prices = session.price_range if price_range is None else price_range
    begin, end = map(instant_ns, times)
    at_first = times_in_view(session), (float(prices[0]), float(prices[1]))
    opened = _asked(at_first if view is None else view, times)
    base = begin // DAY * DAY
    trust = _trust(session, begin, end, base)
    tables = tables_of(session, panes, begin, end, base, at_first[1] if "stacking" in in_page else None)
    beside = len(_json([themes(look), trust, tables.header])) + tables.base64_bytes
    content = Content.of(session, spans, times, model.by_distance)
    packed, resolution = _fitting(content, base, max_bytes, beside)
    counted = None if resolution else counted_of(session, content.trades, base)
    note = _note(packed, resolution)
    meta = {
        "spans": packed.header,
        "view": [begin - base, end - base, *map(float, prices)],
        "opened": _opened(opened, times, base),
        "last": max(spans.last - base, 0),
        "choice": _choice(drawing, carried_by, layers := layers_of(tables.header, counted)),
        "layers": layers,
        "tables": tables.header,
        "footprint": counted,
        "source": f"{_source(spans)} · {note}",
        "sizes": sizes_by_rank(session),
        "themes": themes(look),
        "trust": trust,
        **market_of(spans),
    }
    text = _assembled(session, spans, (packed, tables), meta)
    with whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    page = Page(path)
    page.resolution, page.note = resolution, note
    return page


def _trust(session: Market, begin: int, end: int, base: int) -> dict[str, list[int]] | None:
    """How far the book can be trusted, times as the page has them; None where nothing tells."""
    ribbon = Ribbon.of(session)
    if len(ribbon.start) > MOST_STRETCHES:
        ribbon = ribbon.between(begin, end, MOST_STRETCHES)
    if not len(ribbon.start):
        return None
    times = {"start": (ribbon.start - base).tolist(), "end": (ribbon.end - base).tolist()}
    return times | {name: getattr(ribbon, name).tolist() for name in ("state", "levels", "beyond", "doubted")}


def _opened(view: tuple[tuple[int, int], tuple[float, float]], times: Range, base: int) -> list[float]:
    """A view as the page has it, ns since its base and quote currency; of its time what the page has."""
    first, last = map(instant_ns, times)
    begin, end = max(view[0][0], first), min(view[0][1], last)
    if begin >= end:
        begin, end = first, last
    return [begin - base, end - base, *view[1]]


def _asked(view: Any, times: Range) -> tuple[tuple[int, int], tuple[float, float]]:
    """Times (ns) and prices of a view as users give it.

    Raises
    ------
    GridError : no such pairs, or times of no certain unit.
    """
    pair = two(view)
    if pair is None or (ends := two(pair[0])) is None:
        raise GridError(argument="view", expected="((begin, end), (low, high))", got=f"{view!r:.80}")
    first, last = map(instant_ns, times)
    if all(isinstance(t, (int, np.integer)) for t in ends):
        begin, end = instants(list(ends), "view").tolist()
    else:
        found = [instant(t, "view", (first, last), ends=k == 1, error=GridError) for k, t in enumerate(ends)]
        begin, end = (t if t is not None else whole for t, whole in zip(found, (first, last)))
    return (begin, end), price_range_of(pair[1], "view")


def _choice(drawing: Drawing, carried_by: dict[str, Any] | None, layers: Sequence[str]) -> dict[str, Any]:
    """What the controls say at first; of a model its prune is a choice like that of a half-life."""
    look, overlays, attrs = drawing.look, drawing.overlays, drawing.carry.attrs()
    return {
        "halfLife": nanoseconds(attrs["half_life"]), "prune": nanoseconds(attrs["prune"]),
        "carry": carried_by, "agg": drawing.agg,
        "cutoffs": look.cutoffs, "limits": look.limits, "scaling": look.scaling, "carried": look.carried,
        "carriedShown": look.carried_shown, "minSize": look.min_size, "palette": look.palette,
        "opacity": look.opacity, "theme": look.colours.name, "bids": look.bids, "asks": look.asks,
        "stable": drawing.stable, "rowTicks": drawing.row_ticks, "timeZone": drawing.time_zone, "tool": "pan",
        "minTrade": drawing.min_trade,
    } | {name: name in overlays for name in layers}  # fmt: skip


def _fitting(content: Content, base: int, max_bytes: int, beside: int) -> tuple[Packed, int | None]:
    """The content packed, at the finest resolution that fits."""
    room = max_bytes - len(script(WORKER) + script(PAGE)) - SURROUNDINGS - beside
    for resolution in (None, *RESOLUTIONS):
        coarse = content if resolution is None else content.at(resolution)
        if len(coarse) * BYTES_A_SPAN <= room:
            packed = pack(coarse, base)
            if packed.base64_bytes <= room:
                return packed, resolution
    raise GridError(
        argument="max_bytes",
        expected=f"room for {len(coarse):,} spans, which there are at {spell(RESOLUTIONS[-1])}",
        got=f"{max_bytes:,}",
        remedy="Open the session with a shorter time range",
    )


def _note(packed: Packed, resolution: int | None) -> str:
    columns = {column["name"]: column for column in packed.header["columns"]}
    spans = f"{sum(columns[f'{side}.size']['count'] for side in SIDES):,} spans"
    if resolution is None:
        return f"{spans}, exact to {labels.duration(packed.header['unit'])}"
    return (
        f"{spans} at a resolution of {labels.duration(resolution)}: changes wait for its next multiple, "
        "and what lasted less may be missing; trades are joined, so there is no footprint"
    )


def _source(spans: Spans) -> str:
    names = [source.name for source in spans.meta.sources]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"liqmap {liqmap.__version__}" + (f" from {shown}" if shown else "")


def _assembled(session: Market, spans: Spans, packed: tuple[Packed, Packed], meta: dict[str, Any]) -> str:
    market = labels.market(spans.meta)
    return Template(source("page/page.html")).substitute(
        version=liqmap.__version__,
        title=html.escape(f"{market} - liqmap"),
        market=html.escape(market),
        times=html.escape(labels.span_words(*session.time_range)),
        css="".join(map(source, ("page/page.css", "chart/chart.css", "panels/panels.css"))),
        **options(),
        layers=layer_boxes(meta["layers"]),
        meta=_json(meta).replace("<", "\\u003c"),
        data=base64.b64encode(packed[0].data).decode(),
        tables=base64.b64encode(packed[1].data).decode(),
        worker=script(WORKER),
        script=script(PAGE),
    )


def _json(meta: Any) -> str:
    """Without NaN and infinities, which are no JSON."""
    return json.dumps(meta, separators=(",", ":"), default=_number, allow_nan=False)


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"expected a number, got {type(value).__name__}")
