"""liqmap: order-book liquidity that outlives the feed's window.

Everything public loads on first use, so that ``import liqmap`` costs nothing.
"""

from importlib import import_module as _import_module

import lazy_loader as _lazy

from . import card as _card
from . import xarray_accessor as _xarray_accessor

__version__ = "0.1.0"

_xarray_accessor.accessor = "liqmap.grid.accessor:GridAccessor"

_load, _, _public = _lazy.attach_stub(__name__, __file__)
__all__ = sorted([*_public, "live"])


def __dir__() -> list[str]:
    return __all__.copy()


def __getattr__(name: str) -> object:
    """A public name, loaded on first use."""
    _xarray_accessor.register()
    if name == "live":  # a verb that has the name of its package, which can be called
        return _import_module(f"{__name__}.live")
    return _load(name)


_xarray_accessor.register()

_card.painter = "liqmap.render.png.thumbnail:thumbnail"
