"""`Condition`: a measure beyond a threshold, as people write it.

``imbalance@5 > 0.6`` is looked at every second, ``ofi@1 < -50 every 10s`` as often as it says, which is also
the interval that such a measure is of.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from liqmap.analytics.book import measures as _of_instants  # noqa: F401 (found by their names)
from liqmap.analytics.book import measures_over as _of_intervals  # noqa: F401
from liqmap.analytics.book.registry import MeasureOver, parsed, written
from liqmap.carry import spell
from liqmap.fill.snapshots import step_of
from liqmap.schema import LiqmapError, SessionError
from liqmap.schema.nearest import nearest

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
"""What may stand between a measure and its threshold."""

MEANT = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", "=": ">=", "==": ">="}
"""Signs that are none, and what may be meant by them."""

TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}

EVERY = 10**9
"""ns between the instants that a condition is looked at which says nothing of it."""

EXAMPLES = "imbalance@5 > 0.6, spread_bps >= 2 or ofi@1 < -50 every 10s"

_WRITTEN = re.compile(r"\s*([^<>=≥≤\s]+)\s*([<>=≥≤]+)\s*([^<>=≥≤\s]+)(?:\s+every\s+(\S.*?))?\s*")


class Condition(NamedTuple):
    """``measure sign threshold``, looked at every so many ns; the threshold is in the unit of the measure."""

    measure: str
    sign: str
    threshold: float
    every: int = EVERY

    def holds(self, values: np.ndarray) -> np.ndarray:
        """(N,) whether it holds of each value, none of which is NaN."""
        found: np.ndarray = SIGNS[self.sign](values, self.threshold)
        return found

    @property
    def words(self) -> str:
        """As people read it: ``imbalance@5 > 0.6``; how often only where that is not every second."""
        return f"{self.measure} {self.sign} {number_text(self.threshold)}{self._every}"

    @property
    def short(self) -> str:
        """As a link has it: ``imbalance@5>0.6``."""
        return f"{self.measure}{self.sign}{number_text(self.threshold)}{self._every}"

    @property
    def _every(self) -> str:
        return "" if self.every == EVERY else f" every {spell(self.every)}"

    @property
    def of_trades(self) -> bool:
        """Whether its measure looks at trades."""
        found, _ = parsed(self.measure)
        return isinstance(found, MeasureOver) and found.trades


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    text = f"{value:.6g}"
    return text if float(text) == value else repr(value)


def condition_of(text: Any, every: int = EVERY) -> Condition:
    """A condition as people write it; a `Condition` is what it is.

    Parameters
    ----------
    every : ns, where the text does not say it.

    Raises
    ------
    SessionError : no such measure, sign or number; says what may be meant. GridError : no such duration.
    """
    if isinstance(text, Condition):
        return text
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _refused(text, f"a measure, one of {', '.join(SIGNS)}, and a number, such as {EXAMPLES}")
    measure, sign, number, said = found.groups()
    if (value := _number(measure)) is not None and sign in TURNED and _is_measure(number):
        turned = Condition(number, TURNED[sign], value)
        raise _refused(text, "the measure before the number", f"Did you mean {turned.words!r}?")
    if sign not in SIGNS:
        meant = f"Did you mean {measure} {MEANT[sign]} {number}?" if sign in MEANT else ""
        raise _refused(text, f"one of {', '.join(SIGNS)} after {measure}", meant)
    _check_measure(measure, text)
    threshold = _number(number)
    if threshold is None:
        raise _refused(text, f"a number after {sign}, such as 0.6 or -50")
    return Condition(measure, sign, threshold, step_of(said, "every") if said else every)


def conditions_of(wanted: Any, every: int = EVERY) -> list[Condition]:
    """Conditions, each once: a text that may hold several with commas between, or a list of them.

    Raises
    ------
    As `condition_of`.
    """
    if isinstance(wanted, str):
        wanted = [part for part in re.split(r"[,;]", wanted) if part.strip()] or [wanted]
    elif isinstance(wanted, Condition):
        wanted = [wanted]
    if not isinstance(wanted, Iterable):
        raise _refused(wanted, f"conditions such as {EXAMPLES}")
    return list(dict.fromkeys(condition_of(one, every) for one in wanted))


def _refused(text: Any, expected: str, remedy: str = "") -> SessionError:
    got = f"{text!r:.80}"
    return SessionError(argument="alerts", expected=expected, got=got, remedy=remedy)


def _number(text: str) -> float | None:
    """A finite number; None of any other text."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_measure(text: str) -> bool:
    try:
        parsed(text)
    except LiqmapError:
        return False
    return True


def _check_measure(name: str, text: Any) -> None:
    """Refuse a name that no measure has, with the one that is most like it."""
    try:
        parsed(name)
    except LiqmapError as error:
        _, at, band = name.partition("@")
        forms = written()
        banded = [one for one in (f"{form.partition('@')[0]}@{band}" for form in forms) if _is_measure(one)]
        like = nearest(name, [*(banded if at else ()), *forms])
        expected = error.expected or f"a measure such as {', '.join(forms[:4])}"
        raise _refused(text, str(expected), f"Did you mean {like}?" if like else "") from None
