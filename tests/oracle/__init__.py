"""The core once more, slow and readable: what the fast one is held to. Shares no code with it."""

from tests.oracle.grid import oracle_grid
from tests.oracle.replay import oracle_replay

__all__ = ["oracle_grid", "oracle_replay"]
