"""`serve`: the app on a port of this machine."""

from __future__ import annotations

import errno
import gc
import logging
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.settings import settings

from liqmap.app.controls.form import Form
from liqmap.app.data.background import finish_work
from liqmap.app.data.opened import Opened
from liqmap.app.internals.panel import let_fetch_scripts
from liqmap.app.internals.tornado import let_long_links_in
from liqmap.app.main import explore
from liqmap.app.publish.access import Access, loopback
from liqmap.app.publish.assets import pack_assets
from liqmap.app.publish.connection import Connection, watch_connection
from liqmap.app.publish.gate.bounds import APPLICATION, SERVER
from liqmap.app.publish.gate.markup import modules_script
from liqmap.app.publish.gate.opening import open_gate
from liqmap.app.publish.login.entrance import entrance_of, secret_of
from liqmap.app.publish.login.passwords import Passwords
from liqmap.app.publish.login.provision import login_options, open_entrance
from liqmap.app.publish.login.who import current_user
from liqmap.app.publish.ports import bound, host_of, refused
from liqmap.app.publish.roles import may_write
from liqmap.app.style import PAGE
from liqmap.app.views.address import Query
from liqmap.app.views.picture import Picture
from liqmap.schema import PYTHON, Keyword, Sentence, Wording
from liqmap.session import Store, open_store
from liqmap.terminal import say

log = logging.getLogger("liqmap.app")

TITLE = "liqmap"

FAILED = "<h1>This page cannot be made</h1><p>The log of the server says why.</p>"
"""What a visitor reads in place of a page that failed."""

TRIES = 5
"""Free ports that are tried: of each somebody else may be quicker to listen on it."""


def serve(
    store: str | Path | Store,
    address: str = "127.0.0.1",
    port: int = 0,
    show: bool = False,
    access: Access | None = None,
    wording: Wording = PYTHON,
    live: Mapping[str, Callable[[], Any]] | None = None,
) -> None:
    """Serve the app and block until interrupted (Ctrl-C) or terminated.

    Parameters
    ----------
    store : its directory, or a Store.
    address : interface to listen on; the default serves this machine only.
    port : 0 takes a free one.
    show : open a browser.
    access : who may come; by default whoever is on this machine.
    wording : of the notes to the publisher.
    live : markets that are listened to, see `explore`.

    Raises
    ------
    LiqmapError : the port is in use, the address not of this machine, or open to others without a login.

    Notes
    -----
    The address is printed on standard output. Visitors who reach the server under another name than
    ``address`` or ``localhost`` need that name among the ``origins`` of the access.
    """
    access = access or Access()
    server = start(store, address, port, access, live)
    url = f"http://{host_of(address)}:{server.port}{access.prefix}"
    say(f"liqmap app at {url} (Ctrl-C stops it)", flush=True)
    for note in _notes(access, address):
        say(f"note: {wording.spell(note)}", error=True, flush=True)
    if show:
        server.io_loop.call_later(0.1, server.show, "/")
    previous = signal.signal(
        signal.SIGTERM, lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop)
    )
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)
        server.stop()
        finish_work()


def start(
    store: str | Path | Store,
    address: str = "127.0.0.1",
    port: int = 0,
    access: Access | None = None,
    live: Mapping[str, Callable[[], Any]] | None = None,
) -> Any:
    """A server that listens but does not yet answer: start its ``io_loop``.

    Its visitors share the sessions that are open, and the memory these may hold.

    Raises
    ------
    LiqmapError : see `serve`.
    """
    access = access or Access()
    access.check_address(address)
    source = store if isinstance(store, Store) else open_store(store)
    entrance = entrance_of(access)  # reads the file of passwords
    secret = entrance.secret if entrance else secret_of(access)
    pn.extension(theme="dark", raw_css=[PAGE], browser_info=False)
    _lighten_pages()
    let_long_links_in()
    opened = Opened(memory=access.memory)

    def app() -> None:
        let_fetch_scripts(pn.state.curdoc)
        watch_connection()
        read_only = not may_write(access, current_user())
        try:
            _show(explore(source, height=None, opened=opened, read_only=read_only, live=live))
        except Exception:  # of which Panel would show the traceback
            log.exception("a page cannot be made")
            _show(pn.pane.HTML(FAILED))

    own = {host_of(address), address, "localhost", "127.0.0.1"} - {"", "0.0.0.0", "::"}

    def listen(port: int) -> Any:
        origins = sorted({f"{host}:{port}" for host in own} | set(access.origins))
        return pn.serve(
            app, port=port, address=address, websocket_origin=origins, show=False, start=False, verbose=False,
            title=TITLE, location=False, prefix=access.prefix, sign_sessions=access.signed,
            secret_key=secret.key("pages"), http_server_kwargs=dict(SERVER), **APPLICATION,
            **login_options(entrance),
        )  # fmt: skip

    server = _on_port(address, port, listen)
    pack_assets(
        server,
        [Picture.script(), Form.script(), Query.script(), Connection.script(), modules_script()],
    )
    open_entrance(server, open_gate(server, access), entrance)
    # Panel leaves this out where the loop is not its own: without it whoever has left stays in memory.
    server.io_loop.add_callback(server.start)
    return server


def _show(part: Any) -> None:
    """Put a part, whole, into the page that is being made: of what would fail in it later, when Panel puts it
    there, Panel shows the visitor the traceback."""
    pn.panel(part).server_doc(pn.state.curdoc, TITLE, location=False)


def _lighten_pages() -> None:
    """Leave out what bokeh does for whoever writes a page, three times for each visitor; and let a search for
    garbage pass over what lives as long as the process: it stops all pages for its time."""
    settings.perform_document_validation = False
    gc.collect()
    gc.freeze()


def _notes(access: Access, address: str) -> list[str]:
    """What the publisher should know; texts and `Sentence`s."""
    notes: list[str] = []
    if not loopback(address):
        if not access.closed:
            whoever = f"whoever reaches {address or 'this machine'} may enter ("
            notes.append(Sentence(whoever, Keyword("no_auth", True), ")"))
        if not access.origins:
            other = "visitors who reach this server under another name see no picture: "
            notes.append(Sentence(other, Keyword("origins"), " names it"))
        notes.append(
            "this server speaks HTTP: put one that speaks HTTPS before it, as logins go over the wire"
        )
    if access.is_shared and not (access.editors or access.read_only):
        look = "visitors only look: "
        notes.append(Sentence(look, Keyword("editors"), " names who may keep presets and calibrations"))
    if access.oauth and not access.users:
        notes.append(
            Sentence(f"whoever {access.oauth} knows may enter: ", Keyword("users"), " names who may")
        )
    if access.oauth and access.secret_file is None:
        ends = "all have to log in again when this server is started anew: "
        notes.append(Sentence(ends, Keyword("secret_file"), " keeps who has"))
    passwords = Passwords(access.basic_auth) if access.basic_auth is not None else None
    if passwords is not None and passwords.open_to_others:
        notes.append(f"others on this machine can read or change {passwords.path}: `chmod 600` it")
    if passwords is not None and passwords.plain:
        notes.append(
            f"{access.basic_auth} holds a password as it is: `liqmap passwd FILE USER` keeps a hash of it"
        )
    return notes


def _on_port(address: str, port: int, listen: Callable[[int], Any]) -> Any:
    """What listens on the port, or on a free one for 0: another, where somebody else was quicker."""
    tries = TRIES if port == 0 else 1
    while True:
        tries -= 1
        found = _port(address, port)
        try:
            return listen(found)
        except OSError as error:
            if tries == 0 or error.errno != errno.EADDRINUSE:
                raise refused(address, found, error) from None


def _port(address: str, port: int) -> int:
    """The port, or a free one for 0; asked of the system before anything listens on it.

    What the server says of itself holds its port, so it has to be known before.
    """
    with bound(address, port) as probe:
        return int(probe.getsockname()[1])
