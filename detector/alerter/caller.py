"""Calls caregivers: takes the ladder's steps as they fall due, tries channel after channel, and stops on an answer.

Every try is in the journal before it leaves. Somebody whom no channel reaches is passed over for the next at once,
without giving up on them. When one has answered, those who were called are told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detector.alarm_messages import Receipt
from detector.alarms.ladder import Policy, due_steps
from detector.alarms.values import RAISED, UNANSWERED, Moment, Occurrence
from detector.alerter import wording
from detector.alerter.caregivers import Channel, Household
from detector.alerter.channels import Delivery, Postbox, Push
from detector.alerter.journal import Journal
from detector.alerter.tellings import Telling, Told, is_unreached, next_channel

# News of an answer is for those on their feet now; nobody is woken by it an hour later, s.
_NEWS_LASTS_S = 300.0
_ANSWERED = "answered"
_UNREACHED = "unreached"
_FIRST = "first"


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that stands, and what the household has chosen for it.

    Attributes:
        alarm: What stands.
        policy: Who is called.
        kin: Ids of the alarms whose steps need not be taken again for this one: the limbs of a pair, or the pair
            that a limb was in.
        sensor: On whose branch receipts are published; empty: the alarm's own.
    """

    alarm: Occurrence
    policy: Policy
    kin: tuple[str, ...] = ()
    sensor: str = ""


class Caller:
    """Executes the ladder. All methods are for one thread; none waits.

    Args:
        journal: Remembers who was told.
        postbox: Carries the pushes.
        household: Whom, and how.
    """

    def __init__(self, journal: Journal, postbox: Postbox, household: Household) -> None:
        self._journal = journal
        self._postbox = postbox
        self._household = household
        self._standing: dict[str, Occurrence] = {}

    def turn(self, standing: Sequence[Standing], at: Moment) -> None:
        """Tell whoever is due, and try again what has failed; call it at every turn."""
        self._standing = {item.alarm.id: item.alarm for item in standing if item.alarm.stage in RAISED}
        for item in standing:
            for telling, second in self._due(item, at):
                told = Told(telling)
                channel = next_channel(told, self._channels(told, second=second), at.mono_s)
                if channel is not None:
                    self._send(told, channel, at)
        for told in self._journal.open_ones():
            channel = None
            if self._is_wanted(told.telling, at):
                channel = next_channel(told, self._channels(told), at.mono_s)
            if channel is not None:
                self._send(told, channel, at)

    def answered(self, delivery: Delivery, at: Moment) -> Receipt | None:
        """Take what became of a push, and return what to say of it; None where it is none of the ladder's."""
        told = self._journal.tellings.get(delivery.push_id)
        attempt = self._journal.answered(delivery, at)
        if told is None or attempt is None:
            return None
        telling = told.telling
        alarm = self._standing.get(telling.occurrence_id)
        return Receipt(
            id=telling.push.id,
            revision=len(told.attempts) - 1,
            occurrence_id=telling.occurrence_id,
            alarm_revision=alarm.revision if alarm else None,
            sensor=telling.sensor,
            channel="push",
            outcome="sent" if delivery.outcome == "accepted" else "failed",
            at=at.wall,
            step=telling.step,
            service=delivery.channel,
            person=telling.caregiver,
            latency_s=max(0.0, at.mono_s - telling.decided.mono_s),
            text=delivery.reason,
        )

    def _due(self, item: Standing, at: Moment) -> Iterator[tuple[Telling, bool]]:
        alarm = item.alarm
        told = self._journal.of(alarm.id)
        done = {entry.telling.step for entry in told}
        # What did not get through for a limb is still to be told for the pair.
        kin = (entry for name in item.kin for entry in self._journal.of(name))
        done |= {entry.telling.step for entry in kin if entry.accepted or entry.under_way}
        called = {entry.telling.caregiver for entry in told if entry.telling.call == alarm.call}
        for step in due_steps(alarm, item.policy, at, done):
            # To whoever was missed until now it is no reminder.
            rung = step.rung if step.caregiver in called else _FIRST
            push = wording.alarm_push(
                *(f"{alarm.id}/{step.key}", alarm, rung, at),
                late_s=at.mono_s - step.due_s,
                health_detail=self._household.health_detail,
            )
            yield self._telling(push, item, step.key, step.caregiver, at), step.second_channel
        if alarm.acked_by is None and alarm.stage in UNANSWERED:
            yield from self._in_place_of_unreached(item, told, at)
        elif alarm.acked_by is not None and at.mono_s - alarm.since.mono_s < _NEWS_LASTS_S:
            yield from self._news(item, told, done, at)

    def _in_place_of_unreached(
        self, item: Standing, told: Sequence[Told], at: Moment
    ) -> Iterator[tuple[Telling, bool]]:
        """Tell the next for each of this call whom nothing reaches."""
        alarm, call = item.alarm, [entry for entry in told if entry.telling.call == item.alarm.call]
        reached_out = {entry.telling.caregiver for entry in call}
        gone = {entry.telling.caregiver for entry in call if is_unreached(entry, self._channels(entry))}
        stood_in = sum(f"/{_UNREACHED}/" in entry.telling.step for entry in call)
        untold = [name for name in item.policy.caregivers if name not in reached_out | set(alarm.declined)]
        if len(gone) > stood_in and untold:
            step = f"{alarm.call}/{_UNREACHED}/{stood_in}/{untold[0]}"
            push = wording.alarm_push(
                f"{alarm.id}/{step}", alarm, _UNREACHED, at, health_detail=self._household.health_detail
            )
            yield self._telling(push, item, step, untold[0], at), False

    def _news(
        self, item: Standing, told: Sequence[Told], done: set[str], at: Moment
    ) -> Iterator[tuple[Telling, bool]]:
        """Tell those who were called, and have not answered, that somebody has."""
        alarm = item.alarm
        called = [
            entry.telling.caregiver
            for entry in told
            if entry.telling.call == alarm.call and f"/{_ANSWERED}-" not in entry.telling.step
        ]
        for name in dict.fromkeys(called):
            step = f"{alarm.call}/{_ANSWERED}-{alarm.answer}/0/{name}"
            if name != alarm.acked_by and step not in done:
                push = wording.answered_push(f"{alarm.id}/{step}", alarm)
                yield self._telling(push, item, step, name, at), False

    def _telling(self, push: Push, item: Standing, step: str, caregiver: str, at: Moment) -> Telling:
        alarm = item.alarm
        began = (alarm.called or alarm.began).wall
        return Telling(push, alarm.id, item.sensor or alarm.sensor, alarm.call, step, caregiver, began, at)

    def _channels(self, told: Told, *, second: bool = False) -> tuple[Channel, ...]:
        """Return a caregiver's channels in the order to be tried; the second first where the step asks for it."""
        channels = self._household.channels_of(told.telling.caregiver)
        second = second or "second-channel" in told.telling.step
        return (*channels[1:], *channels[:1]) if second else channels

    def _is_wanted(self, telling: Telling, at: Moment) -> bool:
        """Tell whether somebody still needs to hear it: each step stops on an answer."""
        alarm = self._standing.get(telling.occurrence_id)
        if f"/{_ANSWERED}-" in telling.step:
            return at.mono_s - telling.decided.mono_s < _NEWS_LASTS_S
        return alarm is not None and alarm.stage in UNANSWERED and alarm.call == telling.call

    def _send(self, told: Told, channel: Channel, at: Moment) -> None:
        push = told.telling.push
        if any(attempt.uncertain for attempt in told.attempts):
            push = Push(push.id, push.title, wording.AGAIN + push.body)
        self._journal.about_to_send(told.telling, channel.name, at)
        self._postbox.send(push, channel)
