"""Kernels: spans x edges -> arrays, any resolution, no dense array in between; no xarray, no HoloViews."""
