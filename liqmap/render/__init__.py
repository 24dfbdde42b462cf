"""Spans -> pictures: colours, screen frames, HoloViews elements, PNG and HTML files.

Nothing here loads HoloViews or matplotlib before a picture needs it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "chart": ["heatmap"],
        "colour": ["Look", "Scale", "scale_of", "shade"],
        "element": ["SpansElement"],
        "fill_picture": ["fill_picture"],
        "frame": ["Frame", "screen"],
        "operation": ["liquidity"],
        "standalone": ["standalone_html"],
        "picture_file": ["picture"],
    },
)
