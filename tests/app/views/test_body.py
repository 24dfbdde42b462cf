"""What stands in place of the picture, or beside it."""

from __future__ import annotations

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Body, Head
from liqmap.schema import SessionError
from tests.app.asking import t
from tests.app.choosing import choose
from tests.render.market import Market


def test_notice__takes_the_place_of_the_picture() -> None:
    class Broken(Market):
        def spans(self, depth_limit: int | None = None):  # type: ignore[no-untyped-def]
            raise SessionError("expected <depth>, got `none`")

    body = Body(data=Data(Broken()))
    assert "expected &lt;depth&gt;, got <code>none</code>" in body._instead[0].object
    assert (body._instead.visible, body.heatmap.picture.visible) == (True, False)


def test_picture__stands_where_there_is_a_session(market: Market) -> None:
    data = Data(market)
    body = Body(data=data)
    assert (list(body._instead), body._instead.visible, body.heatmap.picture.visible) == ([], False, True)
    key = body.heatmap.picture.scene["key"]
    data.busy = "Opening <another>"
    assert "Opening &lt;another&gt; …" in body._instead[0].object
    assert not body.heatmap.picture.visible
    data.busy = ""
    assert body.heatmap.picture.visible
    assert body.heatmap.picture.scene["key"] != key


def test_warnings__stand_beside_the_picture(market: Market) -> None:
    data = Data(market, State(start=t(5000), end=t(6000)))
    body = Body(data=data)
    assert "from, to: expected a time from" in body._warnings[0][0].object
    assert data.state.start is None
    choose(Head(data=data).right, jump="noon")
    assert [w.split(":")[0] for w in data.warnings] == ["from, to", "jump to"]
    body._warnings[0][1].clicks += 1
    assert len(body._warnings) == 0
