"""The formats that liqmap reads, known by their first bytes.

To add a format: make one folder beside this file, with a class that has ``venue``, ``meta``, ``notes`` and
``batches()`` (see `Reader`; lines of text have skeletons in ``text/json_reader.py`` and
``text/csv_reader.py``), and register it with a function that knows its head:

    register(Format("venue-depth", "what users know it as", detect=..., open=...))

A kind of file that is recognisable but not read is registered in a module ``unread`` of the folder (see
`liqmap.formats.unread`). The folder is found by being here, and the format's name begins with its name. No
other module of the package changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from liqmap.formats.raw import RawFile, RawFrame
from liqmap.formats.unread import unread
from liqmap.schema import Batch, FormatError, Messages, Meta
from liqmap.schema.wording import Keyword, Sentence

LONGEST_NAME = 100
"""Characters of a venue, symbol or feed."""


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What the user says about a file; it goes before what the file or its path says.

    ``snapshots``: messages of other files, one each, that stand among those of this one (see `Apart`).
    ``each_market``: the other markets of the file are read as well, so their lines need no word.
    ``each_feed``: its other depth feeds are read as well, the first with all that is not of a feed.

    Raises
    ------
    FormatError : an empty name, or a tick size that is not a finite number above 0.
    """

    venue: str | None = None
    symbol: str | None = None
    feed: str | None = None
    tick_size: float | None = None
    mapping: Mapping[str, str] | None = None
    snapshots: tuple[Messages, ...] = field(default=(), compare=False, repr=False)
    each_market: bool = field(default=False, compare=False, repr=False)
    each_feed: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("venue", "symbol", "feed"):
            hint = getattr(self, name)
            if hint is not None and not (isinstance(hint, str) and hint.strip()):
                raise FormatError(
                    argument=name,
                    expected="a name",
                    got=repr(hint),
                    remedy="Leave it out to take the file's own",
                )
            if hint is not None and len(hint) > LONGEST_NAME:
                raise FormatError(
                    argument=name,
                    expected=f"a name of at most {LONGEST_NAME} characters",
                    got=f"{hint[:20]!r} and so on, {len(hint):,} characters",
                )
        if self.tick_size is not None and not _is_step(self.tick_size):
            raise FormatError(
                argument="tick_size",
                expected="a finite number above 0",
                got=repr(self.tick_size),
                remedy="Leave it out to take what divides the prices as written",
            )


@dataclass(frozen=True)
class TradeIds:
    """Ids of the trades of one source, which no other source need share.

    ``certain`` : whether trades of one id that are equal are one trade told twice. Else they are kept, and
    told: columns that are not read may tell them apart, or the ids are those of something else.
    """

    certain: bool


class Reader(Protocol):
    """A file being read. A skeleton of text has ``notes`` and an empty ``meta``; a reader on it gives the
    rest.

    Attributes
    ----------
    venue : known at once.
    meta : by table: ``depth``, ``trades``, ``bands``. That of a table is there with its first rows, and
        complete once the batches are used up. The tick size in it divides every price and the one of the
        hints.
    notes : sentences for the report, such as what was assumed; complete once the batches are used up.
    named : optional, a text: what was taken from the file's name (symbol, date), where rows depend on it.
        With another name the same bytes are then another source.
    also : optional, a text: tables that such a file has and earlier versions did not read. What they took in
        is then another source, so that it can be ingested again.
    trade_ids : optional, a `TradeIds`: where the ids of trades number those of the source, though it is not
        known whether another source has the same (then ``meta`` says what they number).
    proof : optional, a `Proof`: what tells that none of its depth is missing; complete once the batches are
        used up. Without one nothing does.
    restarts : optional, whether ids begin anew as a service restarts, and times of depth are its engine's.
    """

    venue: str
    meta: dict[str, Meta]
    notes: list[str]

    def batches(self) -> Iterator[Batch]:
        """What the file holds, in its order, in bounded memory."""


@dataclass(frozen=True)
class Apart:
    """A snapshot that was saved apart from the updates around it: one message, its time MISSING where it has
    none, and the symbol that it or its file's name says."""

    message: Messages
    symbol: str | None


@dataclass(frozen=True)
class Format:
    """A raw format: its name, what it is called where it is published, and how to know and read it.

    ``snapshots`` gives those of a file that holds nothing else, None of any other: where updates are given
    with it that they fall among, they come to their reader as hints. ``markets`` gives the symbols that a
    file holds, and ``feeds`` its depth feeds, where each is to be read as a source of its own.
    """

    name: str
    description: str
    detect: Callable[[bytes], bool]
    open: Callable[[RawFile, Hints], Reader]
    snapshots: Callable[[RawFile], list[Apart] | None] | None = None
    markets: Callable[[RawFile], list[str]] | None = None
    feeds: Callable[[RawFile], list[str]] | None = None


FORMATS: dict[str, Format] = {}


def _is_step(value: object) -> bool:
    try:
        return 0 < float(value) < math.inf  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def register(form: Format) -> None:
    """Make a format known. Its name begins with that of its folder: ``venue`` or ``venue-depth``.

    Raises
    ------
    ValueError : the name is taken.
    """
    if form.name in FORMATS:
        raise ValueError(f"format {form.name!r}: expected a new name, got a known one")
    FORMATS[form.name] = form


def detect(raw: RawFile, name: str | None = None, mapped: bool = False) -> Format:
    """The format of a file, by its head, or the one that ``name`` says; a table where columns are ``mapped``.

    Raises
    ------
    FormatError : no format, or none of that name, knows this head, or it is of a kind that is not read.
    """
    if name is not None:
        if name not in FORMATS:
            raise FormatError(argument="format", expected=f"one of {', '.join(FORMATS)}", got=repr(name))
        return FORMATS[name]
    if mapped:
        return FORMATS["tabular"]
    head = raw.head()
    if error := unread(head, raw.path, always=True):
        raise error
    for form in FORMATS.values():
        if form.detect(head):
            return form
    if error := unread(head, raw.path, always=False):
        raise error
    start = head[:40].split(b"\n")[0].decode("utf-8", "replace")
    raise FormatError(
        where=raw.path,
        expected=f"one of {', '.join(FORMATS)}",
        got=f"a file that starts with {start!r}",
        remedy=Sentence(
            "Pass ", Keyword("format"), ", or ", Keyword("mapping"), " for a table of other columns"
        ),
    )


def open_file(
    path: str | RawFrame, hints: Hints | None = None, name: str | None = None
) -> tuple[Format, RawFile, Reader]:
    """Detect and open one file, or a frame, which is a table.

    Raises
    ------
    FormatError : as `RawFile` and `detect`.
    """
    if isinstance(path, RawFrame):
        if name not in (None, "tabular"):
            raise FormatError(
                argument="format",
                expected="none for a frame, which is read as a table",
                got=repr(name),
                remedy="Leave it out",
            )
        form = FORMATS["tabular"]
        return form, path, form.open(path, hints or Hints())
    raw = RawFile(path)
    form = detect(raw, name, bool(hints and hints.mapping))
    return form, raw, form.open(raw, hints or Hints())
