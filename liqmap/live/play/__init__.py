"""An exchange in a box: a recorded session served by a venue's own protocol.

``source`` finds markets, ``tape`` has their messages in time, ``book`` what they add up to; ``venues`` speak
the protocols, whose streams are each a ``channel``; ``exchange`` plays them on one ``clock`` to each
``connection`` that its ``server`` takes, past the ``faults`` that befall their ``delivery``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liqmap.live.play.exchange import Exchange
    from liqmap.live.play.faults import Fault, random_faults

__all__ = ["Exchange", "Fault", "random_faults"]


def __getattr__(name: str) -> Any:
    """A public name, loaded on first use."""
    if name == "Exchange":
        from liqmap.live.play.exchange import Exchange

        return Exchange
    if name in ("Fault", "random_faults"):
        from liqmap.live.play import faults

        return getattr(faults, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
