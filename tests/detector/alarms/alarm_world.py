"""A night for an alarm engine: a clock, what holds now, and a log that is checked against what the engine says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from detector.alarms.conditions import CONDITIONS
from detector.alarms.engine import AlarmEngine
from detector.alarms.machines import Key, key_of
from detector.alarms.values import (
    Act,
    ActName,
    AlarmChange,
    AlarmCode,
    Change,
    Mode,
    Moment,
    Observation,
    Occurrence,
)

EVENING = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
SENSOR = "left-calf"
# Every stage of an alarm that is not over.
STAGES = ("pending", "active", "paused", "acked", "snoozed", "latched")
CRAMP = Observation("Left calf tight 12 s, 6 x resting level, leg still", event_id="e.1", site="left-calf")


def at(seconds: float) -> Moment:
    """The moment so many seconds into the night."""
    return Moment(seconds, EVENING + timedelta(seconds=seconds))


class Night:
    """An engine and its clock; what is put into `holding` is observed at every step."""

    def __init__(self, mode: Mode = "guarded") -> None:
        self.engine = AlarmEngine(SENSOR, mode, at(-3600), boot_id="boot-1")
        self.now_s = 0.0
        self.holding: dict[Key, Observation] = {}
        self.signal_lost = False
        self.log: list[Change] = []

    @property
    def now(self) -> Moment:
        return at(self.now_s)

    def begin(self, code: AlarmCode, seen: Observation | None = None, key: str = "") -> Occurrence:
        """Let a condition begin, and return its occurrence."""
        self.holding[code, key] = seen or Observation("it holds", since_s=self.now_s)
        self.observe()
        return self.of(code, key)

    def end(self, code: AlarmCode, key: str = "") -> None:
        """Let a condition end."""
        self.holding.pop((code, key), None)
        self.observe()

    def observe(self) -> list[Change]:
        """Observe what holds now."""
        return self._logged(self.engine.conditions(self.holding, self.now, signal_lost=self.signal_lost))

    def sleep(self, seconds: float, step_s: float = 1.0) -> None:
        """Let time pass, observing every ``step_s``."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s = min(end_s, self.now_s + step_s)
            self.observe()

    def act(self, act: Act) -> list[Change]:
        return self._logged(self.engine.act(act, self.now))

    def press(self, *, long: bool = False) -> list[Change]:
        return self._logged(self.engine.press(long=long, at=self.now))

    def ack(self, occurrence: Occurrence, who: str = "Ada") -> list[Change]:
        return self.act(Act("ack", who, occurrence.id))

    def of(self, code: AlarmCode, key: str = "") -> Occurrence:
        """What stands of a code."""
        return next(item for item in self.engine.occurrences if (item.code, item.key) == (code, key))

    def stage(self, code: AlarmCode, key: str = "") -> str:
        """Its stage; inactive where nothing stands."""
        stands = [item.stage for item in self.engine.occurrences if (item.code, item.key) == (code, key)]
        return stands[0] if stands else "inactive"

    def changes(self, code: AlarmCode) -> list[tuple[str, str]]:
        """Every change of stage of a code, in order."""
        return [
            (item.was, item.now)
            for item in self.log
            if isinstance(item, AlarmChange) and item.occurrence.code == code and item.was != item.now
        ]

    def _logged(self, changes: list[Change]) -> list[Change]:
        self.log += changes
        return changes


def physio(changes: list[Change]) -> list[tuple[str, str, str, str]]:
    """What happened in the physiological region, whatever the ids."""
    return [
        (item.occurrence.code, item.was, item.now, item.why)
        for item in changes
        if isinstance(item, AlarmChange) and CONDITIONS[item.occurrence.code].region == "physio"
    ]


def raised(night: Night, code: AlarmCode) -> Occurrence:
    """Let a condition have held for as long as its whole ladder of priorities, and return what was raised."""
    condition = CONDITIONS[key_of(code)[0]]
    since_s = night.now_s - condition.rungs[-1][0]
    night.holding[code, ""] = Observation("it holds", since_s, event_id=f"e.{since_s}")
    night.observe()
    return night.of(code)


def in_stage(stage: str, code: AlarmCode = "CRAMP") -> Night:
    """A night whose alarm stands in a stage; the pending one is a clonic run, for a cramp waits for nothing."""
    night = Night()
    if stage == "pending":
        night.begin("RHYTHMIC", Observation(priority="medium"))
        return night
    alarm = raised(night, code)
    acts: dict[str, tuple[ActName, float | None]] = {
        "paused": ("pause", None),
        "acked": ("ack", None),
        "snoozed": ("snooze", 10),
    }
    if stage in acts:
        name, minutes = acts[stage]
        night.act(Act(name, "Ada", alarm.id, minutes=minutes))
    if stage == "latched":
        night.end(code)
        night.sleep(61.0 if CONDITIONS[code].region == "tech" else 11.0)
    return night
