"""LOBSTER: message files and the orderbook files beside them."""

from . import book as book
from . import messages as messages
