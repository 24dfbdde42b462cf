"""Words of tables: for the two sides of a book, for the aggressors of trades, for yes and no, for events."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.tabular.values import codes

SIDES = {"bid": 0, "bids": 0, "b": 0, "buy": 0, "ask": 1, "asks": 1, "a": 1, "offer": 1, "sell": 1, "s": 1}
AGGRESSORS = dict(SIDES)
"""Who bids buys and who asks sells: so Databento and Hyperliquid say A and B of the aggressor.
https://databento.com/docs/standards-and-conventions/common-fields-enums-types"""

MAKERS = {word: 1 - code for word, code in AGGRESSORS.items()}
UNTOLD = ("n", "none", "null", "nan", "na", "n/a", "-", "unknown", "unspecified", "no_aggressor",
          "buy_estimated", "sell_estimated")  # fmt: skip
"""What a trade says, beside nothing, where its aggressor is not known."""

TRUE = {"true": 1, "t": 1, "1": 1, "1.0": 1, "false": 0, "f": 0, "0": 0, "0.0": 0}
FALSE = {word: 1 - code for word, code in TRUE.items()}
UNKNOWN = 2
"""The code of an aggressor that the table does not tell."""

_UNTOLD = dict.fromkeys(UNTOLD, UNKNOWN)
_NO_FLAG = dict.fromkeys(UNTOLD[1:], UNKNOWN)
SAYING = {
    "maker_side": MAKERS | _UNTOLD,
    "side": AGGRESSORS | _UNTOLD,
    "is_bid": FALSE | _NO_FLAG,
    "buyer_maker": TRUE | _NO_FLAG,
    "buyer_taker": FALSE | _NO_FLAG,
}
"""Role -> what its words say of the aggressor of a trade; roles may not contradict each other."""

EVENTS = {"update": 0, "set": 0, "delta": 0, "snapshot": 1, "snap": 1, "gap": 2}


def aggressors(columns: Mapping[str, pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """The aggressor of each trade by all columns that say it: 0 buy, 1 sell, `UNKNOWN`, -1 where a word is
    none of theirs; and whether none contradicts another.

    Parameters
    ----------
    columns : by their roles, those of `SAYING`.
    """
    found, agree = np.empty(0, np.int8), np.ones(0, np.bool_)
    for role, column in columns.items():
        said = codes(column, SAYING[role])
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        empty = pc.equal(pc.utf8_trim_whitespace(column.cast(pa.string())), "").fill_null(True)
        said[empty.to_numpy(zero_copy_only=False)] = UNKNOWN
        if not len(found):
            found, agree = said, np.ones(len(said), np.bool_)
            continue
        told, known = (said == 0) | (said == 1), (found == 0) | (found == 1)
        agree &= (said == found) | ~told | ~known
        found = np.where(known | ((said == UNKNOWN) & (found < 0)), found, said)
    return found, agree
