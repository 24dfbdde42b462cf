"""Public archives of exchanges: found, downloaded once, checked, and ingested."""

from liqmap.archives.report import FetchedFile as FetchedFile
from liqmap.archives.report import FetchReport as FetchReport
from liqmap.archives.run import Network as Network
from liqmap.archives.run import fetch as fetch
