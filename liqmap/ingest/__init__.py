"""Raw files into the store: order, duplicates, gaps, and a report of what was lost."""

from liqmap.ingest.read import read as read
from liqmap.ingest.report import IngestReport as IngestReport
from liqmap.ingest.run import ingest as ingest
