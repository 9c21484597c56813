"""What the alerter judges itself: monitors that fell silent, paths to people that are down, its own disk.

It has an alarm engine of its own, under the name ``alerter``; the key of an alarm says which monitor or path it is
about. Every change is in the journal before anybody perceives it.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from detector.alarms.engine import AlarmEngine
from detector.alarms.machines import Key
from detector.alarms.values import (
    Act,
    AlarmChange,
    Change,
    Mode,
    Moment,
    Observation,
    Occurrence,
    SnapshotError,
)
from detector.alerter.journal import Journal
from detector.alerter.monitors import Seen
from detector.alerter.proof import Proof
from detector.roles import ALERTER_BRANCH

_log = logging.getLogger(__name__)

# The engine's name is its branch of topics.
NAME = ALERTER_BRANCH
_FACT = "engine"
# Whose wish counts where monitors differ: the one who needs most.
_CARE: tuple[Mode, ...] = ("guarded", "self-managed", "awake", "observe")
# While anything stands, its state is kept this often although nothing changes, s.
_KEEP_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the alerter sees at one moment.

    Attributes:
        monitors: Every one.
        link_trouble: Why there is no broker; empty while there is.
        link_down_s: For how long there has been none.
        sound_trouble: Why there is no sound; empty while there is.
        proofs: The newest proof of each channel.
        channels: Names of the channels to caregivers.
        household_trouble: Why the file of caregivers cannot be used; empty while it can.
        journal_trouble: Why nothing is written; empty while it is.
    """

    monitors: Sequence[Seen] = ()
    link_trouble: str = ""
    link_down_s: float = 0.0
    sound_trouble: str = ""
    proofs: Mapping[str, Proof] | None = None
    channels: Sequence[str] = ()
    household_trouble: str = ""
    journal_trouble: str = ""


class OwnAlarms:
    """The alerter's own engine, kept in its journal. Use it from one thread.

    Args:
        journal: Where its state is kept.
        at: Now.
        boot_id: Which start of the computer the monotonic clock belongs to.
    """

    def __init__(self, journal: Journal, at: Moment, boot_id: str) -> None:
        self._journal = journal
        self._kept_s = at.mono_s
        self._engine = _restored(journal, at, boot_id)

    @property
    def alarms(self) -> tuple[Occurrence, ...]:
        """What stands."""
        return self._engine.raised

    @property
    def mode(self) -> Mode:
        """Who is woken."""
        return self._engine.mode

    def observe(self, around: Surroundings, at: Moment) -> list[AlarmChange]:
        """Judge what is seen, keep what changed, and return it for others to be told."""
        changes = self._follow_mode(around.monitors, at)
        changes += self._engine.conditions(dict(_conditions(around, at)), at)
        return self._kept(changes, at)

    def act(self, act: Act, at: Moment) -> list[AlarmChange]:
        """Do what a person asked for.

        Raises:
            RefusedActError: it is not possible now.
        """
        return self._kept(self._engine.act(act, at), at)

    def _follow_mode(self, monitors: Sequence[Seen], at: Moment) -> list[Change]:
        modes = {seen.mode for seen in monitors if seen.mode is not None}
        if not modes or (mode := most_care(modes)) == self._engine.mode:
            return []
        return self._engine.act(Act("mode", NAME, mode=mode), at)

    def _kept(self, changes: Sequence[Change], at: Moment) -> list[AlarmChange]:
        due = bool(self._engine.occurrences) and at.mono_s - self._kept_s >= _KEEP_EVERY_S
        if changes or due:
            self._kept_s = at.mono_s
            self._journal.remember(_FACT, json.dumps(self._engine.snapshot()))
        return [change for change in changes if isinstance(change, AlarmChange) and change.public]


def most_care(modes: Collection[Mode]) -> Mode:
    """Return the mode of the one who needs most; `observe` of none."""
    return next((mode for mode in _CARE if mode in modes), "observe")


def _restored(journal: Journal, at: Moment, boot_id: str) -> AlarmEngine:
    """Return the engine as the last run left it; where that cannot be told, one that says so."""
    saved = journal.recall(_FACT)
    trouble = "the alerter's journal was damaged and put aside" if journal.quarantined else ""
    if saved is not None:
        try:
            return AlarmEngine.restored(json.loads(saved), at, boot_id)
        except (SnapshotError, ValueError) as error:
            _log.warning("alerter: its alarm state cannot be read: %s", error)
            trouble = "the alerter's alarm state was damaged"
    said = f"Which alarms the alerter had raised is not known: {trouble}." if trouble else ""
    return AlarmEngine(NAME, "observe", at, boot_id=boot_id, trouble=said)


def _conditions(around: Surroundings, at: Moment) -> Iterator[tuple[Key, Observation]]:
    for seen in around.monitors:
        if not seen.in_standby and (seen.silent_since is not None or seen.trouble):
            yield ("DETECTOR_DOWN", seen.sensor), _nobody_watches(seen)
    if around.link_trouble:
        text = f"Messages do not go out: {around.link_trouble}."
        yield ("LINK_DOWN", "broker"), Observation(text, since_s=at.mono_s - around.link_down_s)
    if around.sound_trouble:
        yield ("LINK_DOWN", "sound"), Observation(f"{around.sound_trouble}.")
    yield from _failing_channels(around)
    if around.household_trouble:
        yield ("CONFIG", "caregivers"), Observation(f"Nobody can be told: {around.household_trouble}.")
    if around.journal_trouble:
        yield ("STORAGE", NAME), Observation(f"Who was told is not written down: {around.journal_trouble}.")


def _nobody_watches(seen: Seen) -> Observation:
    if seen.silent_since is None:
        return Observation(f"Alarms of {seen.sensor} cannot be read: {seen.trouble}.")
    text = f"Nobody watches {seen.sensor}: its monitor gives no sign of life."
    return Observation(text, since_s=seen.silent_since.mono_s)


def _failing_channels(around: Surroundings) -> Iterator[tuple[Key, Observation]]:
    """Return the channels whose newest try failed; MEDIUM where no other way to any caregiver is left."""
    proofs = around.proofs or {}
    failing = [proofs[name] for name in around.channels if name in proofs and not proofs[name].passed]
    only_path = len(failing) == len(around.channels)
    for proof in failing:
        text = f"Pushes by {proof.path} do not go out: {proof.reason or 'no reason given'}."
        yield ("LINK_DOWN", proof.path), Observation(text, priority="medium" if only_path else None)
