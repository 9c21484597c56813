"""The detector on real recordings: what is claimed of each, whether it holds, and how many seconds are behind it.

None of the recordings is a cramp (they are described beside them). So they can show only what is not called a cramp,
and that a held contraction is called tonic.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.classifier import Classifier
from detector.event_files import final_revisions
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import RHYTHMIC, Contraction, SignalQuality
from firmware_bridge.recordings import Recording, open_recording


@dataclass(frozen=True, slots=True)
class Said:
    """What the detector says of one recording.

    Attributes:
        name: Its stem.
        duration_s: Its length.
        contractions: Their last revisions.
        flagged: Seconds with each flag of signal quality.
    """

    name: str
    duration_s: float
    contractions: tuple[Contraction, ...]
    flagged: Mapping[str, int]

    @property
    def alarms(self) -> int:
        """Verdicts that wake somebody."""
        return sum(one.alert != "none" for one in self.contractions)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of some recordings.

    Attributes:
        text: In words.
        pattern: Which files, inside the folder of recordings.
        holds: Whether it holds for one of them.
    """

    text: str
    pattern: str
    holds: Callable[[Said], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim, on how many recordings of how many it holds, and for how long those last together."""

    claim: Claim
    holds: int
    of: int
    seconds: float
    failing: tuple[str, ...]


def _is_tonic(said: Said) -> bool:
    return any(one.kind == "tonic" for one in said.contractions) and not any(
        one.alert in RHYTHMIC for one in said.contractions
    )


def _is_silent(said: Said) -> bool:
    return not said.alarms


CLAIMS: Sequence[Claim] = (
    Claim("holds of 30 s, mirrored from 10 s: called tonic, never clonic", "composites/rest*.edf", _is_tonic),
    Claim("treadmill walking, strides repeated to 120 s: no alarm", "composites/walking*.edf", _is_silent),
    Claim("treadmill walking as recorded: no alarm", "walking/*.edf", _is_silent),
    Claim("forearm bursts and a fatigue run: no alarm", "plux/*.edf", _is_silent),
    Claim("near rest: no alarm", "quiet/*.edf", _is_silent),
    Claim(
        "mains hum and jaw clenches, railed and floating inputs: no alarm",
        "amplifier_trouble/*.edf",
        _is_silent,
    ),
    Claim(
        "railed inputs: flagged as railed or flat",
        "amplifier_trouble/railed*.edf",
        lambda said: said.flagged.get("railed", 0) + said.flagged.get("flat", 0) > 0,
    ),
)


def check_recordings(folder: Path, classifier: Classifier) -> Iterator[Checked]:
    """Yield every claim with what came of it; none for a claim whose recordings are not there.

    Raises:
        RecordingError: a recording cannot be read.
    """
    for claim in CLAIMS:
        said = [_said_of(open_recording(path), classifier) for path in sorted(folder.glob(claim.pattern))]
        if said:
            failing = tuple(one.name for one in said if not claim.holds(one))
            seconds = sum(one.duration_s for one in said)
            yield Checked(claim, len(said) - len(failing), len(said), seconds, failing)


def _said_of(recording: Recording, classifier: Classifier) -> Said:
    settings = DetectorSettings(levels=False)
    pipeline = Pipeline(recording.info, settings, recording_id=recording.recording_id, classifier=classifier)
    contractions: list[Contraction] = []
    flagged: dict[str, int] = {}
    items = [one for item in recording.items() for one in pipeline.feed(item)] + pipeline.finish()
    for one in items:
        match one:
            case Contraction():
                contractions.append(one)
            case SignalQuality():
                flagged.update({flag: flagged.get(flag, 0) + 1 for flag in one.flags})
    return Said(recording.path.stem, recording.duration_s, tuple(final_revisions(contractions)), flagged)
