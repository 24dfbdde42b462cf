"""Addresses of stores on object storage, and the folders in the user's cache that mirror them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from liqmap.schema import StoreError

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "https", "http")
SAME = {"s3a": "s3", "azure": "az"}
STORES = "stores"
"""Below the cache: the mirrors."""

READ_ONLY = ("https", "http")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MANGLED = re.compile(rf"({'|'.join(SCHEMES)}):[/\\](?![/\\])", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """Of a store. endpoint : of a service that speaks S3, where it is not that of the cloud."""

    url: str
    endpoint: str = ""

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @property
    def writable(self) -> bool:
        return self.scheme not in READ_ONLY

    @property
    def folder_name(self) -> str:
        """Of its mirror."""
        return hashlib.sha256(f"{self.endpoint}\n{self.url}".encode()).hexdigest()[:32]


def is_address(store: object) -> bool:
    """Whether a store is named by an address, not by a folder.

    Raises
    ------
    StoreError : it was one before it became a `Path`, or lacks a slash.
    """
    if isinstance(store, str) and _ADDRESS.match(store):
        return True
    if isinstance(store, str | os.PathLike) and _MANGLED.match(str(os.fspath(store))):
        is_text = isinstance(store, str)
        raise StoreError(
            argument="store",
            expected="an address such as s3://bucket/store" if is_text else "the address of a store as text",
            got=repr(store) if is_text else "a Path, which leaves out a slash",
            remedy="Write two slashes" if is_text else "Pass the text itself",
        )
    return False


def address(text: str) -> Address:
    """An address as it was typed; where it says nothing, the endpoint is that of the environment.

    Raises
    ------
    StoreError : no such scheme, or not an address; what may be a secret in it is not repeated.
    """
    scheme, _, rest = text.partition("://")
    scheme = SAME.get(scheme.lower(), scheme.lower())
    if scheme not in SCHEMES:
        raise StoreError(
            argument="store",
            expected=f"a folder, or an address that begins with one of {', '.join(SCHEMES)}",
            got=f"{scheme}://",
        )
    split = urlsplit(f"{scheme}://{rest}")
    user, at, _ = split.netloc.rpartition("@")
    container = scheme in ("abfs", "abfss") and ":" not in user
    if split.query or split.fragment or "?" in rest or "#" in rest or (at and not container):
        raise StoreError(
            argument="store",
            expected="an address without a user, a password or a query",
            got=f"one with them ({scheme}://...)",
            remedy="Set credentials in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    path = split.path.rstrip("/")
    names = path.removeprefix("/").split("/") if path else []
    if not split.netloc or any(n in ("", ".", "..") for n in names) or not rest.isprintable() or " " in rest:
        raise StoreError(
            argument="store", expected="an address such as s3://bucket/store", got=repr(f"{scheme}://{rest}")
        )
    return Address(f"{scheme}://{split.netloc}{path}", _endpoint() if scheme == "s3" else "")


def _endpoint() -> str:
    said = next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), "").rstrip("/")
    if "@" in said or "?" in said:
        raise StoreError(
            where="AWS_ENDPOINT_URL",
            expected="an endpoint without a user, a password or a query",
            got="one with them",
        )
    if said and not _is_endpoint(said):
        raise StoreError(
            where="AWS_ENDPOINT_URL",
            expected="an endpoint such as https://s3.example.org",
            got=repr(said),
        )
    return said


def _is_endpoint(said: str) -> bool:
    try:
        split = urlsplit(said)
        return split.scheme in ("http", "https") and bool(split.hostname) and split.port != 0
    except ValueError:
        return False


def cache_folder() -> Path:
    """Where mirrors are: the directory that the variable ``LIQMAP_CACHE`` names, or ``liqmap`` in that of the
    system for what can be made anew."""
    if os.environ.get("LIQMAP_CACHE"):
        return Path(os.environ["LIQMAP_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "liqmap" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "liqmap"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liqmap"


def mirror_folder(of: Address) -> Path:
    """The folder that mirrors a store."""
    return cache_folder() / STORES / of.folder_name
