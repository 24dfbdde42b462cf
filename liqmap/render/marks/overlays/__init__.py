"""What lies over the heatmap: a module each, found by its ``OVERLAY`` (see `liqmap.render.marks.registry`).

Data only, no drawing: nothing here loads HoloViews or matplotlib.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "bubbles": [
            "BUBBLES", "CELL_PIXELS", "COVER", "FACE_ALPHA", "LARGEST", "LEAST", "RIM_WIDTH", "ROOM",
            "SIZE_KEY", "Bubbles", "Trades", "bubble_room", "radii", "size_key",
        ],
        "candles": ["CANDLE_PIXELS", "CANDLE_SHARE", "candle_colours", "candle_step", "candle_ways"],
        "touch": ["NARROW_PIXELS", "TOUCH_WIDTH", "Quotes", "Steps", "best"],
    },
)  # fmt: skip
