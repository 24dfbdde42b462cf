"""What the first lines of a Binance capture say: that it is one, its symbols, its market."""

from __future__ import annotations

import re
from collections import Counter

from liqmap.formats.binance.partial import is_partial
from liqmap.formats.market import spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.text.json_escapes import unescaped
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

EVENT = re.compile(rb'"e"\s*:\s*"(depthUpdate|trade|aggTrade)"')
_SYMBOL = re.compile(rb'"e"\s*:\s*"(?:depthUpdate|trade|aggTrade)"[^{}\[\]]*?"s"\s*:\s*"([^"\\\x00-\x1f]+)"')
_OWN_SYMBOL = re.compile(rb'"symbol"\s*:\s*"([^"\\\x00-\x1f]+)"')
_LINE = re.compile(rb"\s*(\d{12,19}[ \t]+)?\{")
_FIRST_SNAPSHOT = rb'\s*(\d{12,19}[ \t]+)?\{\s*"lastUpdateId"\s*:\s*\d+'


def symbols_of(head: bytes) -> list[str]:
    """Those of the first events, the commonest first."""
    return [s.decode("utf-8", "replace") for s, _ in Counter(_SYMBOL.findall(head)).most_common()]


def own_symbols(head: bytes) -> list[str]:
    """Those that snapshots say, as COIN-M's do."""
    return [s.decode("utf-8", "replace") for s, _ in Counter(_OWN_SYMBOL.findall(head)).most_common()]


def commonest(raw: RawFile, symbols: list[str]) -> str:
    """The first of these.

    Raises
    ------
    FormatError : there is none.
    """
    if not symbols:
        raise FormatError(
            where=raw.path,
            expected="a symbol in its events",
            got="none",
            remedy=Sentence("Pass ", Keyword("symbol"), ", or give it with the file of its diffs"),
        )
    return symbols[0]


def asked(symbol: str, symbols: list[str]) -> str:
    """The symbol asked for, as Binance spells it, which is in capitals where the head has none."""
    return spelled(symbol, symbols) or symbol.upper()


def is_spot(head: bytes) -> bool | None:
    """Whether the first diff or trade is of spot: only futures diffs have ``pu``, only spot trades ``M``."""
    for line in head.split(b"\n")[:-1]:
        if (event := EVENT.search(line)) is None:
            continue
        return b'"pu"' not in line if event[1] == b"depthUpdate" else b'"M"' in line
    return None


def is_capture(head: bytes) -> bool:
    """Lines of events, or a REST snapshot, each after a local time or none."""
    head = unescaped(head)
    if not _LINE.match(head):
        return False
    return is_partial(head) or _SYMBOL.search(head) is not None or re.match(_FIRST_SNAPSHOT, head) is not None
