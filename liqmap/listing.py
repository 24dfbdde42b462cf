"""`Listing`: a table of names that others gave, which prints without steering a terminal.

A DataFrame in all else: its values are the names as they are, for programs. Loaded on use, as pandas is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from liqmap.printable import printable_lines


class ListingColumn(pd.Series):
    """A column of a `Listing`."""

    @property
    def _constructor(self) -> Any:
        return ListingColumn

    @property
    def _constructor_expanddim(self) -> Any:
        return Listing

    def __repr__(self) -> str:
        return printable_lines(super().__repr__())

    def to_string(self, buf: Any = None, *args: Any, **options: Any) -> Any:
        """As of a Series, with escapes written out."""
        return _written(super().to_string(None, *args, **options), buf)


class Listing(pd.DataFrame):
    """A DataFrame whose text, in a terminal or as HTML, has the escapes in its cells written out."""

    @property
    def _constructor(self) -> Any:
        return Listing

    @property
    def _constructor_sliced(self) -> Any:
        return ListingColumn

    def __repr__(self) -> str:
        return printable_lines(super().__repr__())

    def _repr_html_(self) -> str | None:
        html = super()._repr_html_()  # pandas escapes what HTML reads
        return None if html is None else printable_lines(html)

    def to_string(self, buf: Any = None, *args: Any, **options: Any) -> Any:
        """As of a DataFrame, with escapes written out."""
        return _written(super().to_string(None, *args, **options), buf)


def _written(text: str, buf: Any) -> str | None:
    """The text, or None where it goes to a file."""
    text = printable_lines(text)
    if buf is None:
        return text
    if hasattr(buf, "write"):
        buf.write(text)
    else:
        with open(buf, "w", encoding="utf-8") as file:
            file.write(text)
    return None
