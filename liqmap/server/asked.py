"""What may be asked: models of parameters, each with its bounds and one line of what it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MS_FIRST, MS_LAST = 0, 4_102_444_800_000
"""Times that are taken: 1970 to 2100, ms."""

LONGEST = 100
"""Characters of a word."""

Format = Literal["json", "columns", "arrow", "parquet", "csv", "png"]

Word = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[\w.:@+\-]+$")]
Ms = Annotated[int, Field(ge=MS_FIRST, le=MS_LAST)]
Price = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=10 * 366 * 86_400, allow_inf_nan=False)]
SecondsOrNone = Annotated[
    Literal["none"] | Annotated[float, Field(ge=0, le=10 * 366 * 86_400, allow_inf_nan=False)],
    Field(description="seconds; none: never"),
]


class Asked(BaseModel):
    """What every endpoint takes: the format of the answer; another parameter than its own is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format | None = Field(None, description="of the answer; default: by the Accept header, else json")


class OfMarket(Asked):
    """A market and a range of time."""

    symbol: Word = Field(description="such as BTCUSDT")
    feed: Word | None = Field(None, description="such as ob200; default: the deepest")
    start_ts: Ms | None = Field(None, description="ms since 1970, UTC; default: all there is")
    end_ts: Ms | None = Field(None, description="ms since 1970, UTC; what lies at it is left out")

    @model_validator(mode="after")
    def _rising(self) -> OfMarket:
        if self.start_ts is not None and self.end_ts is not None and not self.start_ts < self.end_ts:
            raise ValueError("start_ts has to be before end_ts")
        return self


class AtVenue(OfMarket):
    """A market of the venue in the path."""

    venue: Word = Field(description="such as bybit, binance-futures")


class OfVenue(OfMarket):
    """A market; where only one venue of the store has the symbol, that one."""

    venue: Word | None = Field(
        None, description="such as bybit; may be left out where only one venue has the symbol"
    )


def _price_bounds(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and not low < high:
        raise ValueError("price_min has to be below price_max")


class InPrices(BaseModel):
    """A range of prices."""

    price_min: Price | None = Field(
        None, description="quote currency; default: where the touch went, and a window"
    )
    price_max: Price | None = Field(None, description="quote currency")

    @model_validator(mode="after")
    def _rising_prices(self) -> InPrices:
        _price_bounds(self.price_min, self.price_max)
        return self


class Carried(BaseModel):
    """How what has left the feed's window is carried."""

    half_life_sec: SecondsOrNone = Field(
        30.0, description="age at which a carried size weighs half; none: no decay"
    )
    prune_sec: SecondsOrNone = Field(300.0, description="age at which a carried size is dropped; none: never")

    @model_validator(mode="after")
    def _decays(self) -> Carried:
        if self.half_life_sec == 0:
            raise ValueError("half_life_sec has to be above zero, or none")
        return self

    @property
    def half_life(self) -> str | None:
        """As the verbs of liqmap take it."""
        return None if self.half_life_sec == "none" else f"{self.half_life_sec!r}s"

    @property
    def prune(self) -> str | None:
        return None if self.prune_sec == "none" else f"{self.prune_sec!r}s"


def split(value: Any) -> Any:
    """``a,b`` as two words."""
    return (
        [word for one in value for word in str(one).split(",") if word] if isinstance(value, list) else value
    )


Words = Annotated[list[Word], BeforeValidator(split), Field(min_length=1, max_length=20)]
