"""Addresses and ports of this machine: bound, or refused in words; and how they are typed into a browser."""

from __future__ import annotations

import errno
import os
import socket

from liqmap.schema import LiqmapError


def bound(address: str, port: int) -> socket.socket:
    """A socket at a port, or at a free one for 0, that does not yet listen.

    Raises
    ------
    LiqmapError : the port is in use, or the address not of this machine.
    """
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    if os.name == "posix":  # as servers do: a port just given up is free
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address, port))
    except OSError as error:
        found.close()
        raise refused(address, port, error) from None
    return found


def refused(address: str, port: int, error: OSError) -> LiqmapError:
    """Why nothing can listen there."""
    if error.errno == errno.EADDRINUSE:
        return LiqmapError(
            "the port is in use",
            where=f"{host_of(address)}:{port}",
            remedy="Choose another, or 0 for a free one",
        )
    return LiqmapError(f"cannot listen on port {port} there: {error.strerror or error}", where=address)


def host_of(address: str) -> str:
    """The name to type into a browser."""
    return "127.0.0.1" if address in ("", "0.0.0.0") else f"[{address}]" if ":" in address else address
