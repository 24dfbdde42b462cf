"""Databento: DBN files and their CSV."""

from . import csv_file as csv_file
from . import dbn as dbn
