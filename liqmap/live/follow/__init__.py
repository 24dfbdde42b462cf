"""A session that grows while its market is recorded: `live`, `LiveSession`."""

from liqmap.live.follow.live import Live as Live
from liqmap.live.follow.live import live as live
from liqmap.live.follow.session import LiveSession as LiveSession
