"""What the detector says of the real recordings in ../shared/data: about 15 minutes, none of them a cramp.

The composites are made from real pieces (../shared/data/README.md): rest of one muscle around a voluntary
hold of another, mirrored to 30 s; a ``cramp`` verdict on a hold is allowed, there being no acceleration to
speak against it.
"""

from functools import cache
from pathlib import Path

import pytest

from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, DetectorItem, SignalQuality
from firmware_bridge.recordings import Recording, open_recording
from tests.conftest import SHARED_DATA
from tests.detector.signals import contractions

pytestmark = pytest.mark.shared_data

HOLDS = [f"composites/rest60_hold30_rest30_id{number:02}.edf" for number in range(1, 21)]
NO_ALERTS = [
    "composites/walking_120s.edf",
    "walking/treadmill_calf.edf",
    "plux/emg_bursts.edf",
    "plux/emg_1000_hz_16_bits_solo.edf",
    "quiet/biosppy_emg.edf",
    "quiet/biosppy_emg_1.edf",
    "amplifier_trouble/hum_and_jaw_clench.edf",
    "amplifier_trouble/railed_inputs.edf",
]
# Each channel of a recording is tried on its own; the first is what is picked unasked.
WALKING_CHANNELS = ["EMG gastroc med", "EMG gastroc lat", "EMG soleus", "EMG TA"]


@cache
def replayed(name: str, channel: str | None = None) -> tuple[Recording, list[DetectorItem]]:
    recording = open_recording(Path(SHARED_DATA) / name, emg=() if channel is None else (channel,))
    pipeline = Pipeline(recording.info, DetectorSettings(levels=False), recording_id=recording.recording_id)
    items = [result for item in recording.items() for result in pipeline.feed(item)]
    return recording, items + pipeline.finish()


def alerts(items: list[DetectorItem]) -> list[tuple[str, str]]:
    return [(event.alert, event.reason) for event in contractions(items) if event.alert != "none"]


@pytest.mark.parametrize("name", HOLDS)
def test_a_hold_of_30_s_is_one_tonic_contraction(name: str) -> None:
    recording, items = replayed(name)
    (hold,) = (event for event in contractions(items) if event.kind == "tonic")
    rate_hz = recording.info.emg_rate_hz
    assert hold.onset_index / rate_hz == pytest.approx(60.0, abs=2.0)
    assert hold.duration_s == pytest.approx(30.0, abs=2.0)
    assert hold.alert in {"none", "cramp"}
    assert "no accelerometer" in hold.reason


@pytest.mark.parametrize("name", NO_ALERTS)
def test_what_is_no_cramp_never_alerts(name: str) -> None:
    assert alerts(replayed(name)[1]) == []


@pytest.mark.parametrize("channel", WALKING_CHANNELS)
def test_no_muscle_of_a_walking_leg_alerts(channel: str) -> None:
    assert alerts(replayed("composites/walking_120s.edf", channel)[1]) == []


def test_fatigue_in_bursts_with_clipping_is_never_a_cramp_or_a_clonic_run() -> None:
    assert alerts(replayed("plux/emg_fatigue.edf")[1]) == []


def flags(items: list[DetectorItem]) -> list[tuple[str, ...]]:
    return [item.flags for item in items if isinstance(item, SignalQuality)]


def test_hum_is_flagged_from_its_first_seconds_on() -> None:
    found = flags(replayed("amplifier_trouble/hum_and_jaw_clench.edf")[1])
    assert sum("mains" in one for one in found) > 0.9 * len(found)


def test_railed_inputs_are_flagged() -> None:
    recording = open_recording(Path(SHARED_DATA) / "amplifier_trouble/railed_inputs.edf")
    assert recording.info.emg_rate_hz == 250.0
    bad = []
    for number in range(1, 9):
        _, items = replayed("amplifier_trouble/railed_inputs.edf", str(number))
        found = flags(items)
        bad.append(sum(bool({"railed", "flat", "mains", "motion"} & set(one)) for one in found) / len(found))
    assert min(bad) > 0.5


@pytest.mark.parametrize("name", [*HOLDS[:2], *NO_ALERTS])
def test_every_event_of_a_real_recording_has_its_reason_and_finite_numbers(name: str) -> None:
    for item in replayed(name)[1]:
        if isinstance(item, Contraction):
            assert item.reason
            assert 0.0 <= item.confidence <= 1.0
            assert item.duration_s > 0.0
