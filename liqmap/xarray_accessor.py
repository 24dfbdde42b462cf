"""``dataset.liqmap`` before anything of liqmap was used, without loading more than was loaded.

xarray looks an accessor up on its class `Dataset`, so it can be registered once xarray is there: when liqmap
is imported after it, when a file is opened (xarray then loads `xarray_engine`), and when a public name of
liqmap is used. Until somebody asks a dataset for it, what stands there is a function.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, TypeVar

NAME = "liqmap"
Accessor = TypeVar("Accessor", bound=type)

accessor: str = ""
"""``module:class`` of the accessor, loaded when a dataset is first asked for it.

The root of the package names it, as it does all that is loaded on first use.
"""


def register() -> None:
    """Have datasets know ``.liqmap``, if xarray is loaded and they do not yet."""
    xarray: Any = sys.modules.get("xarray")
    dataset = getattr(xarray, "Dataset", None)  # none while xarray itself is being imported
    if dataset is not None and not hasattr(dataset, NAME) and hasattr(xarray, "register_dataset_accessor"):
        xarray.register_dataset_accessor(NAME)(grid_accessor)


def grid_accessor(dataset: Any) -> Any:
    """The accessor of a dataset, loaded when it is first asked for."""
    module, _, name = accessor.partition(":")
    return getattr(import_module(module), name)(dataset)


def registered(kind: Accessor) -> Accessor:
    """A class, in the place of the function that stood for it; also when the module is loaded once more."""
    import xarray

    have = getattr(xarray.Dataset, NAME, None)
    if str(getattr(have, "__module__", "")).startswith("liqmap."):
        delattr(xarray.Dataset, NAME)
    xarray.register_dataset_accessor(NAME)(kind)
    return kind
