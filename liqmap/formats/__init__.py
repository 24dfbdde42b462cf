"""Raw files of exchanges and vendors, read in batches."""

from liqmap.formats import binance as binance
from liqmap.formats import binance_bands as binance_bands
from liqmap.formats import binance_t_depth as binance_t_depth
from liqmap.formats import binance_trades as binance_trades
from liqmap.formats import bybit as bybit
from liqmap.formats import bybit_trades as bybit_trades
from liqmap.formats import databento as databento
from liqmap.formats import databento_csv as databento_csv
from liqmap.formats import lobster as lobster
from liqmap.formats import lobster_book as lobster_book
from liqmap.formats import tabular as tabular
from liqmap.formats import tardis_book as tardis_book
from liqmap.formats import tardis_trades as tardis_trades
from liqmap.formats.raw import RawFile as RawFile
from liqmap.formats.raw import ahead as ahead
from liqmap.formats.registry import FORMATS as FORMATS
from liqmap.formats.registry import Format as Format
from liqmap.formats.registry import Hints as Hints
from liqmap.formats.registry import Reader as Reader
from liqmap.formats.registry import detect as detect
from liqmap.formats.registry import open_file as open_file
