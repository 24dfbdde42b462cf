"""The registry of endpoints: a path, what may be asked, the columns of the answer, and what computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_type_hints

import pyarrow as pa

from liqmap.server.asked import Asked
from liqmap.server.served import Served

Kind = Literal["time", "number", "numbers", "integer", "text", "texts", "flag"]


class Column(NamedTuple):
    """A column of an answer, or a field beside its table.

    kind : a ``time`` is whole ms since 1970 (UTC) in JSON and CSV, timestamp[ns, UTC] in Arrow and Parquet.
    says : what it is, with its unit. nullable : whether it may be null.
    """

    kind: Kind
    says: str
    nullable: bool = False


@dataclass(frozen=True)
class Answer:
    """A table, and what stands beside it.

    table : its columns are those of the endpoint. fields : plain values by name.
    """

    table: pa.Table
    fields: Mapping[str, Any] = field(default_factory=dict)


class Endpoint(NamedTuple):
    """What is answered below one path.

    asked : its parameters; names in braces in the path are among them.
    columns : of the table; None where these depend on what is asked.
    fields : beside the table. picture : the same as a PNG, where it can be drawn.
    """

    path: str
    name: str
    asked: type[Asked]
    answer: Callable[[Served, Any], Answer]
    columns: Mapping[str, Column] | None
    fields: Mapping[str, Column]
    picture: Callable[[Served, Any], bytes] | None = None

    @property
    def summary(self) -> str:
        return (self.answer.__doc__ or self.name).strip().partition("\n")[0].rstrip(".")

    @property
    def description(self) -> str:
        lines = (self.answer.__doc__ or "").strip().splitlines()
        return "\n".join(line.strip() for line in lines[1:]).strip()


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    path: str,
    columns: Mapping[str, Column] | None,
    fields: Mapping[str, Column] | None = None,
    picture: Callable[[Served, Any], bytes] | None = None,
) -> Callable[[Callable[[Served, Any], Answer]], Callable[[Served, Any], Answer]]:
    """Add what answers a path: a function of what is served and of what is asked, a model of parameters.

    Its docstring is the documentation of the endpoint. What is asked is taken from the annotation.
    """

    def add(answer: Callable[[Served, Any], Answer]) -> Callable[[Served, Any], Answer]:
        asked = get_type_hints(answer)["asked"]
        ENDPOINTS[path] = Endpoint(path, answer.__name__, asked, answer, columns, fields or {}, picture)
        return answer

    return add
