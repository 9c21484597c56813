"""Who is to be told what, how often that was tried, and when the next try is due: pure values and rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from detector.alarms.values import Moment
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Outcome, Push

# Waits between rounds in which every channel of a caregiver has failed (RELIABILITY F5), s.
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)


@dataclass(frozen=True, slots=True)
class Telling:
    """One caregiver is to be told one thing.

    Attributes:
        push: What is sent; its id stands for this telling for ever.
        occurrence_id: Of which alarm.
        sensor: Whose.
        call: Of which call to people.
        step: Of the ladder.
        caregiver: Who is told.
        began: When the alarm was raised; latency counts from here.
        decided: When it was decided to tell them.
    """

    push: Push
    occurrence_id: str
    sensor: str
    call: int
    step: str
    caregiver: str
    began: datetime
    decided: Moment


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a telling by one channel; its outcome is None until the service has answered.

    Attributes:
        number: Of its row.
        channel: By name.
        at: When it was begun.
        outcome: How the service answered.
        reason: Why not, for a person.
        took_s: Seconds of life to the answer.
        uncertain: It was begun before this process, and nobody knows how it went.
        ended_s: Monotonic time of the answer.
    """

    number: int
    channel: str
    at: Moment
    outcome: Outcome | None = None
    reason: str = ""
    took_s: float | None = None
    uncertain: bool = False
    ended_s: float | None = None


@dataclass(slots=True)
class Told:
    """A telling and its attempts, in order."""

    telling: Telling
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether a service has taken it."""
        return any(attempt.outcome == "accepted" for attempt in self.attempts)

    @property
    def under_way(self) -> bool:
        """Whether a service has yet to answer."""
        return any(attempt.outcome is None and not attempt.uncertain for attempt in self.attempts)


def next_channel(told: Told, channels: Sequence[Channel], now_s: float) -> Channel | None:
    """Return by which channel to try now; None where nothing is to be tried, or not yet.

    What a service has taken is done. What is uncertain since a crash is tried again by the same channel. What failed
    is tried by the next channel at once, and when all have failed, from the first again, later each time.

    Args:
        told: What was tried.
        channels: The caregiver's, in the order to be tried.
        now_s: Monotonic time.
    """
    if not channels or told.accepted or told.under_way:
        return None
    if not told.attempts:
        return channels[0]
    last = told.attempts[-1]
    place = next((number for number, channel in enumerate(channels) if channel.name == last.channel), None)
    if place is None:
        return channels[0]
    if last.uncertain:
        return channels[place]
    if place + 1 < len(channels):
        return channels[place + 1]
    rounds = sum(attempt.channel == last.channel for attempt in told.attempts)
    ended_s = last.at.mono_s if last.ended_s is None else last.ended_s
    wait_s = WAITS_S[min(rounds, len(WAITS_S)) - 1]
    return channels[0] if now_s - ended_s >= wait_s else None


def is_unreached(told: Told, channels: Sequence[Channel]) -> bool:
    """Tell whether every channel of somebody has failed at least once, and none has worked."""
    failed = {attempt.channel for attempt in told.attempts if attempt.outcome in {"refused", "no_answer"}}
    return not told.accepted and {channel.name for channel in channels} <= failed
