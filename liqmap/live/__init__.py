"""Live markets: recorded as they were heard, rehearsed, and watched.

``feeds`` is what venues speak, without a socket; ``sockets`` keeps a stream up; ``recorder`` writes raw files
and the store; ``play`` serves a recorded session as an exchange; ``follow`` gives a session that grows.

The verb ``liqmap.live(...)`` has the name of this package, so this package can be called: it is then
`liqmap.live.follow.live`.
"""

from __future__ import annotations

import sys
from inspect import Signature, signature
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """This package, callable."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        from liqmap.live.follow import live

        return live(*args, **options)

    @property
    def __signature__(self) -> Signature:
        """That of the verb, for those who ask what it takes."""
        from liqmap.live.follow import live

        return signature(live)


sys.modules[__name__].__class__ = _Verb
