"""Rows of RELIABILITY.md that the runner does not run: those that no machine here can, and those of the test suite."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.line import Line, Verdict
from tests.faults.row import Tier


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row that is not run here.

    Attributes:
        why: What is missing; empty for one that the test suite shows.
        where: Files of the test suite that show it.
    """

    id: str
    fault: str
    why: str = ""
    where: tuple[str, ...] = ()

    def line(self, tier: Tier) -> Line:
        """Return its line of the table."""
        verdict: Verdict = "not run" if self.why else "elsewhere"
        return Line(self.id, self.fault, "", tier, verdict, why=self.why or f"`{'`, `'.join(self.where)}`")


_ALARMS, _ALERTER = "tests/detector/alarms", "tests/detector/alerter"
ELSEWHERE = (
    Elsewhere(
        "A14",
        "a real board is unplugged",
        why="wants a real board on a USB hub that can switch its ports off",
    ),
    Elsewhere(
        "B1",
        "the clock is set in every alarm state",
        where=(f"{_ALARMS}/test_invariants_of_time_and_truth.py", "tests/detector/test_monitor_troubles.py"),
    ),
    Elsewhere("B2", "the clock is set after the start", where=("tests/detector/test_monitor_troubles.py",)),
    Elsewhere("B3", "summer time begins and ends", where=(f"{_ALARMS}/test_regions.py",)),
    Elsewhere(
        "C3",
        "the loop runs and no good block passes: the watchdog is not fed",
        where=("tests/crampwatch/upkeep/test_watchdog.py",),
    ),
    Elsewhere("C8", "each failing step of the supervisor", where=("tests/crampwatch/test_supervisor.py",)),
    Elsewhere(
        "D3",
        "power cut, what was not synced is lost",
        why="wants LazyFS, or a virtual machine to be killed (QEMU): neither is installed here; C1 kills "
        "processes, which loses nothing that the kernel has",
    ),
    Elsewhere("D8", "retention of 400 nights", where=("tests/crampwatch/upkeep/test_retention.py",)),
    Elsewhere("F1", "any order of events", where=(f"{_ALARMS}/test_any_night.py",)),
    Elsewhere("F2", "unplugged during a cramp alarm", where=(f"{_ALERTER}/test_cramp_through_faults.py",)),
    Elsewhere("F3", "a cramp beside a standing fault", where=(f"{_ALERTER}/test_cramp_through_faults.py",)),
    Elsewhere("F4", "restart in every state", where=(f"{_ALARMS}/test_snapshots.py",)),
    Elsewhere(
        "F5",
        "a push service fails",
        where=(f"{_ALERTER}/test_channels.py", f"{_ALERTER}/test_caregivers.py"),
    ),
    Elsewhere("F6", "answers race", where=(f"{_ALARMS}/test_answers.py",)),
    Elsewhere("F7", "the whole base station dies or hangs", where=(f"{_ALERTER}/test_whole_host_dies.py",)),
    Elsewhere(
        "F9", "the evening's test", where=(f"{_ALERTER}/test_evening.py", f"{_ALARMS}/test_regions.py")
    ),
    Elsewhere(
        "F8",
        "a page that is alone, asleep or mute says so",
        where=("tests/dashboard/test_live_page.py", "tests/dashboard/test_bedside_page.py"),
    ),
    Elsewhere("F10", "from decision to page", where=("tests/benchmarks/bench_mqtt_latency.py",)),
    Elsewhere("H1", "a soak of many nights at 60 times life's pace", where=("tests/soak/__main__.py",)),
    Elsewhere("H3", "14 nights on a Raspberry Pi", why="wants a Raspberry Pi, a real board and 14 nights"),
)
