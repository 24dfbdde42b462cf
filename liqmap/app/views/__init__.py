"""What is shown. Presentation only."""

from .bar import Bar as Bar
from .body import Body as Body
from .head import Head as Head
from .heatmap import Heatmap as Heatmap
from .player import Player as Player
from .saver import Saver as Saver
from .strip import Strip as Strip
