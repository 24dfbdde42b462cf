"""Presence: three rates in order wherever they are asked, or a refusal that says where they are not."""

from __future__ import annotations

import pickle

import pytest

import liqmap as lm
from liqmap.carry import HOLD, HalfLife, Mixture, Survival
from liqmap.schema import GridError

LIKELY = HalfLife("1min", None)
LOW, HIGH = HalfLife("30s", None), Mixture(["1min", None], [[0.5, 0.5], [0.9, 0.1]], [2.0])
BY_DISTANCE = Survival(["0s", "1min"], [[1.0, 0.0], [1.0, 0.9]], [5.0])


def test_holds_rates_and_their_interval():
    presence = lm.Presence(LIKELY, LOW, HIGH)
    assert (presence.likely, presence.low, presence.high, presence.level) == (LIKELY, LOW, HIGH, 0.9)
    assert pickle.loads(pickle.dumps(lm.Presence(LIKELY, LOW, HOLD))) == lm.Presence(LIKELY, LOW, HOLD)
    assert lm.Presence(LIKELY, LIKELY, LIKELY, level=0.5).level == 0.5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: lm.Presence(None, LOW, HIGH), "likely: expected a carry model"),
        (lambda: lm.Presence(LIKELY, HalfLife, HIGH), "low: expected a carry model"),
        (lambda: lm.Presence(LIKELY, LOW, 0.7), "high: expected a carry model"),
        (lambda: lm.Presence(lm.Presence(LIKELY, LOW, HIGH), LOW, HIGH), "likely: expected a carry model"),
        (lambda: lm.Presence(LIKELY, LOW, HIGH, level=1), "level: expected a share"),
        (lambda: lm.Presence(LIKELY, LOW, HIGH, level="90%"), "level: expected a share"),
        (lambda: lm.Presence(LOW, LIKELY, HIGH), "rise from low to high"),
        (lambda: lm.Presence(LIKELY, LOW, Mixture(["1min"], [[1.0], [0.1]], [2.0])), "size 10"),
        (lambda: lm.Presence(LIKELY, LOW, BY_DISTANCE), "0 bps"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_rate(wrong, says):
    with pytest.raises(GridError, match=says):
        wrong()
