"""What venues speak: which streams to ask for, and what a message is, without a socket.

``feed`` says what a feed is; a module a venue, found by being here; ``registry`` finds that of a market.
"""

from liqmap.live.feeds.feed import DirectFeed as DirectFeed
from liqmap.live.feeds.feed import Feed as Feed
from liqmap.live.feeds.feed import Heard as Heard
from liqmap.live.feeds.feed import Listener as Listener
from liqmap.live.feeds.registry import feed_of as feed_of
