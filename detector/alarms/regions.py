"""The system region beside the conditions: SELF_TEST → ARMED ⇄ STANDBY(until), and who is woken.

There is no state "off without end": standby carries its end, and watching goes on by itself.
"""

from dataclasses import dataclass
from datetime import UTC
from typing import get_args

from detector.alarms.conditions import MAX_STANDBY_S
from detector.alarms.schedule import Schedule
from detector.alarms.self_test import SelfTest
from detector.alarms.values import Act, Change, Mode, Moment, RefusedActError, System, SystemChange

_SECONDS_PER_MINUTE = 60
# A wall clock that is set by less than this moves no arm time worth a word, s.
_CLOCK_STEP_S = 1.0
# Which mode takes sound away from which.
_LOUDNESS: dict[str, int] = {"observe": 0, "awake": 1, "self-managed": 2, "guarded": 3}


@dataclass(slots=True)
class Regions:
    """What the engine is doing, and for whom.

    Attributes:
        mode: Who is woken.
        schedule: When watching begins by itself.
        watching_s: Monotonic time at which watching last began.
        system: What it is doing.
        standby_until: When standby ends.
        returns_to: What follows standby.
        self_test: The newest one.
    """

    mode: Mode
    schedule: Schedule
    watching_s: float
    system: System = "self_test"
    standby_until: Moment | None = None
    returns_to: System = "self_test"
    self_test: SelfTest | None = None

    def tick(self, at: Moment) -> list[Change]:
        """End standby when it is over, and earlier where a clock that was set shows that watching is due earlier."""
        if self.standby_until is None:
            return []
        if at.mono_s < self.standby_until.mono_s:
            return self._shorten(at)
        return self._go(self.returns_to, at, "standby is over", "engine")

    def act(self, act: Act, at: Moment) -> list[Change]:
        """Do what a person asked for.

        Raises:
            RefusedActError: it is not possible now.
        """
        match act.name:
            case "arm":
                return self._arm(act, at)
            case "standby":
                return self._stand_by(act, at)
            case _:
                return self._change_mode(act, at)

    def is_silenced_by(self, act: Act) -> bool:
        """Tell whether an act would take sound away from an alarm that sounds."""
        if self.mode == "observe" or act.name == "arm":
            return False
        return act.mode is None or _LOUDNESS.get(act.mode, 0) < _LOUDNESS[self.mode]

    def _arm(self, act: Act, at: Moment) -> list[Change]:
        proven = self.self_test is not None and self.self_test.proves(at.wall)
        if not proven and not act.override:
            why = "it is of another night" if self.self_test and self.self_test.passed else None
            failures = self.self_test.failures if self.self_test else "there was none tonight"
            raise RefusedActError(f"Not armed: the self-test has not passed ({why or failures}).")
        if self.system == "armed":
            return []
        return self._go(
            "armed", at, "self-test passed" if proven else "armed without proof, knowingly", act.who
        )

    def _stand_by(self, act: Act, at: Moment) -> list[Change]:
        seconds = (act.minutes or 0) * _SECONDS_PER_MINUTE
        if act.until is not None:
            seconds = (act.until.astimezone(UTC) - at.wall).total_seconds()
        if not seconds > 0:
            raise RefusedActError("Standby needs an end: say until when, or for how many minutes.")
        limit_s = self._until_armed_s(at)
        until = at.after(min(seconds, limit_s, MAX_STANDBY_S))
        why = f"standby until {until.wall:%H:%M}" + (" (the next arm time)" if seconds > limit_s else "")
        if self.system != "standby":
            self.returns_to = self.system
        changes = self._go("standby", at, why, act.who)
        self.standby_until = until
        return changes

    def _until_armed_s(self, at: Moment) -> float:
        """Return how long it is until watching is planned to begin; a day where nothing is planned."""
        armed = self.schedule.next_arm(at.wall)
        return MAX_STANDBY_S if armed is None else (armed.astimezone(UTC) - at.wall).total_seconds()

    def _shorten(self, at: Moment) -> list[Change]:
        assert self.standby_until is not None
        limit_s = self._until_armed_s(at)
        if limit_s > self.standby_until.mono_s - at.mono_s - _CLOCK_STEP_S:
            return []
        self.standby_until = at.after(limit_s)
        why = f"the clock was set: standby until {self.standby_until.wall:%H:%M} (the next arm time)"
        return [SystemChange("system", "standby", "standby", why, "engine", at)]

    def _change_mode(self, act: Act, at: Moment) -> list[Change]:
        if act.mode is None or act.mode not in get_args(Mode):
            raise RefusedActError(f"Mode: expected one of {', '.join(get_args(Mode))}, got {act.mode}.")
        if act.mode == self.mode:
            return []
        was, self.mode = self.mode, act.mode
        return [SystemChange("mode", was, self.mode, "chosen", act.who, at)]

    def _go(self, now: System, at: Moment, why: str, who: str) -> list[Change]:
        was, self.system = self.system, now
        if was == "standby":
            self.standby_until, self.watching_s = None, at.mono_s
        return [SystemChange("system", was, now, why, who, at)]
