"""What is told to pages: at once, in bounds, and never out of date without saying so."""

import asyncio
import json
import struct
from datetime import UTC, datetime
from typing import Any

from dashboard.live import BEHIND, LEVELS_HEADER, LEVELS_KEPT, MOST_NEWS, Listener, Live, pack_levels
from dashboard.views import event_row
from firmware_bridge.clock import Clock
from tests.dashboard.events import BEGAN, event, heartbeat, levels, state


def test_levels_travel_as_their_header_says() -> None:
    message = levels(first_index=500, rows=10, uv=7.5)
    packed = pack_levels(3, message)
    number, rows, start, rate_hz, resting, movement = LEVELS_HEADER.unpack_from(packed)
    assert (number, rows, rate_hz, resting, movement) == (3, 10, message["rate_hz"], 2.0, 12.0)
    assert start == BEGAN.timestamp() + 0.5
    # Floats of a typed array begin at a multiple of their size.
    assert LEVELS_HEADER.size % 4 == 0
    assert struct.unpack_from("<10f", packed, LEVELS_HEADER.size) == (7.5,) * 10


def test_what_is_not_known_travels_as_nan() -> None:
    message = levels() | {"movement_mg": None, "baseline_uv": [], "envelope_uv": [[None], [], [1.0]]}
    packed = pack_levels(0, message)
    *_, resting, movement = LEVELS_HEADER.unpack_from(packed)
    values = struct.unpack_from("<3f", packed, LEVELS_HEADER.size)
    assert [value != value for value in (resting, movement, *values)] == [True] * 4 + [False]  # noqa: PLR0124


def test_a_slow_page_loses_curves_and_is_told_but_no_event() -> None:
    listener = Listener()
    for n in range(BEHIND + 7):
        listener.hear_levels(bytes([n]))
        listener.hear_event("rec.1", f"revision {n}")
    said = listener.take()
    assert listener.dropped == 7
    assert said == [f"revision {BEHIND + 6}", *(bytes([n]) for n in range(7, BEHIND + 7))]
    assert listener.take() == []


def test_a_page_with_too_much_to_hear_is_greeted_anew() -> None:
    listener = Listener()
    listener.greet = False
    for n in range(10 * MOST_NEWS):
        listener.hear_event(f"rec.{n}", "event")
    assert listener.greet
    assert len(listener.take()) <= MOST_NEWS


def test_listeners_hear_from_another_thread() -> None:
    live = Live(Clock())

    async def page() -> list[str | bytes]:
        live.bind()
        listener = live.listen()
        gone = live.listen()
        live.leave(gone)
        await asyncio.to_thread(live.tell_event, event_row(live.texts, event(1)))
        await asyncio.to_thread(live.tell_levels, live.sensor("left-calf"), levels())
        await listener.wait(10)
        await asyncio.sleep(0)
        assert gone.take() == []
        return listener.take()

    told, curve = asyncio.run(page())
    assert isinstance(told, str)
    assert json.loads(told)["event"]["id"] == "rec.1"
    assert isinstance(curve, bytes)


def test_nobody_listening_costs_nothing() -> None:
    live = Live(Clock())
    for n in range(2 * LEVELS_KEPT):
        live.tell_levels(live.sensor("left-calf"), levels(first_index=250 * n))
    assert len(live.levels()) == LEVELS_KEPT


class Watch:
    """A monitor that has just said that all is well, on a clock that a test moves."""

    def __init__(self, rate: float = 1.0) -> None:
        self.clock = Clock(rate, origin_wall=datetime(2026, 11, 22, 1, 0, tzinfo=UTC) if rate != 1 else None)
        self.live = Live(self.clock)
        now = self.clock.wall()
        sensor = self.live.sensor("left-calf")
        sensor.online, sensor.state = True, state(now)
        sensor.heartbeat = (heartbeat(at=now), self.clock.mono_s())

    def age(self, seconds: float) -> None:
        message, came_s = self.live.sensor("left-calf").heartbeat or ({}, 0.0)
        self.live.sensor("left-calf").heartbeat = (message, came_s - seconds)

    def shown(self) -> dict[str, Any]:
        (sensor,) = self.live.standing()["sensors"]
        return dict(sensor)


def test_silence_is_shown_by_itself_after_five_seconds() -> None:
    watch = Watch()
    assert watch.shown()["light"]["shape"] == "calm"
    watch.age(6)
    assert watch.shown()["light"] == {
        "shape": "off",
        "word": "Not watching",
        "reason": "No sign of life from the monitor for 6 s.",
    }


def test_an_accelerated_night_is_judged_by_its_own_clock() -> None:
    watch = Watch(rate=60.0)
    standing = watch.live.standing()
    assert standing["rate"] == 60.0
    assert abs(standing["now"] - watch.clock.wall().timestamp()) < 60
    # A minute of this night is a second of life: no machine is that punctual.
    watch.age(60)
    assert watch.shown()["light"]["shape"] == "calm"
    watch.age(600)
    assert watch.shown()["light"]["shape"] == "off"


def test_the_age_of_the_signal_is_that_of_its_message_and_since() -> None:
    watch = Watch()
    watch.age(2)
    assert 2.2 <= watch.shown()["good_age_s"] < 3


def test_what_a_person_should_know_is_noted() -> None:
    watch = Watch()
    assert watch.live.standing()["notes"] == []
    watch.live.is_logging = lambda: False
    watch.live.notes.append("Something else.")
    assert len(watch.live.standing()["notes"]) == 2


def test_trouble_with_the_broker_is_the_reason() -> None:
    watch = Watch()
    watch.live.trouble = lambda: "no broker answers at 127.0.0.1"
    assert watch.shown()["light"]["reason"] == "These pages hear nothing: no broker answers at 127.0.0.1."
