"""A page that is used for long holds no more than one that is used for a while."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.chromium.drawn import axes, settled, slider

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=20s&prune=none&layers=bbo,bubbles&panels=delta,profile"


class Heaps:
    """What a page and its worker hold, after what nothing holds is gone."""

    def __init__(self, page: Any) -> None:
        self._page, self._cdp = page, page.context.new_cdp_session(page)
        self._workers: list[str] = []
        self._heard: list[dict] = []
        self._cdp.on("Target.attachedToTarget", lambda event: self._workers.append(event["sessionId"]))
        self._cdp.on(
            "Target.receivedMessageFromTarget", lambda event: self._heard.append(json.loads(event["message"]))
        )
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self._cdp.send("Target.setAutoAttach", attach)
        self._cdp.send("Performance.enable")
        page.wait_for_timeout(300)
        assert len(self._workers) == 1

    def used(self) -> dict[str, float]:
        """MB of objects and of buffers in page and worker, and nodes of the document."""
        for _ in range(3):
            self._cdp.send("HeapProfiler.collectGarbage")
            self._of_worker("HeapProfiler.collectGarbage")
        here, there = self._cdp.send("Runtime.getHeapUsage"), self._of_worker("Runtime.getHeapUsage")
        metrics = {m["name"]: m["value"] for m in self._cdp.send("Performance.getMetrics")["metrics"]}
        heaps = {"page": here, "worker": there}
        found = {
            f"{kind} of {where}": heap[name] / 1e6
            for where, heap in heaps.items()
            for kind, name in (("objects", "usedSize"), ("buffers", "backingStorageSize"))
        }
        return found | {"nodes": metrics["Nodes"], "listeners": metrics["JSEventListeners"]}

    def _of_worker(self, method: str) -> dict:
        number = len(self._heard) + 1_000
        message = json.dumps({"id": number, "method": method})
        self._cdp.send("Target.sendMessageToTarget", {"sessionId": self._workers[0], "message": message})
        for _ in range(600):
            for said in self._heard:
                if said.get("id") == number:
                    return said["result"]
            self._page.wait_for_timeout(50)
        raise AssertionError(f"the worker does not answer {method}")


MOST = {
    "objects of page": 3, "objects of worker": 3, "buffers of page": 8, "buffers of worker": 8, "nodes": 100,
    "listeners": 20,
}  # fmt: skip
"""What of each may be there that was not before: of what is drawn at the time."""


def test_memory__stays_as_it_was(visit: Callable, app: str) -> None:
    """Half a thousand steps of a slider, and a hundred zooms."""
    page = visit(app + LINK).page
    settled(page)
    heaps = Heaps(page)
    half_life = slider(page, "half-life")

    def use(steps: int, zooms: int) -> dict[str, float]:
        half_life.focus()
        for k in range(steps):
            page.keyboard.press("ArrowRight" if k // 8 % 2 else "ArrowLeft")
        page.mouse.move(*axes(page).at(0.5, 0.5))
        for k in range(zooms):
            page.mouse.wheel(0, 240 if k // 5 % 2 else -240)
        page.locator(".liqmap-chart").focus()
        page.keyboard.press("0")
        page.wait_for_timeout(2_000)
        settled(page)
        return heaps.used()

    before = use(40, 20)  # what is kept from now on is there
    after = use(500, 100)
    more = {name: after[name] - before[name] for name in MOST}
    assert all(more[name] < MOST[name] for name in MOST), (more, after)
