"""One HTML file that holds a session's spans and draws them: no server, no network.

    session -> content (spans, window, touch, trades in view) -> pack (bytes) -> page (HTML with its scripts)

What draws is the engine in ``engine``, ES modules that know no host (its README shows the flow); `bundle`
joins them into scripts. Its rasterizer draws what `liqmap.raster` draws, from the same spans, on the lattice
of `liqmap.render.frames.frame`.
"""

from liqmap.browser.page import Page, standalone_html

__all__ = ["Page", "standalone_html"]
