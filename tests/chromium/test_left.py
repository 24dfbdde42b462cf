"""What a server may say of pages that were closed, and nothing beside it."""

from __future__ import annotations

from tests.chromium.conftest import LEFT

CLOSED = """Task exception was never retrieved
future: <Task finished name='Task-7' coro=<send()> exception=WebSocketClosedError()>
Traceback (most recent call last):
  File "websocket.py", line 1, in wrapper
    raise WebSocketClosedError()
tornado.websocket.WebSocketClosedError
"""

OURS = """Task exception was never retrieved
future: <Task finished name='Task-8' coro=<tick()> exception=ValueError('size')>
Traceback (most recent call last):
  File "player.py", line 1, in tick
ValueError: size
"""


def test_left__takes_out_what_tornado_says_and_no_error_of_ours() -> None:
    assert LEFT.sub("", CLOSED + CLOSED) == ""
    assert LEFT.sub("", OURS + CLOSED) == OURS
    assert LEFT.sub("", CLOSED + OURS + CLOSED) == OURS
    assert LEFT.sub("", OURS) == OURS
