"""Errors: one hierarchy, raised with where, expected, got, remedy."""


def one_line(text: str, most: int = 1_000) -> str:
    """A sentence that quotes what a file holds, as one line of ``most`` characters: what cannot be printed is
    escaped, and of a long one the middle left out."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[3 - most // 3 :]}"


class LiqmapError(Exception):
    """Base of every error liqmap raises on purpose: one line with where, expected, got, remedy."""

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


class SchemaError(LiqmapError):
    """A table lacks a column, a word or metadata that its schema promises."""


class FormatError(LiqmapError):
    """A raw file, or a line of it, is not what its format says."""


class FetchError(LiqmapError):
    """A public archive does not give what was asked of it."""


class StoreError(LiqmapError):
    """The store cannot be read or written, or two sources contradict each other."""


class SessionError(LiqmapError):
    """No such market, feed or time range in the store."""


class ReplayError(LiqmapError):
    """Depth rows that no window policy can replay."""


class GridError(LiqmapError):
    """Edges, ranges or carry parameters that make no grid."""
