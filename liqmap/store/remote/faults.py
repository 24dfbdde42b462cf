"""What goes wrong with object storage, in our words and classes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from liqmap.schema import StoreError
from liqmap.store.remote.address import Address


class Refused(Exception):
    """A conditional put whose condition does not hold any more."""


class Absent(Exception):
    """There is no such object."""


class RemoteError(StoreError):
    """Object storage does not do as asked, whatever the market."""


class Unreachable(RemoteError):
    """No answer came: the network, or the service, is away."""


class TakenForDead(RemoteError):
    """A writer was not heard of for longer than its lease, and another settled what it had begun."""


class NotChanged(Exception):
    """An object that is what was asked whether it still is."""


def is_of_library(error: Exception) -> bool:
    """Whether an error is one of the library, some of which have classes of Python's own."""
    from obstore.exceptions import BaseError

    plain = (
        isinstance(error, OSError | NotImplementedError | ValueError) and type(error).__module__ == "builtins"
    )
    return isinstance(error, BaseError) or (plain and "Debug source" in str(error))


def no_bucket(address: Address) -> RemoteError:
    """Where there is no bucket of its name."""
    return RemoteError(
        where=address.url,
        expected="a bucket that is there",
        got="none of this name",
        remedy="Make it, or mend the address",
    )


def unreadable_settings(address: Address) -> RemoteError:
    """The library does not understand what the environment says, which may be a secret."""
    begin = {"gs": "GOOGLE_", "s3": "AWS_"}.get(address.scheme, "AZURE_")
    return RemoteError(
        where=address.url,
        expected=f"settings and credentials in the environment ({begin}...) that can be read",
        got="one that cannot, or lacks",
        remedy="Mend it",
    )


def unusable(address: Address) -> RemoteError:
    """The library gave up on what the environment says."""
    return RemoteError(
        where=address.url,
        expected="credentials, a region and an endpoint that can stand in a request",
        got="others in the environment",
        remedy="Look for strange characters in them",
    )


def refuse_unprintable(environment: Mapping[str, str]) -> None:
    """That what goes into the head of a request is of one line.

    Raises
    ------
    StoreError : it is not; it may be a secret and is not repeated.
    """
    for name, value in environment.items():
        if name.startswith(("AWS_", "AZURE_")) and not value.isprintable():
            raise RemoteError(
                where=name,
                expected="a value of one line",
                got="one with a line break, or another character that cannot be sent",
                remedy="Set it again without",
            )


def worded(error: Exception, address: Address) -> Exception:
    """What an error of the library says. Its own text is left out: it may quote addresses with signatures."""
    kind, text = type(error).__name__, str(error)
    code = next(iter(re.findall(r"<Code>([A-Za-z]{1,60})</Code>", text)), "")
    status = next(iter(re.findall(r"status code: (\d{3})|status: (\d{3})", text)), ("", ""))
    number = status[0] or status[1]
    if code in ("NoSuchBucket", "ContainerNotFound") or "specified bucket does not exist" in text:
        return no_bucket(address)
    if kind in ("PreconditionError", "AlreadyExistsError") or code == "ConditionalRequestConflict":
        return Refused()
    if kind == "NotModifiedError":
        return NotChanged()
    if "169.254.169.254" in text or "169.254.170.2" in text or "metadata.google" in text:
        return RemoteError(
            where=address.url,
            expected="credentials",
            got="none in the environment",
            remedy="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what your service asks for",
        )
    if code in ("PermanentRedirect", "AuthorizationHeaderMalformed") or number in ("301", "307"):
        return RemoteError(
            where=address.url,
            expected="the region of the bucket",
            got="another, or none",
            remedy="Set AWS_REGION to it",
        )
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or number in ("401", "403"):
        return RemoteError(
            where=address.url,
            expected="credentials that allow this",
            got=code or f"HTTP {number or 403}",
            remedy="Mend the credentials in the environment, or the rights that they have",
        )
    if kind in ("NotFoundError", "FileNotFoundError") or number == "404":
        return Absent()
    if kind == "InvalidPathError":
        return RemoteError(
            where=address.url,
            expected="objects whose names are paths",
            got="one with an empty or dotted level, such as a//b or a/../b",
            remedy="Remove it from the bucket: no part of a store has such a name",
        )
    if kind == "NotImplementedError":
        return RemoteError(
            where=address.url,
            expected="a client that may write on conditions (If-Match)",
            got="one that may not",
            remedy="Unset AWS_CONDITIONAL_PUT",
        )
    if "BadScheme" in text:
        return RemoteError(
            where=address.url,
            expected="an endpoint with TLS (https)",
            got="one without",
            remedy="Set AWS_ALLOW_HTTP=true if nobody else is on that network",
        )
    if re.search(r"kind: (Connect|Timeout|Request|Interrupted|Decode)\b", text) or "error sending" in text:
        return Unreachable(
            where=address.url,
            expected="an answer",
            got="none: no network, or nothing listens there",
            remedy="Try again when it can be reached",
        )
    if number[:1] == "5" or number == "429":
        return Unreachable(
            where=address.url,
            expected="an answer",
            got=code or f"HTTP {number}",
            remedy="Try again later",
        )
    return RemoteError(
        where=address.url,
        expected="object storage that does as asked",
        got=code or (f"HTTP {number}" if number else kind),
    )
