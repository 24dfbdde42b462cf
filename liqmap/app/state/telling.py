"""What a page says of errors: in a notebook all of it; on a server nothing of its machine, which goes to its
log."""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakKeyDictionary

import panel as pn

from liqmap.app.state.whereabouts import Whereabouts
from liqmap.app.state.wording import PageWording, notice_of
from liqmap.schema import LiqmapError, one_line

log = logging.getLogger("liqmap.app")


class Telling:
    """Tells who reads a page of errors; this one in full, as in a notebook."""

    def __call__(self, error: Exception, failed: str = "") -> str:
        """What the page says.

        Parameters
        ----------
        failed : what could not be done, as a sentence without its full stop, of an error that nobody foresaw.
        """
        if isinstance(error, LiqmapError):
            return notice_of(error)
        _log(error, failed)
        return f"{failed} ({type(error).__name__}: {one_line(str(error))})."

    def hide(self, text: str) -> str:
        """A text of others, such as the last error of a feed."""
        return text


class Discreet(Telling):
    """Tells strangers: what stands in a store by its place there, and no other path of the machine; of an
    error that nobody foresaw, which may hold anything, only that there was one. The log has all of it."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self._whereabouts = whereabouts
        self._wording = _DiscreetWording(whereabouts)

    def __call__(self, error: Exception, failed: str = "") -> str:
        if not isinstance(error, LiqmapError):
            _log(error, failed)
            return f"{failed}: the log of the server says why."
        plain = LiqmapError.wrapping(error)
        plain.where = self._whereabouts.hide_place(error.where)
        told = plain.worded(self._wording)
        if told != notice_of(error):
            log.warning("told a visitor without its paths: %s", error)
        return told

    def hide(self, text: str) -> str:
        return self._whereabouts.hide(text)


class _DiscreetWording(PageWording):
    def __init__(self, whereabouts: Whereabouts) -> None:
        self._whereabouts = whereabouts

    def spell(self, text: str) -> str:
        return self._whereabouts.hide(super().spell(text))


def _log(error: Exception, failed: str) -> None:
    """In one line, where it is of a file or the network; else with where it came up, as it is a fault."""
    if isinstance(error, OSError):
        log.error("%s: %s", failed, one_line(f"{type(error).__name__}: {error}"))
    else:
        log.error("%s", failed, exc_info=error)


OPEN = Telling()
_TELLING: WeakKeyDictionary[Any, Telling] = WeakKeyDictionary()


def telling(document: Any = None) -> Telling:
    """How the page of a document is told of errors, of the present one by default: in full, unless it is
    served."""
    document = pn.state.curdoc if document is None else document
    if document is None or document.session_context is None:
        return OPEN
    return _TELLING.get(document) or tell_of(document, None)


def tell_of(document: Any, source: Any) -> Telling:
    """The same of a page that is being made, which shows a store, or a session of one."""
    if document is None or document.session_context is None:
        return OPEN
    _TELLING[document] = told = Discreet(Whereabouts(source))
    return told
