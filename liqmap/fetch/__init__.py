"""Public archives of exchanges: found, downloaded once, checked, and ingested."""

from liqmap.fetch.report import FetchedFile as FetchedFile
from liqmap.fetch.report import FetchReport as FetchReport
from liqmap.fetch.run import fetch as fetch
