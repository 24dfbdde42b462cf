"""Numbers, arrays, tables and records as JSON has them, exactly, and back.

What JSON has itself stays as it is; all else is an object of one key, which says what it is:

    {"float": "nan"}, {"tuple": [...]}, {"array": {...}}, {"frame": {...}}, {"dataset": {...}},
    {"record": {"of": "Best", "fields": {...}}}, {"carry": {...}}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.carry import CarryModel
from liqmap.carry.saved import model_of, model_record
from liqmap.schema import SchemaError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ARRAYS = ("bool", "int64", "float64", "datetime64[ns]")
"""Types of columns and arrays beside text and objects."""


class Records:
    """Values as JSON, with records of these dataclasses among them.

    Parameters
    ----------
    of : the dataclasses that may be in a record, by their names.
    """

    def __init__(self, *of: type) -> None:
        self.classes = {cls.__name__: cls for cls in of}

    # ------------------------------------------------------------------ to JSON

    def plain(self, value: Any) -> Any:
        """A value as JSON has it.

        Raises
        ------
        SchemaError : one that is of none of the kinds above.
        """
        import pandas as pd
        import xarray as xr

        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (np.bool_, np.integer)):
            return value.item()
        if isinstance(value, int):
            return value
        if isinstance(value, (float, np.floating)):
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        if isinstance(value, tuple):
            return {"tuple": [self.plain(one) for one in value]}
        if isinstance(value, np.ndarray):
            return {"array": self._array(value)}
        if isinstance(value, pd.DataFrame):
            return {"frame": self._frame(value)}
        if isinstance(value, xr.Dataset):
            return {"dataset": self._dataset(value)}
        if type(value) in self.classes.values():
            return {"record": {"of": type(value).__name__, "fields": self.fields(value)}}
        if isinstance(value, CarryModel):
            return {"carry": model_record(value)}
        raise SchemaError(where="record", expected="numbers, text, tables or records", got=f"{value!r:.60}")

    def fields(self, record: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
        """The fields of a dataclass, as JSON has them."""
        names = [f.name for f in fields(record) if f.init and f.name not in leave_out]
        return {name: self.plain(getattr(record, name)) for name in names}

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        kind = "text" if array.dtype.kind == "U" else "object" if array.dtype == object else str(array.dtype)
        flat = array.ravel()
        flat = flat.view(np.int64) if kind == "datetime64[ns]" else flat
        if kind not in (*ARRAYS, "text", "object"):
            raise SchemaError(where="record", expected=f"an array of {', '.join(ARRAYS)}", got=kind)
        return {"type": kind, "shape": list(array.shape), "values": [self.plain(v) for v in flat.tolist()]}

    def _frame(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Column by column; the index is a plain one, or it is refused."""
        if list(frame.index) != list(range(len(frame))) or not all(isinstance(c, str) for c in frame.columns):
            raise SchemaError(
                where="record", expected="a frame with a plain index", got=f"{frame.index!r:.60}"
            )
        columns: dict[str, Any] = {}
        for name, column in frame.items():
            if str(column.dtype) == "str":  # of pandas: text, NaN where it is missing
                values = [None if v is None else v for v in column.astype(object).where(column.notna(), None)]
                columns[str(name)] = {"type": "str", "shape": [len(column)], "values": values}
            else:
                columns[str(name)] = self._array(column.to_numpy())
        return {"rows": len(frame), "columns": columns}

    def _dataset(self, dataset: xr.Dataset) -> dict[str, Any]:
        def variable(name: Any) -> dict[str, Any]:
            found = dataset[name]
            attrs = {str(k): self.plain(v) for k, v in found.attrs.items()}
            return {"dims": [str(d) for d in found.dims], "attrs": attrs} | self._array(found.to_numpy())

        return {
            "coords": {str(name): variable(name) for name in dataset.coords},
            "variables": {str(name): variable(name) for name in dataset.data_vars},
            "attrs": {str(k): self.plain(v) for k, v in dataset.attrs.items()},
        }

    # ------------------------------------------------------------------ from JSON

    def value(self, plain: Any) -> Any:
        """What was written as JSON.

        Raises
        ------
        SchemaError, ValueError, TypeError, LookupError : it is not what `plain` gives.
        """
        if not isinstance(plain, (Mapping, list)):
            return plain
        if isinstance(plain, list) or len(plain) != 1:
            raise ValueError(f"what is no value: {plain!r:.60}")
        ((kind, held),) = plain.items()
        if kind == "float":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[held]
        if kind == "tuple":
            return tuple(self.value(one) for one in held)
        if kind == "array":
            return self._array_of(held)
        if kind == "frame":
            return self._frame_of(held)
        if kind == "dataset":
            return self._dataset_of(held)
        if kind == "carry":
            return model_of(held)
        if kind == "record":
            return self.record(self.classes[held["of"]], held["fields"])
        raise ValueError(f"a value of no kind: {kind!r:.60}")

    def record(self, of: type, plain: Mapping[str, Any], **left_out: Any) -> Any:
        """A dataclass of its fields; those that it did not have when it was written have their defaults.

        Raises
        ------
        SchemaError : it has fields that this class does not know: it was written by a newer liqmap.
        """
        assert is_dataclass(of)
        known = {f.name: f for f in fields(of) if f.init}
        strange = sorted(set(plain) - set(known))
        if strange:
            expected = f"a {of.__name__} of fields that this liqmap knows"
            raise SchemaError(where="record", expected=expected, got=strange[0], remedy="Upgrade liqmap")
        made = {name: self.value(one) for name, one in plain.items()} | left_out
        for name, one in known.items():
            if name in made:
                _check_type(of.__name__, name, str(one.type), made[name])
            elif one.default is MISSING and one.default_factory is MISSING:
                raise ValueError(f"{of.__name__} without {name}")
        return of(**made)

    def _array_of(self, held: Mapping[str, Any]) -> np.ndarray:
        kind, shape = held["type"], tuple(held["shape"])
        values = [self.value(one) for one in held["values"]]
        if kind == "object":
            array = np.empty(len(values), object)
            array[:] = values
            return array.reshape(shape)
        if kind == "text":
            if not all(isinstance(one, str) for one in values):
                raise ValueError("text that is none")
            return np.array(values, np.str_).reshape(shape)
        known = {"bool": bool, "int64": int, "float64": float, "datetime64[ns]": int}[kind]
        if not all(type(one) is known for one in values):
            raise ValueError(f"{kind} that is none")
        array = np.array(values, np.int64 if known is int else known)
        return (array.view(kind) if kind == "datetime64[ns]" else array).reshape(shape)

    def _frame_of(self, held: Mapping[str, Any]) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = {}
        for name, column in held["columns"].items():
            if column["type"] == "str":
                if not all(one is None or isinstance(one, str) for one in column["values"]):
                    raise ValueError("text that is none")
                columns[name] = pd.Series(column["values"], dtype="str")
            else:
                array = self._array_of(column)
                columns[name] = pd.Series(array, dtype=array.dtype)
            if len(columns[name]) != held["rows"]:
                raise ValueError(f"{len(columns[name])} values of {name} in {held['rows']} rows")
        return pd.DataFrame(columns, index=pd.RangeIndex(held["rows"]))

    def _dataset_of(self, held: Mapping[str, Any]) -> xr.Dataset:
        import xarray as xr

        def variable(one: Mapping[str, Any]) -> Any:
            attrs = {name: self.value(v) for name, v in one["attrs"].items()}
            return tuple(one["dims"]), self._array_of(one), attrs

        coords = {name: variable(one) for name, one in held["coords"].items()}
        found = {name: variable(one) for name, one in held["variables"].items()}
        return xr.Dataset(found, coords, {name: self.value(v) for name, v in held["attrs"].items()})


def _check_type(record: str, name: str, annotation: str, value: Any) -> None:
    """Refuse a value whose type is not named where the field is declared.

    Raises
    ------
    ValueError : says which.
    """
    words = annotation.replace("[", " ").replace("]", " ").replace(",", " ").replace(".", " ").split()
    kind = "None" if value is None else type(value).__name__
    model = "CarryModel" in words and isinstance(value, CarryModel)
    if kind not in words and "Any" not in words and not model:
        raise ValueError(f"{record} whose {name} is a {kind}")
