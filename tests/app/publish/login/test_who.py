"""Who is looking, while pages are made side by side."""

from __future__ import annotations

import asyncio

from liqmap.app.publish.login.who import current_user, visitor


def test_who__of_pages_made_side_by_side() -> None:
    async def page(user: str) -> str | None:
        visitor.set(user)
        await asyncio.sleep(0)
        return current_user()

    async def pages() -> list[str | None]:
        return await asyncio.gather(*(page(user) for user in ("ann", "bob", "eve")))

    assert asyncio.run(pages()) == ["ann", "bob", "eve"]
    assert current_user() is None
