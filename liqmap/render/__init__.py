"""Spans -> pictures: colours, screen frames, HoloViews elements, PNG and HTML files.

Nothing here loads HoloViews or matplotlib before a picture needs it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "chart": ["heatmap"],
        "colour": ["Scale", "scale_of", "scale_of_session", "shade"],
        "element": ["SpansElement"],
        "fill_picture": ["fill_picture"],
        "frame": ["Frame", "screen"],
        "ladder": ["ladder_panel"],
        "layers": ["bubble_points", "candle_bars", "mid_line", "touch_lines"],
        "look": ["Look"],
        "operation": ["liquidity"],
        "palettes": ["Theme"],
        "panels": ["delta_panel", "profile_panel", "view_of"],
        "picture_file": ["picture"],
        "presets": ["PRESETS", "remove_preset", "save_preset"],
        "standalone": ["standalone_html"],
    },
)
