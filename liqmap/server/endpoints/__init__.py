"""What is answered: a module an idea, each of which registers its endpoints when it is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from liqmap.server.registry import Endpoint

MODULES = ("sessions", "heatmap", "snapshot", "bubbles", "flow", "footprint", "book")


def all_of(registered: Mapping[str, Endpoint]) -> Iterable[Endpoint]:
    """Every endpoint, those of this folder and what others have registered; by path."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
    return [registered[path] for path in sorted(registered)]
