"""Carry models as the engine draws them: data, but for prune, which is a choice of its own there."""

from __future__ import annotations

from typing import Any

from liqmap.carry import CarryModel, Exponentials, HalfLife, Mixture, Survival
from liqmap.schema import GridError

NAME = "model"
"""What the page calls a model among its presets."""


def wired(model: CarryModel) -> dict[str, Any] | None:
    """What the engine is told of a model; None of a half-life, which is a choice of its own.

    | kind | what |
    |---|---|
    | `mixture` | ``half_lives``, ns, null for no decay; ``shares``, by size, distance and half-life |
    | | ``sizes``, ``distances``: edges between the classes, base units and bps of the touch |
    | `table` | ``ages``, ns; ``weights``, by distance and age; ``distances``, edges, bps of the touch |

    and ``words``, the model without its prune, as titles say it.

    Raises
    ------
    GridError : another model.
    """
    if isinstance(model, HalfLife):
        return None
    if isinstance(model, (Exponentials, Mixture)):
        return {"kind": "mixture", "half_lives": model.half_lives, "words": model.words} | _classes(model)
    if isinstance(model, Survival):
        return {
            "kind": "table", "ages": model.ages.tolist(), "weights": model.weights.tolist(),
            "distances": model.distances.tolist(), "words": model.words,
        }  # fmt: skip
    raise GridError(
        argument="carry",
        expected="a HalfLife, Exponentials, Mixture or Survival, which the page draws",
        got=type(model).__name__,
        remedy="liqmap.render.picture draws any model",
    )


def _classes(model: Exponentials | Mixture) -> dict[str, Any]:
    """Shares by size, distance and half-life, and the edges between; exponentials have one class."""
    if isinstance(model, Exponentials):
        return {"shares": [[model.shares.tolist()]], "sizes": [], "distances": []}
    return {name: getattr(model, name).tolist() for name in ("shares", "sizes", "distances")}
