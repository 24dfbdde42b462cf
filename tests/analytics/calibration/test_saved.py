"""A calibration and its record: nothing is lost on the way, and what is damaged or newer is refused."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.analytics.calibration import saved
from liqmap.analytics.calibration.plain_values import Records
from liqmap.schema import GridError, SchemaError


@pytest.fixture(scope="module")
def found() -> Calibration:
    market = lm.simulate(minutes=3, seed=3, levels=40, volatility=4.0, keep_truth=False)
    return lm.calibrate(market)


@pytest.fixture(scope="module")
def text(found: Calibration) -> str:
    return json.dumps(found.to_record(), allow_nan=False)


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, NaN of the same place included."""
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
        return True
    if isinstance(a, xr.Dataset):
        return a.identical(b)
    if isinstance(a, np.ndarray):
        return bool(a.tobytes() == b.tobytes() and a.shape == b.shape)
    if isinstance(a, (lm.Mixture, lm.Presence, lm.PresenceRate)):  # which have no equality of their own
        return all(same(vars(a)[name], vars(b)[name]) for name in vars(a))
    return repr(a) == repr(b)


def test_round_trip__every_field_but_reentries(found: Calibration, text: str) -> None:
    again = Calibration.from_record(json.loads(text))
    for f in fields(Calibration):
        if f.name != "reentries":
            assert same(getattr(found, f.name), getattr(again, f.name)), f.name
    assert again.reentries is None
    assert again.to_record() == found.to_record()


def test_round_trip__shows_the_same(found: Calibration, text: str) -> None:
    again = Calibration.from_record(json.loads(text))
    assert (str(again), repr(again), again._repr_html_()) == (str(found), repr(found), found._repr_html_())
    assert again.surface.identical(found.surface)
    assert same(again.carry, found.carry)
    assert len(text) < 300_000


def test_round_trip__of_what_is_fitted(found: Calibration) -> None:
    """A mixture, and how likely levels are still there, with the groups that judge it."""
    fitted = lm.Mixture(["1s", "5min", None], [[0.5, 0.1, 0.4], [0.0, 0.25, 0.5]], sizes=[0.1])
    presence = lm.Presence(fitted, lm.DROP, lm.HOLD)
    whole = replace(found, fitted=fitted, presence=presence, recommended=True, presence_groups=found.table)
    again = Calibration.from_record(json.loads(json.dumps(whole.to_record(), allow_nan=False)))
    assert again.carry is again.fitted
    assert again.presence is not None
    for model in (again.fitted, again.presence.likely):
        assert model.shares.tobytes() == fitted.shares.tobytes()
        assert (model.half_lives, model.prune) == (fitted.half_lives, fitted.prune)
    assert again.sizes is not None
    assert found.sizes is not None
    for name in ("sizes", "distances", "ages", "quantiles"):
        assert getattr(again.sizes, name).tobytes() == getattr(found.sizes, name).tobytes()
    assert (again.presence.low, again.presence.high, again.presence.level) == (lm.DROP, lm.HOLD, 0.9)
    assert same(again.presence_groups, found.table)


# ---------------------------------------------------------------------- values


@dataclass(frozen=True)
class Some:
    """As a new field may hold."""

    number: float
    later: int = 3


RECORDS = Records(Some)
FLOATS = st.floats(allow_nan=True, allow_infinity=True).map(lambda x: math.nan if math.isnan(x) else x)
TEXT = st.text(max_size=5)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), FLOATS, TEXT)
COLUMNS = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": FLOATS,
    "bool": st.booleans(),
    "object": SCALARS,
    "str": TEXT | st.none(),
    "datetime64[ns]": st.integers(-(2**62), 2**62).map(lambda ns: np.datetime64(ns, "ns")),
}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 4))
    columns = {}
    for name in draw(st.lists(TEXT, max_size=4, unique=True)):
        kind = draw(st.sampled_from(sorted(COLUMNS)))
        values = draw(st.lists(COLUMNS[kind], min_size=rows, max_size=rows))
        columns[name] = pd.Series(values, dtype=kind, index=pd.RangeIndex(rows))
    return pd.DataFrame(columns, index=pd.RangeIndex(rows))


def through_text(value: Any, records: Records = RECORDS) -> Any:
    return records.value(json.loads(json.dumps(records.plain(value), allow_nan=False)))


@given(frames())
def test_frames__keep_values_and_types(frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(through_text(frame), frame, check_exact=True, check_column_type=False)


@given(st.recursive(SCALARS, lambda inner: st.tuples(inner, inner), max_leaves=6))
def test_scalars_and_tuples(value: Any) -> None:
    assert repr(through_text(value)) == repr(value)


@given(FLOATS, st.integers(-5, 5))
def test_records_and_models_within(number: float, later: int) -> None:
    value = (Some(number, later), lm.Mixture(["1s", None], [[0.5, 0.25]]), np.array([[number, 1.0]]))
    some, mixture, array = through_text(value)
    assert repr(some) == repr(value[0])
    assert mixture.shares.tobytes() == value[1].shares.tobytes()
    assert array.tobytes() == value[2].tobytes()
    assert array.shape == (1, 2)


def test_record__of_an_older_class_takes_defaults() -> None:
    assert RECORDS.record(Some, {"number": 1.0}) == Some(1.0, 3)
    with pytest.raises(ValueError, match="Some without number"):
        RECORDS.record(Some, {"later": 1})
    with pytest.raises(ValueError, match="Some whose later is a str"):
        RECORDS.record(Some, {"number": 1.0, "later": "1"})


def test_plain__refuses_what_it_does_not_know() -> None:
    for strange in (object(), {"a": 1}, [1], pd.DataFrame({"a": [1]}, index=[3]), np.array([1j])):
        with pytest.raises(SchemaError):
            RECORDS.plain(strange)


# ---------------------------------------------------------------------- damage


def refused(record: Any) -> str:
    with pytest.raises(SchemaError) as error:
        Calibration.from_record(record)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_newer__says_so(text: str) -> None:
    record = json.loads(text)
    line = refused(record | {"version": saved.VERSION + 1})
    assert line == "saved calibration: expected a calibration of version 1 or before, got 2. Upgrade liqmap"
    line = refused(record | {"fields": record["fields"] | {"of_tomorrow": 1}})
    assert line.endswith(
        "expected a Calibration of fields that this liqmap knows, got of_tomorrow. Upgrade liqmap"
    )


@pytest.mark.parametrize("record", [None, [], 3, "x", {}, {"version": 1}, {"version": True, "fields": {}}])
def test_no_record__refused(record: Any) -> None:
    assert "expected a record of a calibration as it was written" in refused(record)


@given(st.data())
def test_damage__never_another_error(text: str, data: st.DataObject) -> None:
    record = json.loads(text)
    place = record["fields"]
    for _ in range(data.draw(st.integers(0, 4))):
        below = [key for key, value in _items(place) if isinstance(value, (dict, list)) and value]
        if not below:
            break
        place = place[data.draw(st.sampled_from(below))]
    key = data.draw(st.sampled_from([key for key, _ in _items(place)]))
    if data.draw(st.booleans()) and isinstance(place, dict):
        del place[key]
    else:
        place[key] = data.draw(
            st.sampled_from([None, "x", -1, 0.5, [], {}, {"float": "x"}, {"tuple": 3}, 2**80])
        )
    try:
        again = Calibration.from_record(record)
    except SchemaError as error:
        line = str(error)
    else:
        line = again.to_record() and ""
    assert "\n" not in line


def _items(place: Any) -> list[tuple[Any, Any]]:
    return list(place.items() if isinstance(place, dict) else enumerate(place))


# ---------------------------------------------------------------------- whom it is about


def test_check_for__names_what_differs(found: Calibration) -> None:
    own = found.meta
    for depth in (found.view, found.depth):
        found.check_for(replace(own, depth_limit=depth))
    for changed, says in {
        "symbol": ("OTHER", "the market that it was made for (bybit SIMUSDT), got bybit OTHER"),
        "feed": ("ob500", "the feed that it was made for (ob40), got ob500"),
        "tick_size": (0.5, "the tick size that it was made for (0.1), got 0.5"),
        "size_unit": ("contracts", "the size unit that it was made for (coins), got contracts"),
        "contract_value": (0.01, "(coins), got coins of 0.01"),
        "depth_limit": (30, "(40 levels a side or 20 levels a side), got 30 levels"),
    }.items():  # fmt: skip
        value, line = says
        with pytest.raises(GridError) as error:
            found.check_for(replace(own, **{changed: value}))
        assert line in str(error.value)
        assert "\n" not in str(error.value)
        assert str(error.value).endswith("pass the calibration's .carry, which is a model of any market")
    with pytest.raises(GridError, match="got the whole book"):
        found.check_for(replace(own, depth_limit=None))


def test_carry__takes_a_calibration_where_it_fits(found: Calibration) -> None:
    market = lm.simulate(minutes=1, seed=4, levels=40, volatility=4.0, keep_truth=False)
    spans = lm.replay(market)
    edges = np.arange(6) * np.timedelta64(10, "s") + np.datetime64("2026-01-05T00:00:00", "ns")
    prices = np.arange(64_900.0, 65_100.0, 1.0)
    by_it = lm.rasterize(spans, edges, prices, carry=found)
    assert by_it.identical(lm.rasterize(spans, edges, prices, carry=found.carry))
    other = lm.replay(lm.simulate(minutes=1, levels=30, keep_truth=False))
    with pytest.raises(GridError, match="carry: expected the feed that it was made for"):
        lm.rasterize(other, edges, prices, carry=found)
    assert lm.rasterize(other, edges, prices, carry=found.carry) is not None
    frame = lm.snapshots(spans, every="10s", levels=5)
    with pytest.raises(GridError, match=r"nothing says which market.*Pass the calibration's \.carry"):
        lm.fill_forward(frame, carry=found)  # type: ignore[arg-type]


def test_presence__takes_a_calibration_where_it_fits(found: Calibration) -> None:
    """By it or by its presence, a grid is the same; on another feed it is refused, as it is for carry."""
    market = lm.simulate(minutes=1, seed=4, levels=40, volatility=4.0, keep_truth=False)
    spans, other = lm.replay(market), lm.replay(lm.simulate(minutes=1, levels=30, keep_truth=False))
    edges = np.arange(6) * np.timedelta64(10, "s") + np.datetime64("2026-01-05T00:00:00", "ns")
    prices = np.arange(64_900.0, 65_100.0, 1.0)
    assert found.presence is not None
    by_it = lm.rasterize(spans, edges, prices, presence=found)
    assert by_it.identical(lm.rasterize(spans, edges, prices, presence=found.presence))
    with pytest.raises(GridError, match="presence: expected the feed that it was made for") as error:
        lm.rasterize(other, edges, prices, presence=found)
    assert str(error.value).endswith("pass the calibration's .presence, which are rates of any market")
    assert lm.rasterize(other, edges, prices, presence=found.presence) is not None
    for changed in ({"tick_size": 0.5}, {"depth_limit": 30}):
        with pytest.raises(GridError, match=r"presence: expected the (tick size|depth) that it was made"):
            found.presence_for(replace(found.meta, **changed))
    assert found.presence_for(found.meta) is found.presence
    with pytest.raises(GridError, match=r"presence: expected .* how likely .*got too short a time"):
        lm.rasterize(spans, edges, prices, presence=replace(found, presence=None))
