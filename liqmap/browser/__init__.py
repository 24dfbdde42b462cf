"""One HTML file that holds a session's spans and draws them: no server, no network.

    session -> content (spans, window, touch, trades in view) -> pack (bytes) -> page (HTML with its scripts)

The scripts are in ``assets``, a file per idea. Those of the rasterizer run in a worker; they draw what
`liqmap.raster` draws, from the same spans, on the lattice of `liqmap.render.frames.frame`.
"""

from liqmap.browser.page import Page, standalone_html

__all__ = ["Page", "standalone_html"]
