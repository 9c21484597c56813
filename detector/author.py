"""Writes contraction events: their ids, revisions and measurements."""

from collections import deque
from dataclasses import replace

from detector.tally import Tally
from detector.types import Certainty, Contraction, Kind

# Onsets are dated back by seconds only: among so many, no two can be far apart in time.
REMEMBERED_ONSETS = 64


class Author:
    """Writes the events of one channel.

    Args:
        recording_id: What the ids of all its events begin with.
        channel: EMG channel.
        site: Where it sits.
        model: What the events say about who judged.
        rate_hz: EMG rate.
    """

    def __init__(self, recording_id: str, channel: int, site: str, model: str, rate_hz: float) -> None:
        self._recording_id = recording_id
        self._channel = channel
        self.site = site
        self._model = model
        self._rate_hz = rate_hz
        self._onsets: deque[int] = deque(maxlen=REMEMBERED_ONSETS)

    def begin(self, kind: Kind, onset_index: int, decided_index: int) -> Contraction:
        """Return a new event, revision 0, still without measurements and reason.

        Its id is made of recording, onset and, past the first, the channel. Two events never share one: what
        would begin with another one begins a sample later.
        """
        while onset_index in self._onsets:
            onset_index += 1
        self._onsets.append(onset_index)
        channel = f".{self._channel}" if self._channel else ""
        return Contraction(
            id=f"{self._recording_id}.{onset_index}{channel}",
            revision=0,
            phase="started",
            kind=kind,
            alert="none",
            channel=self._channel,
            site=self.site,
            onset_index=onset_index,
            decided_index=decided_index,
            duration_s=0.0,
            reason="",
            model=self._model,
            confidence=0.0,
        )

    def measure(self, event: Contraction, tally: Tally, end_index: int) -> Contraction:
        """Return the event with what has been measured up to ``end_index``."""
        return replace(
            event,
            duration_s=(end_index - event.onset_index) / self._rate_hz,
            peak_uv=tally.peak_uv,
            mean_uv=tally.mean_uv,
            times_baseline=tally.times_resting,
            median_frequency_hz=tally.median_hz,
            modulation_depth=tally.modulation_depth,
            movement_mg=tally.movement_mg,
            quality=certainty(tally),
        )


def revised(event: Contraction) -> Contraction:
    """Return the next revision, under way."""
    return replace(event, revision=event.revision + 1, phase="updated")


def ended(event: Contraction, end_index: int) -> Contraction:
    """Return the event as over."""
    return replace(event, phase="ended", offset_index=end_index)


def certainty(tally: Tally) -> Certainty:
    """Say how far the measurements can be trusted."""
    if tally.lost:
        return "unconfirmed"
    return "doubtful" if tally.doubtful else "good"
