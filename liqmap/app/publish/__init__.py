"""Publishing: the app on a port, who may reach it, and how many at a time."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={"access": ["Access"], "server": ["serve"]},
)
