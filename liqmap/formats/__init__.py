"""Raw files of exchanges and vendors, read in batches: one package a venue or vendor, found by being here.

``raw`` (files, packings, quoting) and ``text`` (scans of JSON and CSV, decimals, times) are what they share.
"""

from importlib import import_module as _import_module
from pkgutil import iter_modules as _iter_modules

from liqmap.formats.raw import RawFile as RawFile
from liqmap.formats.registry import FORMATS as FORMATS
from liqmap.formats.registry import Format as Format
from liqmap.formats.registry import Hints as Hints
from liqmap.formats.registry import Reader as Reader
from liqmap.formats.registry import detect as detect
from liqmap.formats.registry import open_file as open_file

for _package in sorted(found.name for found in _iter_modules(__path__) if found.ispkg):
    _import_module(f"{__name__}.{_package}")
