"""Work beside the loop: bounded for all, and for each."""

from __future__ import annotations

import asyncio
import threading

import pytest

from liqmap.app.publish.login.lane import MOST_OF_ONE, Lane


def test_lane__has_places_for_others() -> None:
    go = threading.Event()

    async def work() -> None:
        lane = Lane("test", waiting=4)
        tasks = []
        for whom in ("ann", "ann", "bob", "cid", "dee"):
            assert not lane.full(whom)
            tasks.append(asyncio.ensure_future(lane.run(whom, go.wait, 10)))
            await asyncio.sleep(0)
            assert lane.full("ann") == (len(tasks) >= MOST_OF_ONE)
        assert lane.full("eve")
        go.set()
        assert all(await asyncio.gather(*tasks))
        await asyncio.sleep(0.01)
        assert not lane.full("ann")
        with pytest.raises(ZeroDivisionError):
            await lane.run("ann", lambda: 1 / 0)
        await asyncio.sleep(0.01)
        assert not lane._inside  # nothing is kept of anybody
        lane.close()

    asyncio.run(work())


def test_lane__outlives_its_loop() -> None:
    """A server that is stopped while a password is being hashed."""
    go, lane = threading.Event(), Lane("test")

    async def leave() -> None:
        task = asyncio.ensure_future(lane.run("ann", go.wait, 10))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    go.set()
    lane.close()
