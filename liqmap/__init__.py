"""liqmap: order-book liquidity that outlives the feed's window.

Everything public loads on first use, so that ``import liqmap`` costs nothing.
"""

import lazy_loader as _lazy

from . import card as _card
from . import xarray_accessor as _xarray_accessor

__version__ = "0.1.0"

_xarray_accessor.accessor = "liqmap.grid.accessor:GridAccessor"

_load, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """A public name, loaded on first use."""
    _xarray_accessor.register()
    return _load(name)


_xarray_accessor.register()

_card.painter = "liqmap.render.png.thumbnail:thumbnail"
