"""Signs of life between the monitor and the alerter, and the self-test that both have a part in."""

from collections.abc import Callable
from pathlib import Path

from detector.alarm_desk import AlarmDesk
from detector.alarms.conditions import CONDITIONS
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Change
from detector.alerter.monitors import SIGN_OF_ALERTER, SIGNS
from detector.alerter.proof import JOURNAL, tested_paths
from detector.evening import GOOD_SIGNAL_S, evening_test
from detector.sign_of_life import SignOfLife, read_sign, sign_valid_s
from firmware_bridge.clock import Clock

# How often the alerter's sign and journal are looked at.
LOOK_EVERY_S = 1.0
# However fast the night, a disk is not asked more often, seconds of life.
_LEAST_LOOK_S = 0.2
# How often the proofs are looked at again once armed, s: they can fail in the night, and change with the mode.
TEST_AGAIN_S = 60.0
# After so long without being armed the reason is said.
SAID_AFTER_S = 60.0

_SILENT = "The alerter has stopped: no sound at the bed and no message to anybody; only the sensor buzzes."


class Vigil:
    """Leaves the monitor's signs of life, looks for the alerter's, and arms once everything is proven.

    Args:
        sensor_id: Whose monitor it is.
        boot_id: Another one at each start of the monitor.
        clock: Shared with the other processes.
        session: The session's folder; None: there is nobody to show signs to.
        alerter: Whether the session has an alerter.
        say: Given a line for a person.

    Attributes:
        alerter_trouble: What is wrong with the alerter, for a person; empty where nothing is.
        alerter_seen_s: Monotonic time since which it is silent: of its newest sign, or of the monitor's first look, or
            first look after it had been away itself (the host slept).
    """

    def __init__(
        self,
        sensor_id: str,
        boot_id: str,
        clock: Clock,
        *,
        session: Path | None,
        alerter: bool,
        say: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._session = session if alerter else None
        self._sign = SignOfLife(session / SIGNS / f"{sensor_id}.alive", clock, boot_id) if session else None
        self._say = say
        self._begun_s = clock.mono_s()
        self._looked_s = self._tested_s = float("-inf")
        self._failures = ""
        self._offered = False
        self.alerter_trouble = ""
        self.alerter_seen_s = float("-inf")

    def beat(self, desk: AlarmDesk, last_good_age_ms: int | None) -> None:
        """Leave a sign, and look for the alerter's; call it at every turn."""
        if self._sign is not None:
            watching = desk.engine.system != "standby"
            self._sign.beat(watching=watching, last_good_age_ms=last_good_age_ms)
        now_s = self._clock.mono_s()
        if self._session is not None and now_s - self._looked_s >= self._every_s():
            if now_s - self._looked_s > sign_valid_s(self._clock):
                self.alerter_seen_s = now_s
            self._looked_s = now_s
            sign = read_sign(self._session / SIGNS / f"{SIGN_OF_ALERTER}.alive", now_s)
            if sign is not None and sign.age_s is not None:
                self.alerter_seen_s = max(self.alerter_seen_s, now_s - sign.age_s)
            alive = sign is not None and sign.is_fresh(self._clock)
            self.alerter_trouble = "" if alive else _SILENT

    def self_test(self, desk: AlarmDesk, good_run_s: float) -> list[Change]:
        """Test what tonight rests on, and arm once everything is proven; return what changed.

        Once armed, it is tested less often, and a bad second of signal proves nothing against the evening: how fresh
        the signal is, everybody sees.
        """
        now_s, engine = self._clock.mono_s(), desk.engine
        self._offer(engine)
        waiting = engine.system == "self_test"
        every_s = self._every_s() if waiting else TEST_AGAIN_S
        if engine.system == "standby" or now_s - self._tested_s < every_s:
            return []
        self._tested_s = now_s
        wall = self._clock.wall()
        paths = None if self._session is None else tested_paths(self._session / JOURNAL, wall)
        test = evening_test(
            mode=engine.mode,
            good_run_s=good_run_s if waiting else GOOD_SIGNAL_S,
            standing=engine.raised,
            paths=paths,
            at=wall,
        )
        late = waiting and now_s - self._begun_s >= SAID_AFTER_S
        if late and not test.proves(wall) and test.failures != self._failures:
            self._failures = test.failures
            self._say(f"{wall:%X}  Not armed yet: {test.failures}")
        return desk.tested(test)

    def end(self) -> None:
        """Take the sign away: the monitor ends because it was told to."""
        if self._sign is not None:
            self._sign.end()

    def _offer(self, engine: AlarmEngine) -> None:
        """Offer, once in a run, to be woken, when as many nights were only observed as are needed to judge by."""
        seen = engine.observed
        if self._offered or engine.mode != "observe" or not seen.is_enough:
            return
        self._offered = True
        found = ", ".join(f"{CONDITIONS[code].title} {count} x" for code, count in seen.would_have.items())  # type: ignore[index]
        self._say(
            f"{seen.nights} nights were observed; what would have alarmed: {found or 'nothing'}. "
            "To be woken, choose the mode self-managed or guarded."
        )

    def _every_s(self) -> float:
        return self._clock.at_least(LOOK_EVERY_S, real_s=_LEAST_LOOK_S)
