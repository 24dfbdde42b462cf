"""What the OpenAPI document says of an endpoint: its parameters, formats and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liqmap.server.answers.encoding import ENCODINGS, PNG
from liqmap.server.problems import PROBLEM, SCHEMA
from liqmap.server.registry import Column, Endpoint

TYPES: Mapping[str, dict[str, Any]] = {
    "time": {"type": "integer"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "numbers": {"type": "array", "items": {"type": "number"}},
    "texts": {"type": "array", "items": {"type": "string"}},
}

PROBLEMS = {
    401: "no token, or another one",
    404: "no such market, or nothing of it in the range",
    406: "no such format",
    413: "more than one answer may hold",
    422: "a parameter is wrong",
    503: "too slow, or too many at a time",
}


def described(one: Endpoint) -> dict[str, Any]:
    """Keywords of a route that tell of an endpoint."""
    json = {"schema": _answer(one)}
    content: dict[str, Any] = {e.media: {} for e in ENCODINGS.values()} | {"application/json": json}
    if one.picture is not None:
        content[PNG] = {"schema": {"type": "string", "contentMediaType": PNG}}
    problems: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "content": {PROBLEM: {"schema": SCHEMA}}}
        for status, text in PROBLEMS.items()
    }
    told: dict[int | str, dict[str, Any]] = {
        200: {"description": "the answer", "content": content},
        304: {"description": "as it was when it had this tag"},
    }
    return {"responses": told | problems, "openapi_extra": {"parameters": _parameters(one)}}


def _parameters(one: Endpoint) -> list[dict[str, Any]]:
    schema = one.asked.model_json_schema()
    needed = schema.get("required", [])
    out = []
    for name, each in schema["properties"].items():
        in_path = f"{{{name}}}" in one.path
        out.append(
            {
                "name": name,
                "in": "path" if in_path else "query",
                "required": in_path or name in needed,
                "description": each.get("description", ""),
                "schema": {k: v for k, v in each.items() if k not in ("description", "title")},
            }
        )
    return out


def _answer(one: Endpoint) -> dict[str, Any]:
    """The schema of an answer as JSON: a row per object, or a list per column."""
    if one.columns is None:
        row: dict[str, Any] = {"type": "object", "additionalProperties": {"type": ["number", "null"]}}
        listed: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "array"}}
    else:
        row = _object({name: typed(column) for name, column in one.columns.items()})
        listed = _object({name: {"type": "array", "items": typed(c)} for name, c in one.columns.items()})
    data = {"anyOf": [{"type": "array", "items": row}, listed]}
    return _object({name: typed(column) for name, column in one.fields.items()} | {"data": data})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def typed(column: Column) -> dict[str, Any]:
    """The schema of one value."""
    kind = dict(TYPES[column.kind])
    if column.nullable:
        kind["type"] = [kind["type"], "null"]
    return kind | {"description": column.says}
