"""Single orders of any source: the book that they sum to, and their rows."""

from liqmap.formats.orders.book import NOTED as NOTED
from liqmap.formats.orders.book import Action as Action
from liqmap.formats.orders.book import OrderBook as OrderBook
from liqmap.formats.orders.rows import GatheredOrders as GatheredOrders
from liqmap.formats.orders.rows import OrderRow as OrderRow
from liqmap.formats.orders.rows import recorded as recorded
