"""Contractions on two limbs at once: one paired alarm, high when rhythmic (ALARMS section 5).

Each limb has its own sensor and its own engine; who sees them all pairs what stands. A pair is no new state: it is
derived from its members, and an answer to it answers each of them. An answer to one limb alone answers the other as
well, but never one that is more urgent, or that began to call only after the answer (I4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from detector.alarms.values import RAISED, RANK, UNANSWERED, Act, ActName, Moment, Occurrence, Stage

PAIRED = "paired"
_CONTRACTIONS = frozenset({"CRAMP", "RHYTHMIC"})
# Stages of the pair, the loudest first: it is as far as the member that needs people most.
_NEED: tuple[Stage, ...] = ("active", "paused", "latched", "acked", "snoozed")


@dataclass(frozen=True, slots=True)
class Pair:
    """One alarm of several limbs.

    Attributes:
        occurrence: As if it were one alarm; its id is that of the oldest member, marked as paired.
        members: The alarms of the limbs, the oldest first.
    """

    occurrence: Occurrence
    members: tuple[Occurrence, ...]

    @property
    def member_ids(self) -> tuple[str, ...]:
        """What an answer to the pair answers."""
        return tuple(member.id for member in self.members)

    def done(self, done: Mapping[str, Iterable[str]]) -> set[str]:
        """Return the keys of the steps that need not be taken again for the pair.

        Its own, and those of its members where pairing made it no more urgent than they were.
        """
        ids = [self.occurrence.id]
        if self.occurrence.priority in {member.priority for member in self.members}:
            ids += self.member_ids
        return {key for name in ids for key in done.get(name, ())}


def paired(occurrences: Iterable[Occurrence]) -> tuple[Pair | None, tuple[Occurrence, ...]]:
    """Return the pair that stands, and every occurrence that is not in it.

    Contractions pair while at least two limbs have one that has not ended. A step taken for a pair is to be kept under
    the ids of its members as well, so that the one that outlasts it does not tell the same people again.

    Args:
        occurrences: Of all sensors of one sleeper.
    """
    everything = tuple(occurrences)
    standing = sorted(
        (item for item in everything if _pairs(item)), key=lambda item: (item.began.mono_s, item.id)
    )
    if len({(item.sensor, item.site) for item in standing}) < 2:  # noqa: PLR2004 - a pair
        return None, everything
    rest = tuple(item for item in everything if item not in standing)
    return Pair(_one_of(standing), tuple(standing)), rest


def is_waiting(item: Occurrence) -> bool:
    """Tell whether it is a contraction that an answer to another limb may answer."""
    return _pairs(item) and item.stage in UNANSWERED


def answer_for(item: Occurrence, others: Iterable[Occurrence]) -> Act | None:
    """Return the answer to a contraction that was given to another limb while both stood; None where none was.

    Args:
        item: The contraction.
        others: What stands on every limb, on the same clock; the contraction itself may be among it.
    """
    answered = (
        other
        for other in others
        if (other.sensor, other.site) != (item.sensor, item.site) and _answers(other, item)
    )
    first = min(answered, key=lambda other: (other.since.mono_s, other.id), default=None)
    if first is None or first.acked_by is None:
        return None
    name: ActName = "going" if first.answer == "going" else "ack"
    return Act(name, first.acked_by, item.id, place=f"with {first.site or first.sensor}")


def _answers(other: Occurrence, item: Occurrence) -> bool:
    if not _pairs(other) or other.acked_by is None or item.called is None:
        return False
    less_urgent = RANK[item.priority] <= RANK[other.acked_priority or "advisory"]
    # Whoever has answered a cramp has not been told of a rhythm.
    same_kind = other.code == "RHYTHMIC" or item.code == "CRAMP"
    return less_urgent and same_kind and other.since.mono_s >= item.called.mono_s


def _pairs(item: Occurrence) -> bool:
    return item.code in _CONTRACTIONS and item.stage in RAISED and item.ended is None and not item.stale


def _one_of(members: list[Occurrence]) -> Occurrence:
    oldest = members[0]
    rhythmic = any(item.code == "RHYTHMIC" for item in members)
    unanswered = [item for item in members if item.stage in UNANSWERED]
    stages = {item.stage for item in members}
    return replace(
        oldest,
        id=f"{oldest.id}.{PAIRED}",
        key=PAIRED,
        sensor="+".join(dict.fromkeys(item.sensor for item in members)),
        site=" and ".join(dict.fromkeys(item.site for item in members if item.site)) or None,
        code="RHYTHMIC" if rhythmic else "CRAMP",
        priority="high" if rhythmic else max((item.priority for item in members), key=RANK.__getitem__),
        stage=next(stage for stage in _NEED if stage in stages),
        revision=sum(item.revision for item in members),
        call=max(item.call for item in members),
        called=_earliest([item.called for item in unanswered or members]),
        raised=_earliest([item.raised for item in members]),
        unconfirmed=all(item.unconfirmed for item in members),
        acked_by=None if unanswered else oldest.acked_by,
        declined=tuple(dict.fromkeys(name for item in members for name in item.declined)),
        text=f"On {len({item.sensor for item in members})} limbs at once. "
        + " ".join(item.text for item in members if item.text),
    )


def _earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((item for item in moments if item is not None), key=lambda item: item.mono_s, default=None)
