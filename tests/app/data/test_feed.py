"""How a feed does, in words."""

from __future__ import annotations

from liqmap.app.data.feed import feed_rows
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus

MARKET = Market("bybit", "BTCUSDT")


def words(status: MarketStatus | None, rate: float | None = 12.4) -> dict[str, tuple[str, bool]]:
    return {row.name: (row.words, row.is_good) for row in feed_rows(status, rate)}


def test_rows__of_a_feed_that_does_well() -> None:
    status = MarketStatus(MARKET, "live", lag_ms=21.4, checksums=1204, verified=1204)
    assert words(status) == {
        "feed": ("live", True), "messages": ("12/s", True), "lag": ("21 ms", True), "gaps": ("0", True),
        "reconnects": ("0", True), "verified": ("1,204 of 1,204", True),
    }  # fmt: skip


def test_rows__mark_what_is_wrong() -> None:
    status = MarketStatus(
        MARKET, "waiting", lag_ms=12_345.0, gaps=2, reconnects=3, checksums=10, verified=9, error="no route"
    )
    said = words(status, None)
    wrong = {name for name, (_, is_good) in said.items() if not is_good}
    assert wrong == {"feed", "lag", "gaps", "verified", "error"}
    assert said["lag"] == ("12 s", False)
    assert said["messages"] == ("–", True)


def test_rows__tell_what_went_wrong_before_as_what_is_over() -> None:
    said = words(MarketStatus(MARKET, "live", reconnects=1, error="nothing came for 30 s"))
    assert said["last error"] == ("nothing came for 30 s", True)
    assert all(is_good for _, is_good in said.values())


def test_rows__tell_no_lag_of_a_clock_that_is_another() -> None:
    """As that of a day that is played faster than it was: a message would have come before it was sent."""
    assert words(MarketStatus(MARKET, "live", lag_ms=-88_000.0))["lag"] == ("–", True)
    assert words(MarketStatus(MARKET, "live", lag_ms=-40.0))["lag"] == ("-40 ms", True)  # clocks differ a bit


def test_rows__of_a_feed_that_nobody_listens_to() -> None:
    assert feed_rows(None, None) == []
    assert words(MarketStatus(MARKET))["lag"] == ("–", True)
    assert "verified" not in words(MarketStatus(MARKET))
