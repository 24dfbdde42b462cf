"""The app: a researcher tunes half-life and prune and sees at once what they do (Panel)."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
