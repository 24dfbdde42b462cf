"""liqmap: order-book liquidity that outlives the feed's window.

Everything public loads on first use, so that ``import liqmap`` costs nothing.
"""

import sys as _sys
from types import ModuleType as _ModuleType
from typing import Any as _Any

import lazy_loader as _lazy

from . import card as _card

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


class _Package(_ModuleType):
    """Four verbs live in folders of their own name (``liqmap.replay`` holds ``replay``).

    Importing such a folder would bind the module over the verb, and ``liqmap.replay(depth)``
    would fail or work depending on what had been imported before. The verb wins, always;
    the folder's contents are reached by ``from liqmap.replay import ...``.
    """

    def __setattr__(self, name: str, value: _Any) -> None:
        if isinstance(value, _ModuleType) and name in ("fetch", "ingest", "replay", "simulate"):
            return
        super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Package
_card.painter = "liqmap.render.thumbnail:thumbnail"
