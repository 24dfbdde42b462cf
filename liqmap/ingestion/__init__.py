"""Raw files into the store: order, duplicates, gaps, and a report of what was lost."""

from liqmap.ingestion.read import read as read
from liqmap.ingestion.report import IngestReport as IngestReport
from liqmap.ingestion.run import ingest as ingest
