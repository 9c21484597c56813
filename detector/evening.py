"""What the monitor itself can prove before it is armed: its own signal, its record, the paths to people. Pure."""

from collections.abc import Sequence
from datetime import datetime

from detector.alarms.self_test import SelfTest, Tested
from detector.alarms.values import Mode, Occurrence

# ALARMS.md, evening self-test: the signal has to be good for so long.
GOOD_SIGNAL_S = 30.0
_STEP_S = 10.0
# Faults that a night should not begin with; others are told and do not stand in the way.
_IN_THE_WAY = {"STORAGE": "recording", "CLOCK_FAULT": "clock", "HOST_SLEPT": "clock", "BATTERY": "battery"}
# Modes in which nobody is woken but by the sensor itself: no other path has to be proven.
_SENSOR_ALONE: frozenset[Mode] = frozenset({"observe", "awake"})


def evening_test(
    *, mode: Mode, good_run_s: float, standing: Sequence[Occurrence], paths: SelfTest | None, at: datetime
) -> SelfTest:
    """Return how the self-test stands.

    Args:
        mode: Who is woken.
        good_run_s: How long the signal has been good without a break.
        standing: What is wrong now.
        paths: The proofs of the paths to people; None: there is nobody who would prove them.
        at: Now.
    """
    left_s = GOOD_SIGNAL_S - good_run_s
    # In steps: what is told of it is told anew at each.
    good_s = min(good_run_s // _STEP_S * _STEP_S, GOOD_SIGNAL_S)
    parts = [Tested("signal", left_s <= 0, f"good for {good_s:.0f} s of {GOOD_SIGNAL_S:.0f} s")]
    wrong = {_IN_THE_WAY[one.code]: one.text for one in standing if one.code in _IN_THE_WAY}
    parts += [Tested(name, passed=False, text=text) for name, text in wrong.items()]
    if mode in _SENSOR_ALONE:
        return SelfTest(at, tuple(parts))
    if paths is None:
        parts.append(Tested("alerter", passed=False, text="no alerter runs: nothing sounds but the sensor"))
        return SelfTest(at, tuple(parts))
    return SelfTest(min(at, paths.at), (*parts, *paths.parts))
