"""Roles: viewers read; editors keep presets and calibrations, and make the sample session."""

from __future__ import annotations

from liqmap.app.publish.access import EVERYBODY, Access


def may_write(access: Access, user: str | None) -> bool:
    """Whether a visitor may have anything written.

    Nobody may of an app that is read-only. Else the editors may; where none are named, whoever is at this
    machine, if the app is for nobody else.

    Parameters
    ----------
    user : who has logged in; None: nobody has.
    """
    if access.read_only:
        return False
    if EVERYBODY in access.editors or not (access.editors or access.is_shared):
        return True
    return user is not None and _named(access, user) in {_named(access, name) for name in access.editors}


def _named(access: Access, user: str) -> str:
    """A name to compare: providers of OAuth take it in any case, a file of passwords as it stands there."""
    return user.lower() if access.oauth is not None else user
