"""Contractions on two limbs at once, as the alerter calls people for them: one alarm, told once.

Which alarms were a pair is kept in the journal, so that the limb that outlasts the pair does not call again those
who were called for both.
"""

import json
import logging
from collections.abc import Iterable, Sequence

from detector.alarms.pairing import Pair, paired
from detector.alarms.values import Occurrence
from detector.alerter.journal import Journal

_log = logging.getLogger(__name__)

_FACT = "pairs"
# Pairs of one night; older ones are over.
_MOST = 50


class Limbs:
    """Remembers pairs. Use it from one thread.

    Args:
        journal: Where they are kept.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pairs = _kept(journal.recall(_FACT))

    def pair(self, alarms: Iterable[Occurrence]) -> tuple[Pair | None, Sequence[Occurrence]]:
        """Return the pair that stands, and what is not in it; a new pair is kept."""
        pair, rest = paired(alarms)
        if pair is not None and self._pairs.get(pair.occurrence.id) != list(pair.member_ids):
            self._pairs[pair.occurrence.id] = list(pair.member_ids)
            while len(self._pairs) > _MOST:
                del self._pairs[next(iter(self._pairs))]
            self._journal.remember(_FACT, json.dumps(self._pairs))
        return pair, rest

    def kin_of(self, alarm: Occurrence, pair: Pair | None = None) -> tuple[str, ...]:
        """Return the alarms whose steps count for this one.

        Of a pair those of its limbs, unless pairing made it more urgent than they were; of a limb its pair.
        """
        if pair is not None:
            told = alarm.priority in {member.priority for member in pair.members}
            return pair.member_ids if told else ()
        return tuple(name for name, members in self._pairs.items() if alarm.id in members)


def _kept(saved: str | None) -> dict[str, list[str]]:
    try:
        found = json.loads(saved or "{}")
        return {str(name): [str(member) for member in members] for name, members in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        # Then somebody may be called once more than needed.
        _log.warning("pairs: what was kept cannot be read: %s", error)
        return {}
