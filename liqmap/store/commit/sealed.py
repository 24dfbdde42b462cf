"""JSON that notices damage: two lines, the digest of the second and the second."""

from __future__ import annotations

import json
from typing import Any

from liqmap.store.commit.digests import digest_bytes


def sealed(kind: str, value: Any) -> bytes:
    """What to write. ``kind`` is for people who open the file."""
    body = json.dumps(value, separators=(",", ":")).encode()
    head = json.dumps({"liqmap": kind, "xxh3_128": digest_bytes(body)}).encode()
    return head + b"\n" + body + b"\n"


def unsealed(data: bytes) -> Any:
    """What was written.

    Raises
    ------
    ValueError : it is not what was written.
    """
    head, _, body = data.partition(b"\n")
    try:
        if digest_bytes(body.removesuffix(b"\n")) != json.loads(head)["xxh3_128"]:
            raise ValueError("other bytes than were written")
        return json.loads(body)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{error!r:.200}") from error
