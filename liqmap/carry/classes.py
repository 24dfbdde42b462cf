"""Where models that go by size and distance may differ: a point in each of their classes."""

from __future__ import annotations

import numpy as np

from liqmap.carry.checks import DISTANCES
from liqmap.carry.model import CarryModel, goes_by_size

SIZES = np.geomspace(1e-9, 1e9, 19)
"""Base units at which models that go by size are asked, besides both sides of the edges of their classes."""


def by_class(*models: CarryModel) -> tuple[np.ndarray, np.ndarray]:
    """Distances (bps) and sizes (base units), (N,) each, of which every class of the models has one."""
    far, size = np.meshgrid(_distances(models), _sizes(models))
    return far.ravel(), size.ravel()


def _distances(models: tuple[CarryModel, ...]) -> np.ndarray:
    if not any(model.by_distance for model in models):
        return np.zeros(1)
    return np.concatenate([DISTANCES, *(_beside_edges(model, "distances") for model in models)])


def _sizes(models: tuple[CarryModel, ...]) -> np.ndarray:
    if not any(map(goes_by_size, models)):
        return np.ones(1)
    return np.concatenate([SIZES, *(_beside_edges(model, "sizes") for model in models)])


def _beside_edges(model: CarryModel, name: str) -> np.ndarray:
    """Both sides of the edges of a model's classes."""
    edges = np.ravel(np.asarray(getattr(model, name, ()), np.float64))
    return np.concatenate([edges, np.nextafter(edges, -np.inf)])
