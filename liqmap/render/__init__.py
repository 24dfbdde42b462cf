"""Spans -> pictures: screen frames, marks over them, HoloViews charts and PNG files.

Nothing here loads HoloViews or matplotlib before a picture needs it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "charts.element": ["SpansElement"],
        "charts.heatmap": ["heatmap"],
        "charts.ladder": ["ladder_panel"],
        "charts.layers": ["bubble_points", "candle_bars", "mid_line", "touch_lines"],
        "charts.operation": ["liquidity"],
        "charts.panels": ["delta_panel", "profile_panel", "view_of"],
        "frames.colour": ["shade"],
        "frames.frame": ["Frame", "screen"],
        "frames.look": ["Look"],
        "frames.palettes": ["Theme"],
        "frames.presets": ["PRESETS", "remove_preset", "save_preset"],
        "frames.scale": ["Scale", "scale_of", "scale_of_session"],
        "png.fill_picture": ["fill_picture"],
        "png.picture": ["picture"],
    },
)
