# mypy: disable-error-code="no-untyped-def"
"""Databento DBN files of market-by-order messages (``mbo``), plain or zstd; needs the extra ``formats``.

Orders become levels: after each event (its last record has the flag F_LAST) the levels that it touched, with
the sum of their orders. Records with F_SNAPSHOT in a row are one snapshot, as of its ``ts_recv``; a clear (R)
empties the book. Trades are the T records, whose side is the aggressor's; T and F leave the book alone, a
cancel or modify follows. Sequence numbers are the channel's, shared with other instruments: their jumps say
nothing. Sizes are contracts. Order ids stay in the file: `databento_dbn` reads them.
Source: https://databento.com/docs/schemas-and-data-formats/mbo
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit, types
from numba.typed import Dict

from liqmap.formats.decimals import Tick
from liqmap.formats.raw import CHUNK, RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.schema import (
    AGGRESSORS,
    ASK,
    BID,
    FLAGS,
    MISSING,
    SNAPSHOT,
    TIMESTAMP,
    TRADES,
    UPDATE,
    Batch,
    FormatError,
    Messages,
    Meta,
    Rejected,
    words,
)  # fmt: skip

_ZSTD = b"\x28\xb5\x2f\xfd"
_LAST = 0x80
_MBO = 160
_UNIT = 10**9
_NO_PRICE = (1 << 63) - 1
_ORDER, _LEVEL = types.UniTuple(types.int64, 3), types.UniTuple(types.int64, 2)


class DatabentoMbo:
    """Reader of one DBN file.

    Raises
    ------
    FormatError : `databento-dbn` is not installed, the schema is not ``mbo``, or one of several symbols must
    be named.
    """

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        try:
            import databento_dbn as dbn
        except ImportError:
            raise FormatError(
                f"{raw.path}: expected databento-dbn to read it, got no such package. "
                "pip install 'liqmap[formats]'"
            ) from None
        self._raw, self._hints = raw, hints
        head = _open(raw).read(1 << 20)
        self._skip = 8 + int.from_bytes(head[4:8], "little")
        try:
            told = dbn.Metadata.decode(head[: self._skip])
        except Exception as error:
            raise FormatError(f"{raw.path}: expected DBN metadata, got {error}. Fetch it again") from None
        if str(told.schema) != "mbo":
            raise FormatError(
                f"{raw.path}: expected schema mbo, got {told.schema}. Other schemas are not read yet"
            )
        self._dtype = np.dtype(dbn.MBOMsg._dtypes)
        ids = {i["symbol"]: name for name, spans in told.mappings.items() for i in spans}
        names = sorted(set(ids.values()))
        self.symbol = hints.symbol or (names[0] if len(names) == 1 else "")
        if self.symbol not in names:
            raise FormatError(
                f"{raw.path}: expected one symbol of {', '.join(names)[:200]}, got {self.symbol or 'none'}. "
                "Pass symbol=..."
            )
        self._ids = [int(i) for i, name in ids.items() if name == self.symbol]
        self.venue = hints.venue or "databento"
        self.meta: dict[str, Meta] = {}
        self.notes: list[str] = []
        self._tick = Tick(hints.tick_size)
        self._orders = Dict.empty(types.int64, _ORDER)
        self._levels = Dict.empty(_LEVEL, types.int64)
        self._seq = -1
        self._records = 0

    def batches(self) -> Iterator[Batch]:
        """A batch for each few MB of records, cut where an event ends."""
        damage: str | None = None
        stream, width, rest = _open(self._raw), self._dtype.itemsize, b""
        stream.read(self._skip)
        while damage is None:
            block, damage = _read(stream)
            data = rest + block
            whole = len(data) // width
            records = np.frombuffer(data, self._dtype, whole)
            strange = np.flatnonzero((records["rtype"] != _MBO) | (records["length"] * 4 != width))
            if len(strange):
                damage, records = "a record that is not mbo", records[: strange[0]]
            elif not block and len(data) % width:
                damage = damage or "the file ends inside a record"
            ends = np.flatnonzero(records["flags"] & _LAST)
            done = not block or damage is not None
            cut = len(records) if done else int(ends[-1]) + 1 if len(ends) else 0
            yield self._batch(records[:cut])
            self._records += cut
            rest = data[cut * width :]
            if done:
                break
        if damage:
            yield Batch(rejected=(Rejected(self._records + 1, damage),), position=self._raw.size)

    def _batch(self, records: np.ndarray) -> Batch:
        line = self._records + 1 + np.flatnonzero(np.isin(records["instrument_id"], self._ids))
        own = records[line - self._records - 1]
        if not len(own):
            return Batch()
        priced = np.unique(own["price"][own["price"] != _NO_PRICE])
        if len(priced):
            self._tick.add([Fraction(int(np.gcd.reduce(priced)), _UNIT), Fraction(int(priced[-1]), _UNIT)])
        about: dict[str, Any] = {
            "venue": self.venue, "symbol": self.symbol, "tick_size": self._tick.size,
            "size_unit": "contracts",
        }  # fmt: skip
        depth, trades = self._depth(own, line), _trades(own)
        if depth is not None:
            self.meta["depth"] = Meta(**about, feed=self._hints.feed or "mbo", window_policy="full")
        if trades is not None:
            self.meta["trades"] = Meta(**about)
        return Batch(depth=depth, trades=trades)

    def _depth(self, own: np.ndarray, line: np.ndarray) -> Messages | None:
        side = np.where(own["side"] == b"B", BID, ASK).astype(np.int64)
        action = own["action"].view(np.uint8)
        last, event, first, levels = _aggregate(
            own["order_id"].astype(np.int64), action, side, own["price"].astype(np.int64),
            own["size"].astype(np.int64), own["flags"], self._orders, self._levels,
        )  # fmt: skip
        if not len(last):
            return None
        # the channel's numbers repeat within a packet: ours rise
        steps = np.arange(len(last))
        seq = np.maximum.accumulate(np.maximum(own["sequence"][last].astype(np.int64), self._seq + 1) - steps)
        seq += steps
        prev = np.concatenate([[self._seq], seq[:-1]])
        self._seq = int(seq[-1])
        received = own["ts_recv"][last].astype(np.int64)
        return Messages(
            ts=np.where(event == SNAPSHOT, received, own["ts_event"][last].astype(np.int64)),
            ts_recv=np.where(received > 0, received, MISSING),
            seq=seq,
            prev=prev,
            event=event,
            rows=first,
            line=line[last],
            side=levels[:, 0].astype(np.int8),
            price=levels[:, 1] / _UNIT,
            size=levels[:, 2].astype(np.float64),
        )


@njit(cache=True, nogil=True)
def _aggregate(order_id, action, side, price, size, flags, orders, levels):
    """Per message the record that ends it, its event, its first row; per row side, price, size. ``orders``
    (side, price, size by id) and ``levels`` (size by side and price) go on from call to call."""
    last, event, first = [0 for _ in range(0)], [0 for _ in range(0)], [0]
    rows = [(0, 0, 0) for _ in range(0)]
    replaces = False
    n = len(order_id)
    for i in range(n):
        a, now = action[i], flags[i]
        if a == 82 or (now & 32 and not replaces):  # R
            orders.clear()
            levels.clear()
            replaces = True
        if a == 65 or a == 77 or a == 67:  # A, M, C
            key = order_id[i]
            left = 0
            if key in orders:
                s, p, have = orders[key]
                left = have - size[i] if a == 67 else 0
                taken = have - max(left, 0)
                levels[(s, p)] -= taken
                rows.append((s, p, levels[(s, p)]))
                if left > 0:
                    orders[key] = (s, p, left)
                else:
                    del orders[key]
                if levels[(s, p)] == 0:
                    del levels[(s, p)]
            if a != 67:
                at = (side[i], price[i])
                orders[key] = (side[i], price[i], size[i])
                levels[at] = levels.get(at, 0) + size[i]
                rows.append((side[i], price[i], levels[at]))
        more = i + 1 < n and now & 32 and flags[i + 1] & 32
        if (now & 128 or now & 32 or i + 1 == n) and not more:
            start = first[-1]
            touched = rows[start:]
            del rows[start:]
            if replaces:
                for (s, p), have in levels.items():
                    rows.append((s, p, have))
            else:
                for k in range(len(touched)):
                    final = True
                    for j in range(k + 1, len(touched)):
                        if touched[j][0] == touched[k][0] and touched[j][1] == touched[k][1]:
                            final = False
                            break
                    if final:
                        rows.append(touched[k])
            if replaces or len(rows) > start:
                last.append(i)
                event.append(SNAPSHOT if replaces else UPDATE)
                first.append(len(rows))
            replaces = False
    out = np.empty((len(rows), 3), np.int64)
    for k in range(len(rows)):
        out[k, 0], out[k, 1], out[k, 2] = rows[k]
    return np.array(last), np.array(event).astype(np.int8), np.array(first), out


def _trades(own: np.ndarray) -> pa.RecordBatch | None:
    """The T records; ``id`` is the sequence number."""
    found = own[own["action"] == b"T"]
    if not len(found):
        return None
    return pa.RecordBatch.from_arrays(
        [
            pa.array(found["ts_event"].astype(np.int64)).view(TIMESTAMP),
            pa.array(found["sequence"]).cast(pa.string()),
            words((found["side"] == b"A").astype(np.int8), AGGRESSORS, null=found["side"] == b"N"),
            pa.array(found["price"] / _UNIT),
            pa.array(found["size"].astype(np.float64)),
            words(np.zeros(len(found)), FLAGS, null=np.ones(len(found), np.bool_)),
        ],
        schema=TRADES,
    )


def _read(stream: Any) -> tuple[bytes, str | None]:
    """Some MB, in small steps: what is sound before a damage is kept."""
    parts: list[bytes] = []
    held = 0
    while held < CHUNK:
        try:
            part = stream.read(1 << 16)
        except (OSError, pa.ArrowInvalid) as error:
            return b"".join(parts), f"damaged data ({str(error)[:100]})"
        if not part:
            break
        parts.append(part)
        held += len(part)
    return b"".join(parts), None


def _open(raw: RawFile) -> Any:
    file = pa.OSFile(str(raw.path))
    return pa.CompressedInputStream(file, "zstd") if raw.head(4) == _ZSTD else file


def _is_dbn(head: bytes) -> bool:
    if head[:4] == _ZSTD:
        try:
            head = pa.CompressedInputStream(pa.BufferReader(head), "zstd").read(4)
        except (OSError, pa.ArrowInvalid):
            return False
    return head[:3] == b"DBN" and 1 <= int.from_bytes(head[3:4], "little") <= 3


register(
    Format("databento-mbo", "Databento market-by-order, dbn or dbn.zst", detect=_is_dbn, open=DatabentoMbo)
)
