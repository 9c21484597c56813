"""The evening's test: the loudspeaker plays, and every channel carries a push, before anybody relies on them.

A channel is proven when its service has taken the push; that it rang on a phone, only the person there can tell, and
the text asks for it. A test is due once an evening, and at the first start where none is of the last evening; what
failed is tried again every ten minutes, and nothing that has passed.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from detector.alarm_messages import Receipt
from detector.alarms.values import Moment
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Delivery, Postbox, Push
from detector.alerter.journal import Journal
from detector.alerter.own_alarms import NAME
from detector.alerter.player import Player
from detector.alerter.proof import SOUND, Proof

# Early enough to mend what is broken before bed, by the clock on the wall.
TEST_AT = time(20, 0)
# What failed is tried again after this long, s.
AGAIN_S = 600.0
# A chime at the bed in the evening, not an alarm.
_TEST_LOUDNESS = "louder"
_TITLE = "crampwatch test"
_BODY = (
    "This is the evening's test. Nothing is wrong, and there is nothing to do. "
    "If your phone did not ring, tell the household."
)
_TEST = "test/"


class EveningTest:
    """Runs the test. All methods are for one thread; none waits.

    Args:
        journal: Where results are kept.
        channels: What to prove besides the loudspeaker.
        test_at: Time of day.
    """

    def __init__(self, journal: Journal, channels: Sequence[Channel], test_at: time = TEST_AT) -> None:
        self._journal = journal
        self._channels = channels
        self._test_at = test_at
        self._tried_s: dict[str, float] = {}
        self._sounding = False
        self._demanded: set[str] = set()
        self._receipts: list[Receipt] = []

    @property
    def is_demanded(self) -> bool:
        """Whether somebody waits for the chime."""
        return SOUND in self._demanded

    def demand(self) -> None:
        """Test everything now, because somebody asks for it."""
        self._demanded = {SOUND, *(channel.name for channel in self._channels)}

    def turn(self, at: Moment, player: Player, postbox: Postbox, *, quiet: bool) -> None:
        """Test what is due; call it at every turn.

        Args:
            at: Now.
            player: Of the base station.
            postbox: Which carries the pushes; hand what it answers to `answered`.
            quiet: Whether nothing else is to be heard, so that the chime may be.
        """
        if self._sounding:
            self._hear(player, at)
        elif quiet and self._is_due(SOUND, at):
            player.play("test", _TEST_LOUDNESS)
            self._sounding = True
            self._tried_s[SOUND] = at.mono_s
        for channel in self._channels:
            if self._is_due(channel.name, at):
                self._tried_s[channel.name] = at.mono_s
                postbox.send(push_of_test(channel, at.wall), channel)

    def answered(self, delivery: Delivery, at: Moment) -> bool:
        """Take what became of a push, and tell whether it was a test."""
        if not delivery.push_id.startswith(_TEST):
            return False
        passed = delivery.outcome == "accepted"
        self._keep(Proof(delivery.channel, passed, at.wall, delivery.reason, delivery.took_s))
        return True

    def receipts(self) -> list[Receipt]:
        """Return what has been proven, or has failed, since the last call, for whoever waits for it."""
        receipts, self._receipts = self._receipts, []
        return receipts

    def _keep(self, proof: Proof) -> None:
        self._journal.prove(proof)
        people = {channel.name: channel.caregiver for channel in self._channels}
        self._receipts.append(
            Receipt(
                id=f"{_TEST}{proof.at:%Y%m%dT%H%M%S}/{proof.path:.80}",
                revision=0,
                occurrence_id=None,
                alarm_revision=None,
                sensor=NAME,
                channel="sound" if proof.path == SOUND else "push",
                outcome="sent" if proof.passed else "failed",
                at=proof.at,
                service=proof.path,
                person=people.get(proof.path),
                latency_s=proof.took_s,
                text=proof.reason,
                test=True,
            )
        )

    def _hear(self, player: Player, at: Moment) -> None:
        if player.check():
            return
        self._sounding = False
        self._keep(Proof(SOUND, not player.trouble, at.wall, player.trouble))

    def _is_due(self, name: str, at: Moment) -> bool:
        if name in self._demanded:
            self._demanded.remove(name)
            return True
        tried_s = self._tried_s.get(name)
        if tried_s is not None and at.mono_s - tried_s < AGAIN_S:
            return False
        proof = self._journal.proofs.get(name)
        if proof is None or not proof.passed:
            return True
        return not last_evening(at.wall, self._test_at) <= proof.at <= at.wall


def push_of_test(channel: Channel, wall: datetime) -> Push:
    """Return the push that tests a channel."""
    return Push(f"{_TEST}{wall:%Y%m%dT%H%M}/{channel.name}", _TITLE, _BODY)


def last_evening(wall: datetime, test_at: time = TEST_AT) -> datetime:
    """Return the newest moment at which a test was due, by the wall clock of the place."""
    today = wall.replace(hour=test_at.hour, minute=test_at.minute, second=0, microsecond=0)
    return today if today <= wall else today - timedelta(days=1)
