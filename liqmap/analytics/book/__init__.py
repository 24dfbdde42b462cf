"""What rests: the ladder of a book at one instant, and what was done to it."""

from .impact import kyle_lambda as kyle_lambda
from .impact import price_impact as price_impact
from .ladder import Ladder as Ladder
from .ladder import ladder_of as ladder_of
from .microprice import Microprice as Microprice
from .microprice import microprice as microprice
from .order_flow import order_flow_imbalance as order_flow_imbalance
from .spreads import spreads as spreads
from .stacking import Stacking as Stacking
from .stacking import stacking as stacking
from .stacking import stacking_of as stacking_of
from .tracker import beyond as beyond
from .tracker import tracker as tracker
