"""The alerter: all sound at the base station and all pushes, and a voice for monitors that have none.

It reads the monitors' alarm stores and signs of life on this machine, so that a dead broker stops nothing, and gives
a sign of life itself, by which monitors notice when it is gone. It changes no monitor's alarm.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detector.alarm_messages import Receipt
from detector.alarms.ladder import Policy, is_cancel_beep
from detector.alarms.signals import signals
from detector.alarms.values import RANK, Mode, Moment, Occurrence, RefusedActError
from detector.alerter.bell import Bell, Ring, ring_of
from detector.alerter.caller import Caller, Standing
from detector.alerter.caregivers import FILE_NAME, CaregiversError, Household, load_household
from detector.alerter.channels import Postbox, channel_trouble
from detector.alerter.dead_man import WITHOUT_ONE, DeadMan
from detector.alerter.evening_test import EveningTest
from detector.alerter.herald import Herald
from detector.alerter.journal import Journal
from detector.alerter.limbs import Limbs
from detector.alerter.monitors import SIGN_OF_ALERTER, SIGNS, Monitors, Seen
from detector.alerter.own_alarms import OwnAlarms, Surroundings, most_care
from detector.alerter.player import Player, players
from detector.alerter.proof import JOURNAL, SOUND, Proof
from detector.alerter.shared_faults import told_by_another
from detector.broker_address import BrokerAddress
from detector.commands import Command
from detector.sign_of_life import SignOfLife, host_boot_id
from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# Modes in which the base station sounds for more than a call for help, and may chime in the evening.
_SOUNDING: frozenset[Mode] = frozenset({"self-managed", "guarded"})
# Ten looks a second: an alarm is heard within a quarter of a second of its verdict, s.
_TURN_S = 0.1
# An accelerated night has more to look at; no machine needs more looks than this, seconds of life.
_LEAST_TURN_S = 0.02
# A turn that fails is tried again; so many in a row, and another process must try.
_FAILURES = 50


@dataclass(frozen=True, slots=True)
class AlerterWishes:
    """What an alerter is asked to do.

    Attributes:
        folder: The session's: stores, signs of life, the file of caregivers.
        expected: Names of the sensors that must be watched.
        player: Command of the player of the settings; empty for whichever is installed.
        tests: Whether the evening's test is held; a demonstration rings nobody's phone.
        say: Given a line for a person where something stands in the way.
    """

    folder: Path
    expected: Sequence[str] = ()
    player: str = ""
    tests: bool = True
    say: Callable[[str], None] = lambda _line: None


class Alerter:
    """Runs one session's alerter.

    Args:
        broker: Where receipts and its own alarms go.
        wishes: What it is asked to do.
        clock: Shared with the other processes.
    """

    def __init__(self, broker: BrokerAddress, wishes: AlerterWishes, clock: Clock) -> None:
        self._broker = broker
        self._wishes = wishes
        self._clock = clock

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Speak for the monitors until told to stop.

        Raises:
            BrokerAddressError: the broker's file of certificates cannot be used.
            ValueError: the player's command has an open quote.
        """
        night = _Night(self._broker, self._wishes, self._clock)
        failures = 0
        try:
            on_ready()
            while not self._clock.wait(stop, self._clock.at_least(_TURN_S, real_s=_LEAST_TURN_S)):
                try:
                    night.turn()
                    failures = 0
                # Whatever fails once must not silence the alarms of a night; what fails always is another process's.
                except Exception:
                    failures += 1
                    _log.exception("alerter: a turn failed (%d in a row)", failures)
                    if failures >= _FAILURES:
                        raise
        finally:
            night.close()


class _Night:
    """What a run holds."""

    def __init__(self, broker: BrokerAddress, wishes: AlerterWishes, clock: Clock) -> None:
        folder, boot_id = wishes.folder, host_boot_id()
        self._clock, self._tests = clock, wishes.tests
        self._household, self._household_trouble = _household(folder / FILE_NAME, wishes.say)
        self._sign = SignOfLife(folder / SIGNS / f"{SIGN_OF_ALERTER}.alive", clock, secrets.token_hex(4))
        self._journal = Journal(folder / JOURNAL, boot_id, self._now())
        names = [channel.name for channel in self._household.channels]
        self._journal.require([SOUND, *names])
        self._monitors = Monitors(folder, wishes.expected, clock, boot_id)
        self._own = OwnAlarms(self._journal, self._now(), boot_id)
        self._player = Player(players(wishes.player), folder / JOURNAL.parent / "sounds")
        _make_sounds(self._player)
        self._bell = Bell(self._player)
        self._postbox = Postbox()
        self._limbs = Limbs(self._journal)
        self._caller = Caller(self._journal, self._postbox, self._household)
        self._test = EveningTest(self._journal, self._household.channels)
        self._dead_man = DeadMan(self._household.watchdog_url, clock)
        self._herald = Herald(broker)
        self._herald.start()
        self._heard: set[tuple[str, int]] = set()

    def turn(self) -> None:
        """Look, judge, sound, call."""
        at = self._now()
        self._do_as_asked(at)
        seen = self._monitors.look(at)
        self._herald.alarms(self._own.observe(self._surroundings(seen), at), at)
        standing = self._standing(seen, at)
        ring = self._ring(standing, at)
        if self._bell.ring(ring, at.mono_s) and ring is not None:
            self._note_heard(standing, at)
        self._caller.turn(standing, at)
        if self._tests:
            chimes = self._own.mode in _SOUNDING or self._test.is_demanded
            self._test.turn(at, self._player, self._postbox, quiet=ring is None and chimes)
        self._take_answers(at)
        self._herald.pump()
        self._dead_man.ping(watching=bool(seen) and all(monitor.alive for monitor in seen))
        self._sign.beat(watching=True)

    def close(self) -> None:
        """Be silent, and leave everything closed."""
        self._player.stop()
        self._herald.close()
        self._monitors.close()
        self._journal.close()
        self._sign.end()

    def _now(self) -> Moment:
        return Moment(self._clock.mono_s(), self._clock.wall())

    def _do_as_asked(self, at: Moment) -> None:
        for command in self._herald.commands(at.wall):
            try:
                self._obey(command, at)
            except RefusedActError as error:
                _log.warning("alerter: %s asked in vain: %s", command.who, error)
                self._herald.answer(command, str(error), at)
            else:
                self._herald.answer(command, "", at)

    def _obey(self, command: Command, at: Moment) -> None:
        if command.name == "test":
            if not self._tests:
                raise RefusedActError(
                    "test: this is a demonstration; it chimes at nobody's bed and calls nobody."
                )
            self._test.demand()
        elif command.act is None:
            raise RefusedActError(f"{command.name}: is not for the alerter.")
        else:
            self._herald.alarms(self._own.act(command.act, at), at)

    def _surroundings(self, seen: Sequence[Seen]) -> Surroundings:
        return Surroundings(
            monitors=seen,
            link_trouble=self._herald.trouble,
            link_down_s=self._herald.down_s * self._clock.rate,
            sound_trouble=self._bell.trouble,
            proofs=self._journal.proofs,
            channels=[channel.name for channel in self._household.channels],
            household_trouble=self._household_trouble,
            journal_trouble=self._journal.trouble,
        )

    def _standing(self, seen: Sequence[Seen], at: Moment) -> list[Standing]:
        """Return every alarm that stands: contractions on two limbs at once as one, for whom needs most."""
        everything = [alarm for monitor in seen for alarm in monitor.alarms]
        repeated = told_by_another(everything, self._own.alarms)
        modes = {alarm.id: monitor.mode or "observe" for monitor in seen for alarm in monitor.alarms}
        pair, rest = self._limbs.pair(everything)
        policies = {alarm.id: self._policy(alarm, modes[alarm.id], at) for alarm in rest}
        for name in repeated & policies.keys():
            policies[name] = replace(policies[name], caregivers=())
        standing = [Standing(alarm, policies[alarm.id], self._limbs.kin_of(alarm)) for alarm in rest]
        standing += [Standing(alarm, self._policy(alarm, self._own.mode, at)) for alarm in self._own.alarms]
        if pair is not None:
            mode = most_care({modes[member.id] for member in pair.members})
            policy = self._policy(pair.occurrence, mode, at)
            kin = self._limbs.kin_of(pair.occurrence, pair)
            standing.append(Standing(pair.occurrence, policy, kin, pair.members[0].sensor))
        return standing

    def _policy(self, alarm: Occurrence, mode: Mode, at: Moment) -> Policy:
        order = self._household.in_order(at.wall, high=alarm.priority == "high")
        return Policy(mode, order, self._household.rhythmic)

    def _ring(self, standing: Sequence[Standing], at: Moment) -> Ring | None:
        perceived = [signals([item.alarm], item.policy.mode, at) for item in standing]
        beep = any(is_cancel_beep(item.alarm, item.policy, at) for item in standing)
        return ring_of(perceived, cancel_beep=beep)

    def _note_heard(self, standing: Sequence[Standing], at: Moment) -> None:
        """Say once for each call that it was sounded."""
        active = [item for item in standing if item.alarm.stage == "active"]
        item = max(active, key=lambda item: RANK[item.alarm.priority], default=None)
        if item is None or (item.alarm.id, item.alarm.call) in self._heard:
            return
        alarm = item.alarm
        self._heard.add((alarm.id, alarm.call))
        called = alarm.called or alarm.began
        self._herald.receipt(
            Receipt(
                id=f"{alarm.id}/{alarm.call}/sound",
                revision=0,
                occurrence_id=alarm.id,
                alarm_revision=alarm.revision,
                sensor=item.sensor or alarm.sensor,
                channel="sound",
                outcome="failed" if self._bell.trouble else "sent",
                at=at.wall,
                latency_s=max(0.0, at.mono_s - called.mono_s),
                text=self._bell.trouble,
            )
        )

    def _take_answers(self, at: Moment) -> None:
        for delivery in self._postbox.answers():
            if self._test.answered(delivery, at):
                continue
            receipt = self._caller.answered(delivery, at)
            if receipt is not None:
                self._herald.receipt(receipt)
                # A real push proves its path, or that it no longer is one, as a test does.
                passed = delivery.outcome == "accepted"
                self._journal.prove(
                    Proof(delivery.channel, passed, at.wall, delivery.reason, delivery.took_s)
                )
        for receipt in self._test.receipts():
            self._herald.receipt(receipt)


def _make_sounds(player: Player) -> None:
    """Make every sound while there is room: the night in which the disk is full is no time for it."""
    try:
        player.prepare()
    except OSError as error:
        # Each is tried again when it is to be heard, and what is then missing is an alarm of its own.
        _log.warning("sound: files cannot be made beforehand: %s", error)


def _household(path: Path, say: Callable[[str], None]) -> tuple[Household, str]:
    """Return whom to call; what keeps the file or a channel from being used is said, and becomes an alarm."""
    try:
        written = load_household(path)
    except CaregiversError as error:
        say(f"caregivers are not told: {error}")
        return Household(), str(error)
    if written.caregivers and not written.watchdog_url:
        say(f"caregivers: {WITHOUT_ONE}")
    troubles = {channel: trouble for channel in written.channels if (trouble := channel_trouble(channel))}
    for trouble in troubles.values():
        say(f"caregivers: {trouble}")
    return written.without(troubles), "; ".join(troubles.values())
