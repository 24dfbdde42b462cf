"""What is sent at random: requests as bytes, pages with parameters, login forms, messages on a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import strategies as st

from liqmap.app.state.link import parameters

Fragment = str | bytes


class _Case:
    """What is told of a failure is short; hypothesis says how to repeat it whole."""

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r:.400}" for name, value in vars(self).items())
        return f"{type(self).__name__}({told})"


@dataclass(frozen=True, repr=False)
class Raw(_Case):
    """Bytes on a connection. ``whole``: they are a request that HTTP allows, so an answer is owed."""

    head: bytes
    body: bytes = b""
    whole: bool = True
    known: bool = False
    """Whether it is sent with the cookies of who has logged in."""


@dataclass(frozen=True, repr=False)
class Page(_Case):
    """A page of who has logged in."""

    query: str


@dataclass(frozen=True, repr=False)
class Login(_Case):
    """What is typed into the login form, or sent as if it were."""

    body: bytes
    kind: str


@dataclass(frozen=True, repr=False)
class Said(_Case):
    """What is said on the socket of a page, in turn. ``@7@`` stands for the id of a model of its document."""

    fragments: tuple[Fragment, ...]


Case = Raw | Page | Login | Said

# ------------------------------------------------------------------ addresses

PLACES = (
    "", "ws", "login", "logout", "healthz", "metadata", "autoload.js", "autoload.js?bokeh-autoload-element=1",
    "favicon.ico", "static/js/bokeh.min.js", "static/extensions/panel/panel.min.js", "static/liqmap/00.js",
    "static/extensions", "static", "components", "components/os/path/sep/x", "liveness", "admin",
)  # fmt: skip
STEPS = (
    "..", ".", "%2e%2e", "%2E%2E%2F", "..%5c", "%00", "%", "%zz", "~", "etc", "passwd", "passwords.json",
    "store", "//", "\\", ";", "login", "static", "charts", "%F0%9F%98%80", "a" * 300,
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get")
NAMES = (
    "Cookie", "Origin", "Range", "If-None-Match", "If-Modified-Since", "Accept-Encoding", "Accept-Language",
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Upgrade",
    "Referer",
    "Sec-WebSocket-Protocol", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "User-Agent", "Authorization",
    "Bokeh-Session-Id", "Content-Encoding", "Expect", "X-Xsrftoken",
)  # fmt: skip
VALUES = (
    "", "bytes=0-", "bytes=-1", "bytes=9999999999999999999-1", "bytes=a-b", "gzip", "*", "W/\"x\"", "https",
    "websocket", "127.0.0.1", "127.0.0.1, ::1", "for=\"[::1]\";proto=https", "http://evil.example.org",
    "null",
    "bokeh, x", "bokeh, a.b.c", "liqmap_login=x", "liqmap_login=\"\\001\"; user=2|1:0", "=;=", "Basic Og==",
    "100-continue", "Thu, 99 Foo 1970", "x" * 4000,
)  # fmt: skip

LONGEST_HEAD = 12_000
"""Bytes: of a longer one the server may hang up without an answer."""

printable = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30
)
step = (
    st.sampled_from(STEPS) | st.binary(max_size=8).map(quote_from_bytes) | st.text("abc/.%20\\@:", max_size=8)
)


@st.composite
def addresses(draw: Any) -> str:
    """The path of a request, and perhaps a query: places that there are, with steps that lead elsewhere."""
    inside = "/charts/" if draw(st.integers(0, 3)) else "/"
    place = draw(st.sampled_from(PLACES))
    further = draw(st.lists(step, max_size=3))
    query = draw(st.just("") | queries().map("?".__add__))
    return inside + "/".join([place, *further]) + query


@st.composite
def raw_requests(draw: Any) -> Raw:
    """A request, most of them such as HTTP allows."""
    method, address = draw(st.sampled_from(METHODS)), draw(addresses())
    headers = draw(
        st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | printable), max_size=3)
    )
    body = draw(st.just(b"") | st.binary(max_size=60))
    lines = [f"{method} {address.replace(' ', '%20')} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value.strip()}" for name, value in headers]
    length = len(body)
    whole = not any(name in ("Expect", "Upgrade", "Content-Encoding") for name, _ in headers)
    if draw(st.integers(0, 9)) == 0:  # a length that is none, or not that of the body
        length, whole = draw(st.sampled_from([-1, 10**12, 10**30, length + 1, "x", "1,2"])), False
    lines += [f"Content-Length: {length}"] if body or not whole else []
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    if draw(st.integers(0, 9)) == 0:
        at, junk = draw(st.integers(0, len(head))), draw(st.binary(max_size=6))
        head, whole = head[:at] + junk + head[at + len(junk) :], False
    return Raw(head, body, whole and len(head) < LONGEST_HEAD, draw(st.booleans()))


# ------------------------------------------------------------------ parameters of the app

LONG = "9" * 5000
SPELLED = (
    "", "none", "auto", "nan", "inf", "-1", "0", "1e999", "30s", "2min", LONG, f"-{LONG}", f"{LONG}s", "1,2",
    "2,1",
    "bybit/SIMUSDT", "bybit/NONE", "../../etc", "<script>", "2025-01-01", "0001-01-01", "9999-12-31", "24:00",
    "Europe/Berlin", "../UTC", "dark", "mean", "vwap,vwap", "imbalance@5", "imbalance@0", "depth@1e9bps",
    "\x00",
)  # fmt: skip
NAMED = (*parameters(), "market", "preset", "layers", "panels", "bokeh-session-id", "bokeh-autoload-element")


def queries() -> st.SearchStrategy[str]:
    """Parameters of a link, with values of all kinds; and 1,500 of them."""
    pair = st.tuples(st.sampled_from(NAMED) | printable, st.sampled_from(SPELLED) | st.text(max_size=12))
    few = st.lists(pair, max_size=4).map(lambda pairs: urlencode(pairs, errors="replace"))
    many = st.sampled_from("abmp").map(lambda name: urlencode([(f"{name}{k}", "") for k in range(1500)]))
    return st.one_of(few, few, few, few, many, printable.map(quote))


# ------------------------------------------------------------------ login forms

FIELDS = ("username", "password", "_xsrf", "next", "user", "token")
TYPED = (
    "ann",
    "Ann",
    "ann\x00",
    "wrong horse",
    "",
    " ",
    "\u202eann",
    "a" * 5000,
    "//evil.example.org",
    "\ud800",
)


def logins() -> st.SearchStrategy[Login]:
    """Forms as browsers send them, and bodies as nobody does."""
    field = st.tuples(st.sampled_from(FIELDS), st.sampled_from(TYPED) | st.text(max_size=20))
    form = st.lists(field, max_size=4).map(lambda pairs: urlencode(pairs, errors="replace").encode())
    kinds = st.sampled_from((
        "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16",
        "multipart/form-data; boundary=b", "multipart/form-data", "application/json", "",
    ))  # fmt: skip
    part = b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n'
    return st.builds(Login, form | st.binary(max_size=60) | st.binary(max_size=20).map(part.__add__), kinds)


# ------------------------------------------------------------------ what is said on a socket

KINDS = (
    "spans", "frame", "cell", "shapes", "measure", "growth", "view", "choice", "shown", "choose", "press",
    "file",
    "painted", "no such kind",
)  # fmt: skip
ASKED = ("view", "size", "halfLife", "prune", "agg", "shown", "rowTicks", "box", "at", "count", "values",
         "name", "overlays", "panels", "update", "carry", "half_life_s", "preset", "market",
         "cutoffs")  # fmt: skip
FORMS: tuple[Any, ...] = (
    {"id": "@3@"}, {"type": "object", "name": "Div", "id": "new"}, {"type": "object", "name": "os.system"},
    {"type": "map", "entries": [[1]]}, {"type": "map", "entries": [["id", {"id": "@1@"}]]},
    {"type": "number", "value": "nan"}, {"type": "number", "value": "x"}, {"type": "bytes", "data": "@@@"},
    {"type": "ndarray", "array": {"id": "x"}, "shape": [10**9], "dtype": "float64", "order": "little"},
    {"type": "ndarray", "array": [1], "shape": [10**9, 10**9], "dtype": "object", "order": "little"},
    {"type": "slice", "start": 0, "stop": None, "step": 0}, {"type": "set", "entries": [[]]},
    {"type": "none"},
    [0, 10**9, 0, 10**6], [300, 200], 10**400, -(10**30), float("nan"), float("-inf"), "", "<b>", LONG,
)  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(FORMS),
    lambda part: (
        st.lists(part, max_size=4) | st.dictionaries(st.sampled_from(ASKED) | st.text(max_size=5), part)
    ),
    max_leaves=6,
)
model = st.integers(0, 60).map(lambda k: {"id": f"@{k}@"}) | anything


def _bokeh_event(name: Any, values: Any) -> Any:
    data = {"type": "event", "name": name, "values": values}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": data}


def _map(values: dict[str, Any]) -> Any:
    return {"type": "map", "entries": [[name, value] for name, value in values.items()]}


def _data_event(model: Any, data: Any) -> Any:
    return _bokeh_event("data_event", _map({"model": model, "data": data}))


ask = st.dictionaries(st.sampled_from(ASKED), anything, max_size=4)
message = st.builds(
    lambda number, kind, what: {"id": number, "kind": kind, "ask": what},
    st.integers(0, 9) | anything, st.sampled_from(KINDS) | anything, ask | anything,
)  # fmt: skip
event = st.one_of(
    st.builds(_data_event, model, message | anything),
    st.builds(_data_event, model, message.map(_map)),
    st.builds(_bokeh_event, st.sampled_from(["document_ready", "button_click", "x"]) | anything, anything),
    st.builds(lambda m, attr, new: {"kind": "ModelChanged", "model": m, "attr": attr, "new": new},
              model, st.sampled_from(["data", "children", "visible", "esm", "x"]) | anything, anything),
    st.builds(lambda kind, m, new: {"kind": kind, "model": m, "attr": "data", "title": new, "new": new},
              st.sampled_from(["RootAdded", "RootRemoved", "TitleChanged", "ColumnsStreamed", "Nope"]),
              model, anything),
    anything,
)  # fmt: skip
TYPES = (
    "PATCH-DOC",
    "PATCH-DOC",
    "PATCH-DOC",
    "PUSH-DOC",
    "PULL-DOC-REQ",
    "SERVER-INFO-REQ",
    "ACK",
    "ERROR",
    "OK",
    "NO",
)


@st.composite
def messages(draw: Any) -> tuple[str, ...]:
    """A message of bokeh's protocol: header, metadata, content."""
    kind = draw(st.sampled_from(TYPES))
    header = {"msgid": "1", "msgtype": kind} if draw(st.integers(0, 5)) else draw(anything)
    if kind == "PATCH-DOC" and draw(st.integers(0, 5)):
        content: Any = {"events": draw(st.lists(event, max_size=3))}
    elif kind == "PUSH-DOC" and draw(st.booleans()):
        content = {"doc": {"version": "3", "title": "x", "roots": draw(anything)}}
    else:
        content = draw(anything)
    return tuple(map(json.dumps, (header, {}, content)))


fragment: st.SearchStrategy[Fragment] = (
    st.text(max_size=20) | st.binary(max_size=20) | anything.map(json.dumps)
)


def said() -> st.SearchStrategy[Said]:
    """A few messages, and fragments of none."""
    turn = messages() | messages() | messages() | fragment.map(lambda one: (one,))
    return st.lists(turn, min_size=1, max_size=4).map(lambda turns: Said(sum(turns, ())))


def cases() -> st.SearchStrategy[Case]:
    """One of anything."""
    return st.one_of(raw_requests(), raw_requests(), said(), said(), logins(), queries().map(Page))
