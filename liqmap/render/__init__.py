"""Spans -> pictures: screen frames, marks over them, HoloViews charts and PNG files.

Nothing here loads HoloViews or matplotlib before a picture needs it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
