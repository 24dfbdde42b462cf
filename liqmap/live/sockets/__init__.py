"""A stream kept up over a WebSocket: back-off, silence, handover, REST.

``stream`` keeps a market up; ``connection`` is one WebSocket of it; ``handover`` lets one take the place of
another; ``rest``, ``clock``, ``backoff``, ``limits`` and ``address`` are what these need. aiohttp is imported
on use.
"""

from liqmap.live.sockets.limits import Limits as Limits
from liqmap.live.sockets.stream import Stream as Stream
