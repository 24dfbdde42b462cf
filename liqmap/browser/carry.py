"""Carry models as the engine draws them: data, but for prune, which is a choice of its own there."""

from __future__ import annotations

from typing import Any

from liqmap.carry import CarryModel, Exponentials, HalfLife, Survival
from liqmap.schema import GridError

NAME = "model"
"""What the page calls a model among its presets."""


def wired(model: CarryModel) -> dict[str, Any] | None:
    """What the engine is told of a model; None of a half-life, which is a choice of its own.

    | kind | what |
    |---|---|
    | `exponentials` | ``parts``: pairs of a share and a half-life, ns, null for no decay |
    | `table` | ``ages``, ns; ``weights``, by distance and age; ``distances``, edges, bps of the touch |

    and ``words``, the model without its prune, as titles say it.

    Raises
    ------
    GridError : a model that is neither.
    """
    if isinstance(model, HalfLife):
        return None
    if isinstance(model, Exponentials):
        parts = [list(part) for part in zip(model.shares.tolist(), model.half_lives)]
        return {"kind": "exponentials", "parts": parts, "words": model.words}
    if isinstance(model, Survival):
        return {
            "kind": "table", "ages": model.ages.tolist(), "weights": model.weights.tolist(),
            "distances": model.distances.tolist(), "words": model.words,
        }  # fmt: skip
    raise GridError(
        argument="carry",
        expected="a HalfLife, Exponentials or Survival, which the page draws",
        got=type(model).__name__,
        remedy="liqmap.render.picture draws any model",
    )
