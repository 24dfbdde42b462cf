"""Shapes of overlays and panels as HoloViews elements."""

from liqmap.render.charts.shaped.elements import Dims as Dims
from liqmap.render.charts.shaped.elements import element_of as element_of
from liqmap.render.charts.shaped.overlay import shaped_chart as shaped_chart
