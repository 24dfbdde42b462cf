"""The command line: thin argument parsing over the same verbs that notebooks use."""

from liqmap.cli.main import main

__all__ = ["main"]
