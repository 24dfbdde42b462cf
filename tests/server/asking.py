"""Asks an ASGI application, without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import anyio
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass
class Answered:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def table(self, form: str) -> pa.Table:
        """The table of an answer, read back by another library where there is one."""
        if form == "arrow":
            return pa.ipc.open_stream(self.body).read_all()
        if form == "parquet":
            return pq.read_table(BytesIO(self.body))
        if form == "csv":
            from pyarrow.csv import ConvertOptions, read_csv

            return read_csv(BytesIO(self.body), convert_options=ConvertOptions(strings_can_be_null=True))
        data = self.json["data"]
        return pa.table(data) if form == "columns" else pa.Table.from_pylist(data)


class Asker:
    """A client of an application."""

    def __init__(self, app: Any, **headers: str) -> None:
        self.app, self.headers = app, headers

    def get(
        self, path: str, verb: str = "GET", headers: dict[str, str] | None = None, **asked: Any
    ) -> Answered:
        """The answer to a request."""
        raw, _, query = path.partition("?")
        query = "&".join(part for part in (query, urlencode(asked, doseq=True)) if part)
        given = {name.lower(): value for name, value in {**self.headers, **(headers or {})}.items()}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": verb,
            "scheme": "http",
            "path": raw, "raw_path": raw.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(n.encode(), v.encode()) for n, v in given.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
        }  # fmt: skip
        return anyio.run(self._call, scope)

    async def _call(self, scope: dict[str, Any]) -> Answered:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], headers, body)
