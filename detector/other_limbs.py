"""An answer to one limb of a pair answers the other: two contractions at once are one alarm (ALARMS section 5).

Each limb has a sensor, a monitor and an engine of its own. While a contraction here is unanswered, its monitor looks
into the others' alarm stores on this machine, as the alerter does, so that the sensor's button works without a broker.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from detector.alarms.pairing import answer_for, is_waiting
from detector.alarms.reader import AlarmReader
from detector.alarms.values import Act, Moment, Occurrence
from firmware_bridge.clock import Clock

# How often the others' answers are looked for while a contraction here is unanswered, s.
LOOK_EVERY_S = 1.0
# However fast the night, a disk is not asked more often, seconds of life.
_LEAST_LOOK_S = 0.2


class OtherLimbs:
    """Looks for answers to the other limbs of the same sleeper. Use it from one thread.

    Args:
        outboxes: Folder of the monitors' stores, one file a sensor.
        sensor_id: Whose monitor this is.
        clock: Shared with the other processes.
        boot_id: Which start of the computer the monotonic clock belongs to.
    """

    def __init__(self, outboxes: Path, sensor_id: str, clock: Clock, boot_id: str) -> None:
        self._outboxes = outboxes
        self._own = outboxes / f"{sensor_id}.sqlite"
        self._clock = clock
        self._boot_id = boot_id
        self._looked_s = float("-inf")

    def answers(self, mine: Sequence[Occurrence], at: Moment) -> list[Act]:
        """Return what was answered elsewhere for contractions here, each as an answer of its own."""
        waiting = [item for item in mine if is_waiting(item)]
        every_s = self._clock.at_least(LOOK_EVERY_S, real_s=_LEAST_LOOK_S)
        if not waiting or at.mono_s - self._looked_s < every_s:
            return []
        self._looked_s = at.mono_s
        others = [*mine, *self._elsewhere(at)]
        return [act for item in waiting if (act := answer_for(item, others)) is not None]

    def _elsewhere(self, at: Moment) -> Iterator[Occurrence]:
        for path in sorted(self._outboxes.glob("*.sqlite")):
            if path != self._own:
                with closing(AlarmReader(path)) as reader:
                    stored = reader.look(at, self._boot_id)
                yield from stored.occurrences if stored else ()
