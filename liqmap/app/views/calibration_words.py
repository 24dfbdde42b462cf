"""A calibration in words and tables, as HTML: for a reader who has to be convinced."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.standing import standing
from liqmap.analytics.calibration.words import beyond_sentence
from liqmap.render.frames import words as labels
from liqmap.render.frames.words import duration

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.analytics.calibration import Calibration
    from liqmap.app.data.calibrating import Calibrated
    from liqmap.carry import HalfLife

QUESTION = "Which half-life and prune fit this market?"

ASKED = (
    "The feed is replayed as if it had fewer levels a side. What it would still carry is compared, once a "
    "second, with what its own deeper levels show at the same prices: error 0 is the truth, 1 an empty "
    "picture."
)

FITTED = (
    '<p class="quiet">"use" draws the picture by the fitted model; half-life and prune stay one click away, '
    "beside the picture.</p>"
)
"""Said where that is recommended."""

BY_MODEL = "The picture is drawn by the fitted model, which stands at no half-life of the surface{}."

CROSS = '<i class="cross">✕</i> '

KEY = (
    '<i class="ring"></i> best', '<i class="dot"></i> as good: the data cannot tell it from the best',
    '<i class="cross">✕</i> where the sliders stand',
)  # fmt: skip

Cell = tuple[str, bool]
"""Words, and whether they are a number."""


def answer_html(found: Calibration, carry: HalfLife | None) -> str:
    """The answer, and what the sliders are worth beside it; None where the fitted model draws."""
    return (
        f'<p class="answer">{escape(found.sentence.replace("`", ""))}</p>'
        f"{FITTED if getattr(found, 'recommended', False) else ''}"
        f'<p class="now">{CROSS if carry is not None else ""}{escape(sliders_words(found, carry))}</p>'
    )


def sliders_words(found: Calibration, carry: HalfLife | None) -> str:
    """What a half-life and prune are worth, as far as the surface says; of the fitted model what it is."""
    if carry is None:
        late = f": on the second part of the time it is wrong by {found.late:.2f}"
        return BY_MODEL.format(late if np.isfinite(found.late) else "")
    at, best = standing(found, carry), found.best.error
    where = f"The sliders stand at {labels.carry_words(carry)}:"
    if carry.prune_ns == 0:
        return f"{where} nothing is carried, an error of 1.00, {1 - best:.2f} more than the best."
    if not at.is_point:
        between = f"{at.low:.2f} and {at.high:.2f}" if at.high - at.low >= 0.005 else f"about {at.low:.2f}"
        return f"{where} among points of the surface whose errors are {between}; the best is {best:.2f}."
    if at.is_flat:
        return f"{where} an error of {at.low:.2f}, as good as the best as far as the data can tell."
    return f"{where} an error of {at.low:.2f}, {at.low - best:.2f} more than the best."


def market_html(session: Any, times: tuple[np.datetime64, np.datetime64], zone: str) -> str:
    """Market and time, in words."""
    market = labels.market(session.spans().meta)
    return (
        f'<h1>{QUESTION}</h1><p class="market"><b>{escape(market)}</b>'
        f'<span class="times">{escape(labels.span_words(*times, zone))}</span></p>'
    )


def judged_html(found: Calibration, zone: str) -> str:
    """What the answer rests on."""
    begin, end = np.array(found.time_range).view("datetime64[ns]")
    block = f"{found.block * 1e-9:.3g} s"
    return (
        f'<p class="quiet">{escape(ASKED)} Here {found.view or "all"} levels are judged by '
        f"{found.depth or 'the whole book'}: {found.levels:,} carried levels, every "
        f"{duration(found.every)}, {escape(labels.span_words(begin, end, zone))}. Intervals are "
        f"{found.level:.0%}, by a bootstrap over blocks of {block}.</p>"
    )


def key_html() -> str:
    """What the marks of the surface mean."""
    return '<p class="key">' + "".join(f"<span>{one}</span>" for one in KEY) + "</p>"


def tables_html(found: Calibrated, chosen: Calibration) -> str:
    """By number of levels, beside other models, and whether weights are probabilities."""
    blocks = (
        ("By number of levels", _views(found.views, chosen),
         beyond_sentence(found.beyond)
         or "Beyond its own window a feed has no truth: see where the answer goes with the depth."),
        ("Beside other ways to carry", _models(chosen),
         "A half-life that beats none of these has learnt nothing. Second part: chosen on the first part of "
         "the time, judged on the second; of those without a choice, judged there."),
        ("Is a weight a probability?", _reliability(chosen.reliability),
         "Carried levels by their weight under the best half-life, and how many are still there."),
    )  # fmt: skip
    return "".join(
        f'<section><h2>{title}</h2>{table}<p class="quiet">{why}</p></section>'
        for title, table, why in blocks
    )


def _views(views: pd.DataFrame, chosen: Calibration) -> str:
    head = ("levels", "half-life", "as good", "prune", "error", "interval", "out of sample", "never decay")
    rows, marked = [], -1
    for k, row in enumerate(views.to_dict("records")):
        if isinstance(row.get("refused"), str):
            rows.append([(f"{row['view']}", True), (row["refused"], False)])
            continue
        marked = k if row["view"] == chosen.view else marked
        rows.append([
            (f"{row['view']} of {row['depth']}", True), (row["half_life"], True),
            (f"{row['shortest']} – {row['longest']}", True), (row["prune"], True),
            (_number(row["error"]), True), (f"{_number(row['low'])} – {_number(row['high'])}", True),
            (_number(row["out_of_sample"]), True), (_number(row["hold"]), True),
        ])  # fmt: skip
    return _table(head, rows, marked)


def _models(chosen: Calibration) -> str:
    """The baselines and what else there is in the table, and the best half-life among them."""
    head = ("", "error", "second part", "l2", "bias", "recovered", "Brier", "rank")
    table, best = chosen.table, chosen.best
    others = [row for row in table.to_dict("records") if row["model"] != "half-life"]
    own = table[(table["model"] == "half-life") & (table["half_life"] == best.half_life)
                & (table["prune"] == best.prune)].to_dict("records")  # fmt: skip
    names = ("error", "out_of_sample", "l2", "bias", "recovered", "brier", "rank")
    rows = [
        [(f"half-life {r['half_life']}, prune {r['prune']}" if r in own else str(r["model"]), False),
         *((_number(best.out_of_sample if r in own and name == "out_of_sample" else r[name]), True)
           for name in names)]
        for r in (*own, *others)
    ]  # fmt: skip
    return _table(head, rows, 0 if own else -1)


def _reliability(table: pd.DataFrame) -> str:
    head = ("weight", "levels", "mean weight", "still there", "")
    rows = []
    for row in table.to_dict("records"):
        weight, there = row["weight"], row["there"]
        bar = _bar(there, weight) if row["levels"] else ""
        rows.append([
            (f"{row['low']:.1f} – {row['high']:.1f}", True), (f"{row['levels']:,}", True),
            (_number(weight), True), (_number(there), True), (bar, False),
        ])  # fmt: skip
    return _table(head, rows, -1, raw=4)


def _bar(there: float, weight: float) -> str:
    """How many are there as a bar, and a line at what the weight says: where it ends, if weights are true."""
    lengths = (f"{100 * share:.1f}%" for share in (there, weight))
    return '<span class="both"><i style="width:{}"></i><b style="left:{}"></b></span>'.format(*lengths)


def _table(head: tuple[str, ...], rows: list[list[Cell]], marked: int, raw: int = -1) -> str:
    """``marked``: the row that stands out. ``raw``: a column of HTML. A short row's last cell is wide."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = ""
    for k, row in enumerate(rows):
        cells = ""
        for c, (words, number) in enumerate(row):
            wide = f' colspan="{len(head) - c}"' if c == len(row) - 1 and len(row) < len(head) else ""
            kind = ' class="number"' if number else ""
            cells += f"<td{kind}{wide}>{words if c == raw else escape(words)}</td>"
        body += f"<tr{' class=marked' if k == marked else ''}>{cells}</tr>"
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _number(value: Any) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:.2f}"
