"""The only one that talks to object storage: whole objects, conditional puts, what went wrong in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from liqmap.schema import StoreError
from liqmap.store.remote.address import Address
from liqmap.store.remote.faults import (
    Absent,
    NotChanged,
    is_of_library,
    no_bucket,
    refuse_unprintable,
    unreadable_settings,
    unusable,
    worded,
)

T = TypeVar("T")

RETRIES = 4
RETRY_S = 30
SILENCE = "30s"
"""Without a byte, after which a connection counts as broken."""

ENVIRONMENT = ("AWS_", "GOOGLE_", "AZURE_")
"""How variables begin that the library reads."""

AT_ONCE = 8
"""Requests at one time."""


@dataclass(frozen=True)
class Object:
    """What is known of an object without its bytes. e_tag, version : what a conditional put names it by."""

    path: str
    size: int
    changed: datetime
    e_tag: str | None
    version: str | None

    @property
    def mode(self) -> Any:
        named = {"e_tag": self.e_tag, "version": self.version}
        return {name: value for name, value in named.items() if value is not None}


class Client:
    """Objects below the address of a store, by their paths in it. Threads may share one.

    Raises
    ------
    StoreError : the library for object storage is not installed.
    """

    def __init__(self, address: Address) -> None:
        if find_spec("obstore") is None:
            raise StoreError(
                where=address.url,
                expected="the package obstore",
                got="none",
                remedy="Run: pip install 'liqmap[remote]'",
            )
        self.address = address
        self._made: tuple[Any, Any] = None, None

    def __repr__(self) -> str:
        return f"<Client {self.address.url}>"

    def list(self, folder: str = "") -> list[Object]:
        """Every object below a folder."""

        def step() -> list[Object]:
            import obstore

            chunks = obstore.list(self._store, folder or None, chunk_size=1000)
            return [_object(meta) for chunk in chunks for meta in chunk]

        return self._in_bucket(step)

    def any(self) -> bool:
        """Whether there is any object."""

        def step() -> bool:
            import obstore

            return any(len(chunk) for chunk in obstore.list(self._store, chunk_size=1))

        return self._in_bucket(step)

    def head(self, path: str) -> Object:
        """What is known of an object."""
        import obstore

        return self._do(lambda: _object(obstore.head(self._store, path)))

    def get(self, path: str, unless: str | None = None) -> tuple[bytes, Object] | None:
        """An object; None if it still is what ``unless``, an e_tag, names."""

        def step() -> tuple[bytes, Object]:
            import obstore

            options: Any = {"if_none_match": unless} if unless else None
            found = obstore.get(self._store, path, options=options)
            meta = _object(found.meta)
            return bytes(found.bytes()), meta

        try:
            return self._do(step)
        except NotChanged:
            return None

    def chunks(self, path: str) -> Iterator[bytes]:
        """An object as it comes."""
        import obstore

        found = self._do(lambda: obstore.get(self._store, path).stream(min_chunk_size=1 << 20))
        stream = iter(found)
        while (chunk := self._do(lambda: next(stream, None))) is not None:
            yield bytes(chunk)

    def put(self, path: str, data: bytes | Path) -> Object:
        """Write an object, whatever there was."""
        return self._in_bucket(partial(self._putting, path, data, "overwrite"))

    def put_over(self, path: str, data: bytes, before: Object | None) -> Object:
        """Write an object if it still is what it was, or there still is none.

        Raises
        ------
        Refused : another came between.
        """
        mode = "create" if before is None else before.mode
        return self._do(partial(self._putting, path, data, mode))

    def _putting(self, path: str, data: bytes | Path, mode: Any) -> Object:
        import obstore

        whole = isinstance(data, bytes)
        more: Any = {"use_multipart": False} if whole else {}
        made = obstore.put(self._store, path, data, mode=mode, **more)
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        return Object(path, size, datetime.now(UTC), made["e_tag"], made["version"])

    def delete(self, paths: Iterable[str]) -> None:
        """Remove objects; those that are not there are as good as removed."""
        import obstore

        if gone := list(paths):
            try:
                self._do(lambda: obstore.delete(self._store, gone))
            except Absent:
                for path in gone:
                    try:
                        self._do(lambda path=path: obstore.delete(self._store, path))  # type: ignore[misc]
                    except Absent:
                        continue

    def _in_bucket(self, step: Callable[[], T]) -> T:
        """As `_do`, of what needs no object: what is not there is the bucket."""
        try:
            return self._do(step)
        except Absent:
            raise no_bucket(self.address) from None

    def _do(self, step: Callable[[], T]) -> T:
        """One request, what went wrong in our words.

        Raises
        ------
        Absent, Refused, Unreachable
        StoreError : whatever else.
        """
        try:
            return step()
        except Exception as error:
            if is_of_library(error):
                raise worded(error, self.address) from None
            raise
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # of the library
                raise unusable(self.address) from None
            raise

    @property
    def _store(self) -> Any:
        """The library's, made anew when the environment has other credentials."""
        now = {k: v for k, v in os.environ.items() if k.startswith(ENVIRONMENT)}
        refuse_unprintable(now)
        before, made = self._made
        if before != now:
            made = self._make()
            self._made = now, made
        return made

    def _make(self) -> Any:
        from obstore.store import HTTPStore, from_url

        scheme = self.address.scheme
        http = scheme == "http" or os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true", "yes")
        retries: Any = {
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=RETRY_S),
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        }
        options: Any = {
            "allow_http": http,
            "connect_timeout": "5s",
            "read_timeout": SILENCE,
            "timeout": "6h",
        }
        make = from_url if self.address.writable else HTTPStore.from_url
        more: Any = {"endpoint": self.address.endpoint} if self.address.endpoint else {}
        try:
            return make(self.address.url, client_options=options, retry_config=retries, **more)
        except Exception as error:
            if is_of_library(error):
                raise unreadable_settings(self.address) from None
            raise


def _object(meta: Any) -> Object:
    return Object(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"], meta["version"])
