"""The rate of a stream that has no clock, measured from when its rows arrived."""

from collections.abc import Sequence
from typing import NamedTuple

# Rates that boards are set to; a measured one this near to one of them is taken for it.
USUAL_RATES_HZ = (
    50,
    100,
    125,
    200,
    250,
    256,
    400,
    500,
    512,
    800,
    860,
    1000,
    1024,
    1200,
    1500,
    2000,
    2048,
    4000,
)
_NEAR = 0.01
# A measured rate this far from the stated one contradicts it.
_CONTRADICTS = 0.10


class RowArrival(NamedTuple):
    """So many rows, the last of which had arrived at a time of the host's monotonic clock."""

    rows: int
    received_at_s: float


def measured_rate_hz(arrivals: Sequence[RowArrival]) -> float | None:
    """Return rows a second; None where nothing can be said.

    What came with the first arrival had been waiting for who knows how long, and does not count.
    """
    if len(arrivals) < len(("first", "last")):
        return None
    lasted_s = arrivals[-1].received_at_s - arrivals[0].received_at_s
    rows = sum(arrival.rows for arrival in arrivals[1:])
    return rows / lasted_s if lasted_s > 0 and rows else None


def settled_rate_hz(measured_hz: float, stated_hz: float | None) -> tuple[float, tuple[str, ...]]:
    """Return the rate to go by, in whole hertz unless stated, and sentences on what had to be guessed.

    Raises:
        ValueError: what arrives contradicts the stated rate.
    """
    if stated_hz is not None:
        if abs(measured_hz / stated_hz - 1) > _CONTRADICTS:
            raise ValueError(
                f"expected {stated_hz:g} rows a second, as stated, got {measured_hz:.0f}; "
                f"state rate={measured_hz:.0f} or, where fewer come than are sent, a higher baud= on both sides"
            )
        return stated_hz, ()
    usual_hz = min(USUAL_RATES_HZ, key=lambda rate_hz: abs(measured_hz / rate_hz - 1))
    near = abs(measured_hz / usual_hz - 1) <= _NEAR
    rate_hz = float(usual_hz if near else max(1, round(measured_hz)))
    guess = f"{measured_hz:.1f} rows a second were measured and {rate_hz:g} Hz taken"
    return rate_hz, (f"rate: {guess}; state it with rate={rate_hz:g}",)
