"""What is known now, and the pages that want to hear of it.

The network's thread tells, the pages' event loop listens. A page that is slow loses curves, oldest first, and
is told how many; it never loses what was found or how things stand, since of those only the newest waits.
"""

import asyncio
import contextlib
import json
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.alarms import alarm_row, is_standing, pressing_first
from dashboard.next_steps import next_steps
from dashboard.texts import Texts, texts_in
from dashboard.views import HEARTBEAT_S, Light, Signs, facts, light, watch
from detector.alarms.ladder import Policy
from detector.alarms.values import Mode
from firmware_bridge.clock import Clock

Message = Mapping[str, Any]

# Levels that wait for a page: about 2 s of a night.
BEHIND = 10
# Events that wait for a page; with more, it is greeted anew.
MOST_NEWS = 100
# Levels a new page is given to begin with: 60 s of four a second.
LEVELS_KEPT = 260
# Alarms that stand at once; with more, the least pressing are left out.
MOST_ALARMS = 50
# Sensors in one household; more are somebody's mischief.
MOST_SENSORS = 16
_OVER_KEPT = 500
# Of one alarm, how much a page says of who was told.
MOST_RECEIPTS = 40
# Levels on the wire, little endian: sensor's number, rows, start in seconds since 1970, rows a second,
# resting level in µV, movement in mg; then float32 rows in µV. NaN stands for what is not known.
LEVELS_HEADER = struct.Struct("<HHddff")
_NAN = float("nan")


@dataclass
class Sensor:
    """The newest that was heard of one sensor.

    Attributes:
        name: What it goes by.
        number: What it goes by in levels.
        online: What its monitor, or its last will, said.
        state: Its `state` message.
        heartbeat: Its newest `heartbeat`, and when it came (monotonic s of the night's clock).
        levels: Its newest levels as bytes, oldest first.
    """

    name: str
    number: int
    online: bool = False
    state: Message | None = None
    heartbeat: tuple[Message, float] | None = None
    levels: deque[bytes] = field(default_factory=lambda: deque(maxlen=LEVELS_KEPT))

    def signs(self, mono_s: float, trouble: str) -> Signs:
        """Return what tells whether it is watched."""
        if self.heartbeat is None:
            return Signs(self.online, None, None, trouble)
        beat, came_s = self.heartbeat
        return Signs(self.online, mono_s - came_s, beat["last_good_age_ms"], trouble)


class Listener:
    """What one page has yet to hear."""

    def __init__(self) -> None:
        self._levels: deque[bytes] = deque(maxlen=BEHIND)
        self._news: dict[str, str] = {}
        self._wake = asyncio.Event()
        # A page is greeted first of all, and told how things stand.
        self.greet = True
        self.is_standing_due = True
        self.dropped = 0

    async def wait(self, timeout_s: float) -> None:
        """Wait until there is anything to say, or the time is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout_s)

    def take(self) -> list[str | bytes]:
        """Return what there is to say."""
        said: list[str | bytes] = [*self._news.values(), *self._levels]
        self._news.clear()
        self._levels.clear()
        self._wake.clear()
        return said

    def hear_levels(self, levels: bytes) -> None:
        """Note levels; the oldest go where too many wait."""
        self.dropped += len(self._levels) == BEHIND
        self._levels.append(levels)
        self._wake.set()

    def hear_event(self, name: str, text: str) -> None:
        """Note the newest revision of an event."""
        self._news[name] = text
        if len(self._news) > MOST_NEWS:
            self._news.clear()
            self.greet = True
        self._wake.set()

    def nudge(self) -> None:
        """Note that something about how things stand has changed."""
        self.is_standing_due = True
        self._wake.set()


class Live:
    """Everything live, and its listeners.

    What the network tells may come from any thread; `listen` and `leave` belong to the event loop that `bind`
    was called in.

    Args:
        clock: The night's clock.
        texts: What the pages say.

    Attributes:
        trouble: Tells why there is no broker; empty where there is one.
        is_logging: Tells whether events can be logged.
        policy: Tells who is called in a mode.
        notes: What a person should know besides.
        alarms: The newest of every alarm that stands, by its id.
    """

    def __init__(self, clock: Clock, texts: Texts | None = None) -> None:
        self.clock = clock
        self.texts = texts or texts_in()
        self.trouble: Callable[[], str] = str
        self.is_logging: Callable[[], bool] = lambda: True
        self.policy: Callable[[Mode], Policy] = Policy
        self.notes: list[str] = []
        self.alarms: dict[str, Message] = {}
        # Of alarms that are over, the revision in which that was said: what comes late does not raise them again.
        self._over: dict[str, int] = {}
        self._receipts: dict[str, dict[str, Message]] = {}
        self._sensors: dict[str, Sensor] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()

    def bind(self) -> None:
        """Take the running event loop as the pages' own."""
        self._loop = asyncio.get_running_loop()

    def sensor(self, name: str) -> Sensor:
        """Return what is known of a sensor; nothing yet where it is new.

        Raises:
            ValueError: there are too many.
        """
        if name not in self._sensors and len(self._sensors) >= MOST_SENSORS:
            raise ValueError(f"expected at most {MOST_SENSORS} sensors, got another: {name}")
        return self._sensors.setdefault(name, Sensor(name, len(self._sensors)))

    def knows(self, name: str) -> bool:
        """Tell whether a sensor has been heard of."""
        return name in self._sensors

    def tell_standing(self) -> None:
        """Tell every page that how things stand has changed."""
        self._call(lambda listener: listener.nudge())

    def tell_levels(self, sensor: Sensor, message: Message) -> None:
        """Pass levels on to every page."""
        levels = pack_levels(sensor.number, message)
        sensor.levels.append(levels)
        self._call(lambda listener: listener.hear_levels(levels))

    def tell_event(self, row: Mapping[str, Any]) -> None:
        """Pass an event on to every page."""
        text = json.dumps({"type": "event", "event": row}, ensure_ascii=False)
        self._call(lambda listener: listener.hear_event(str(row["id"]), text))

    def tell_alarm(self, message: Message) -> None:
        """Take a change of an alarm, in whatever order it comes, and tell every page how things stand."""
        name, revision = message["id"], message["revision"]
        known = self.alarms.get(name)
        if revision <= self._over.get(name, -1) or (known is not None and known["revision"] >= revision):
            return
        changed = {key: one for key, one in self.alarms.items() if key != name}
        if is_standing(message):
            changed[name] = message
        else:
            self._over[name] = revision
            while len(self._over) > _OVER_KEPT:
                del self._over[next(iter(self._over))]
        self._receipts = {key: told for key, told in self._receipts.items() if key in changed}
        # Another dictionary, as pages read this one meanwhile.
        self.alarms = {one["id"]: one for one in pressing_first(changed.values())[:MOST_ALARMS]}
        self.tell_standing()

    def tell_receipt(self, message: Message) -> None:
        """Take word of who was told of an alarm that stands; of each delivery the newest revision counts."""
        alarm_id, name = message["occurrence_id"], message["id"]
        told = self._receipts.get(alarm_id, {})
        if alarm_id not in self.alarms or (name in told and told[name]["revision"] >= message["revision"]):
            return
        kept = [one for one in told.values() if one["id"] != name] + [message]
        self._receipts[alarm_id] = {one["id"]: one for one in kept[-MOST_RECEIPTS:]}
        self.tell_standing()

    def listen(self) -> Listener:
        """Return somebody who hears everything from now on."""
        listener = Listener()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self._listeners.discard(listener)

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._listeners)

    def levels(self) -> list[bytes]:
        """Return the levels that a new page begins with."""
        return [levels for sensor in list(self._sensors.values()) for levels in list(sensor.levels)]

    def standing(self) -> dict[str, Any]:
        """Return how things stand, in words."""
        now, trouble = self.clock.wall(), self.trouble()
        sensors = sorted(self._sensors.values(), key=lambda sensor: sensor.name)
        alarms = list(self.alarms.values())
        modes = {sensor.name: sensor.state["mode"] for sensor in sensors if sensor.state}
        rows = [self._alarm(alarm, modes.get(alarm["sensor"], "guarded"), now) for alarm in alarms]
        called = {row["id"] for row in rows if row["is_calling"]}
        calling = {alarm["sensor"]: alarm for alarm in reversed(alarms) if alarm["id"] in called}
        shown = [self._shown(sensor, now, trouble, calling.get(sensor.name)) for sensor in sensors]
        never = self.texts("no_broker", trouble=trouble) if trouble else self.texts("never_heard")
        return {
            "type": "standing",
            "now": now.timestamp(),
            "rate": self.clock.rate,
            "sensors": shown,
            "alarms": rows,
            "none": Light("off", self.texts("not_watching"), never)._asdict(),
            "notes": [*self.notes, *([] if self.is_logging() else [self.texts("not_logged")])],
        }

    def _alarm(self, alarm: Message, mode: Mode, now: datetime) -> dict[str, Any]:
        told = self._receipts.get(alarm["id"], {}).values()
        row = alarm_row(self.texts, alarm, told, is_observing=mode == "observe")
        return row | {"next": next_steps(self.texts, alarm, self.policy(mode), now.timestamp())}

    def _shown(self, sensor: Sensor, now: datetime, trouble: str, calling: Message | None) -> dict[str, Any]:
        # A machine may be busy for a moment, however fast the night.
        patience_s = self.clock.at_least(HEARTBEAT_S, real_s=HEARTBEAT_S)
        signs = sensor.signs(self.clock.mono_s(), trouble)
        shown = light(self.texts, sensor.state, signs, now, patience_s, calling=calling)
        good_age_s = None
        if signs.silent_s is not None and signs.good_age_ms is not None:
            good_age_s = signs.silent_s + signs.good_age_ms / 1000
        return {
            "name": sensor.name,
            "number": sensor.number,
            "light": shown._asdict(),
            "facts": facts(self.texts, sensor.state, is_watched=shown.shape != "off"),
            "watch": watch(sensor.state),
            "synthetic": sensor.state is not None and sensor.state["synthetic"],
            "good_age_s": good_age_s,
        }

    def _call(self, tell: Callable[[Listener], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._fan_out, tell)

    def _fan_out(self, tell: Callable[[Listener], None]) -> None:
        for listener in self._listeners:
            tell(listener)


def pack_levels(number: int, message: Message) -> bytes:
    """Return a `levels` message of the first channel as bytes (see `LEVELS_HEADER`)."""
    rows = [row[0] if row else None for row in message["envelope_uv"]]
    start = datetime.fromisoformat(message["at"]).timestamp()
    resting = message["baseline_uv"][0] if message["baseline_uv"] else None
    movement = message["movement_mg"]
    header = LEVELS_HEADER.pack(
        number, len(rows), start, message["rate_hz"], _or_nan(resting), _or_nan(movement)
    )
    return header + struct.pack(f"<{len(rows)}f", *map(_or_nan, rows))


def _or_nan(value: float | None) -> float:
    return _NAN if value is None else value
