"""liqmap: order-book liquidity that outlives the feed's window.

Everything public loads on first use, so that ``import liqmap`` costs nothing.
"""

import lazy_loader as _lazy

from . import card as _card

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)

_card.painter = "liqmap.render.png.thumbnail:thumbnail"
