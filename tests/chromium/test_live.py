"""A live market in the app: it grows, is followed, is left by a hand, and says when nothing is heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chromium.conftest import Server
from tests.chromium.drawn import STAGE, axes, choose, drag_slider, image, press

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CODE = "from tests.chromium.live_server import main; main()"

SECOND = 1e9

LIVE = f"""() => {{
  {STAGE}
  const {{chart, live}} = stage ?? {{}}
  if (!chart?.picture || !live) return null
  const sign = chart.root.querySelector(".liqmap-live")
  return {{view: chart.view, last: chart.market.last, follows: live.follows, number: live.number,
    bounds: chart.picture.bounds, state: sign?.dataset.state, words: sign?.innerText}}
}}"""
"""How the live market stands on the page; null until it does."""


class Market:
    """A page on a live market, and the server that lets it go on."""

    def __init__(self, server: Server, page: Any) -> None:
        self.server, self.page = server, page
        self.until("live.number >= 0")

    def tell(self, command: str) -> None:
        assert self.server.process.stdin is not None
        self.server.process.stdin.write(command + "\n")
        self.server.process.stdin.flush()

    @property
    def now(self) -> dict[str, Any]:
        return self.page.evaluate(LIVE)

    def until(self, what: str) -> dict[str, Any]:
        """Wait until something holds on the page: of ``live``, ``chart``, ``sign``."""
        self.page.wait_for_function(f"""() => {{
          {STAGE}
          const {{chart, live}} = stage ?? {{}}
          if (!chart?.picture || !live) return false
          const sign = chart.root.querySelector(".liqmap-live")
          return Boolean(sign && ({what}))
        }}""")
        return self.now

    def grows(self, seconds: float = 0.5) -> dict[str, Any]:
        """Let so much more come to be known, and wait until it is there and painted."""
        last = self.now["last"]
        self.tell(f"reveal {seconds}")
        self.until(f"chart.market.last > {last} + {0.8 * seconds * SECOND}")
        self.page.evaluate(f"async () => {{ {STAGE} await stage.chart.painted() }}")
        return self.now


@pytest.fixture
def market(start_server: Callable, store_path: Path, visit: Callable) -> Callable:
    def open_market(query: str = "", width: int = 1600, height: int = 1000) -> Market:
        server = start_server(store_path, code=CODE, commands=True)
        return Market(server, visit(server.url + query, width, height).page)

    return open_market


def test_live_market__grows_and_its_edge_is_followed(market: Callable, out: Path) -> None:
    live = market("?last=60s")
    before, pixels = live.now, image(live.page)
    assert before["state"] == "live"
    for _ in range(3):
        now = live.grows()
    assert now["last"] >= before["last"] + 1.4 * SECOND
    assert now["number"] > before["number"]
    begin, end = now["view"][:2]
    assert end - begin == pytest.approx(60 * SECOND)
    assert now["last"] < end < now["last"] + 0.1 * (end - begin)
    assert now["bounds"][1] >= now["last"]
    assert not image(live.page).same_as(pixels)
    assert live.page.url.endswith("last=1min") or "last=60s" in live.page.url
    live.tell("play 1")
    live.page.wait_for_timeout(2500)
    live.page.screenshot(path=out / "live-1600x1000.png")


def test_hand__leaves_the_edge_and_comes_back(market: Callable, out: Path) -> None:
    live = market("?last=60s")
    page, place = live.page, axes(live.page)
    page.mouse.move(*place.at(0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*place.at(0.75, 0.5), steps=5)
    page.mouse.up()
    held = live.until("!live.follows")
    assert held["state"] == "held"
    now = live.grows(1.0)
    assert now["view"] == held["view"]  # what comes does not move it
    page.wait_for_function("() => location.search.includes('from=')")
    page.screenshot(path=out / "live-held.png")
    press(page, "Back to live: follow the newest message; also End")
    back = live.until("live.follows && chart.view[1] > chart.market.last")
    assert back["view"][1] - back["view"][0] == pytest.approx(60 * SECOND)
    page.wait_for_function("() => !location.search.includes('from=')")
    assert live.grows()["follows"]


def test_keys__hold_and_go_back(market: Callable) -> None:
    live = market("?last=60s")
    chart = live.page.locator(".liqmap-chart")
    chart.press("Space")
    live.until("!live.follows")
    chart.press("End")
    live.until("live.follows")
    chart.press("ArrowLeft")
    live.until("!live.follows")
    chart.press("Home")
    live.until("live.follows")


def test_wheel__zooms_at_the_edge(market: Callable) -> None:
    live = market("?last=60s")
    before = live.now["view"]
    live.page.mouse.move(*axes(live.page).at(0.3, 0.5))
    live.page.mouse.wheel(0, -300)
    now = live.until(f"chart.view[1] - chart.view[0] < {0.8 * (before[1] - before[0])}")
    assert now["follows"]
    begin, end = now["view"][:2]
    assert now["last"] < end < now["last"] + 0.1 * (end - begin) + SECOND


def test_sliders__draw_while_it_grows(market: Callable) -> None:
    live = market("?last=60s&half_life=30s")
    live.tell("play 1")
    live.until("live.number > 3")
    page = live.page
    page.evaluate(
        f"() => {{ {STAGE} window.drawn = 0; stage.chart.addEventListener('picture', () => drawn++) }}"
    )
    before = live.now["number"]
    drag_slider(page, "half-life", 60)
    page.wait_for_function(f"() => {{ {STAGE} return stage.chart.drawnWith.halfLife > 31e9 && drawn > 3 }}")
    live.until(f"live.number > {before} + 2")
    assert live.now["follows"]


def test_silence__is_said_and_what_rested_is_carried(market: Callable, out: Path) -> None:
    live = market("?last=60s")
    live.grows()
    quiet = live.until("sign.dataset.state == 'quiet'")
    assert "nothing heard for" in quiet["words"]
    assert quiet["view"][1] > live.now["last"]
    live.until("sign.dataset.state == 'stale'")
    live.page.screenshot(path=out / "live-stale.png")
    live.grows()
    live.until("sign.dataset.state == 'live'")


def test_two_pictures__follow_together(market: Callable, out: Path) -> None:
    live = market("?last=60s&view=before%20and%20after", 1280, 720)
    live.grows()
    views = live.page.evaluate(
        f"() => {{ {STAGE} return charts.map(chart => [chart.view, chart.market.last]) }}"
    )
    assert views[0] == views[1]
    live.page.screenshot(path=out / "live-both-1280x720.png")


def test_panels__come_along(market: Callable, out: Path) -> None:
    live = market("?last=60s&panels=ladder,delta&theme=light", 1280, 720)
    live.tell("play 1")
    live.page.wait_for_timeout(4000)
    live.page.screenshot(path=out / "live-light-1280x720.png")
    choose(live.page, "market", "bybit AAAUSDT ob50")
    live.page.wait_for_function(f"() => {{ {STAGE} return stage.chart?.picture && !stage.live }}")
    assert live.page.locator(".liqmap-live").count() == 0
    choose(live.page, "market", "bybit SIMUSDT live")
    live.until("live.follows")


def test_price__is_brought_back_to_the_middle(market: Callable) -> None:
    live = market("?last=60s")
    place = axes(live.page)
    live.page.mouse.move(place.left + place.width + 20, place.top + place.height / 2)  # over the prices alone
    for _ in range(6):
        live.page.mouse.wheel(0, -300)
    narrow = live.until("chart.view[3] - chart.view[2] < 8")["view"]
    for _ in range(8):
        now = live.grows(2.0)
    low, high = now["view"][2:]
    assert now["follows"]
    assert high - low == pytest.approx(narrow[3] - narrow[2])
    assert low != narrow[2]
    code = f"""() => {{
      {STAGE}
      const {{chart}} = stage, [bid, ask] = chart.data.touch.map(({{tick}}) => tick.at(-1))
      return (bid + ask) / 2 * chart.market.tick
    }}"""
    mid = live.page.evaluate(code)
    live.until(f"chart.view[2] + 0.7 < {mid} && {mid} < chart.view[3] - 0.7")


def test_price__that_a_hand_has_chosen_stays(market: Callable) -> None:
    live = market("?last=60s")
    place = axes(live.page)
    live.page.mouse.move(*place.at(0.5, 0.5))
    live.page.mouse.down()
    live.page.mouse.move(*place.at(0.5, 0.95), steps=5)
    live.page.mouse.up()
    chosen = live.now["view"][2:]
    for _ in range(4):
        now = live.grows(2.0)
    assert now["follows"]
    assert now["view"][2:] == chosen
    live.page.wait_for_function("() => location.search.includes('low=')")


def test_session__that_python_draws_is_followed_too(
    start_server: Callable, store_path: Path, visit: Callable, out: Path
) -> None:
    code = f"import liqmap.app.picture.scene as scene; scene.IN_PAGE = 100; {CODE}"
    server = start_server(store_path, code=code, commands=True)
    live = Market(server, visit(server.url + "?last=60s", 1280, 720).page)
    before = live.now
    live.tell("play 1")
    later = before["last"] + 2 * SECOND
    now = live.until(f"chart.market.last > {later} && chart.picture.bounds[1] > chart.market.last")
    assert now["follows"]
    assert now["bounds"][1] > before["bounds"][1]
    live.page.screenshot(path=out / "live-python-1280x720.png")


def test_connection__that_is_lost_is_said(
    start_server: Callable, store_path: Path, chromium: Any, out: Path
) -> None:
    server = start_server(store_path, code=CODE, commands=True)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    try:
        page.goto(server.url + "?last=60s")
        live = Market(server, page)
        server.kill()
        lost = live.until("sign.innerText.includes('connection lost')")
        assert lost["state"] == "stale"
        assert lost["view"][1] > lost["last"]
        live.until("sign.innerText.includes('nothing heard for')")
        page.screenshot(path=out / "live-lost-1280x720.png")
    finally:
        page.close()
