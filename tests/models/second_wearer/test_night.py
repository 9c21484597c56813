from pathlib import Path

import numpy as np
import pytest

from detector.event_files import read_events
from detector.scoring_labels import LabelledRecording, labels_of
from detector.scoring_matching import CLONIC, CRAMP, match
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, SampleBlock
from models.second_wearer.cohorts import COHORTS, DEVELOPMENT
from models.second_wearer.night import Night, make_night
from models.second_wearer.sensors import SENSORS
from models.second_wearer.truth import truth_labels, write_truth
from tests.models.second_wearer.second_recording import write_discontinuous, write_recording


@pytest.fixture(scope="module")
def enriched() -> Night:
    return make_night("enriched", 7, hours=0.6)


def test_a_seed_gives_the_same_night_to_the_bit(enriched: Night) -> None:
    again = make_night("enriched", 7, hours=0.6)
    assert np.array_equal(again.emg_counts, enriched.emg_counts)
    assert np.array_equal(again.acc_counts, enriched.acc_counts)
    assert again.facts == enriched.facts


def test_another_seed_is_another_person() -> None:
    one, other = (make_night("enriched", seed, hours=0.1).person for seed in (7, 8))
    assert one.spectra != other.spectra
    assert one.name != other.name


def test_the_strongest_second_of_a_cramp_has_the_height_that_the_truth_gives() -> None:
    checked = 0
    for seed in range(20, 24):
        night = make_night("enriched", seed, hours=0.5)
        scale, rate = night.info.emg_scales[0], round(night.info.emg_rate_hz)
        for label in truth_labels(night):
            if label.kind != "tonic" or label.peak_uv is None or label.peak_uv < 60.0:
                continue
            counts = night.emg_counts[int(label.onset_s * rate) : int(label.end_s * rate)]
            # What is slower than muscle is drift of the electrode.
            signal_uv = np.diff(scale.to_physical(counts).astype(float)) / _gain_of_a_difference(night)
            whole = len(signal_uv) // rate * rate
            seconds_uv = np.sqrt(np.square(signal_uv[:whole].reshape(-1, rate)).mean(axis=1))
            assert 0.3 * label.peak_uv < seconds_uv.max() < 3.0 * label.peak_uv, label
            checked += 1
    assert checked > 2


def _gain_of_a_difference(night: Night) -> float:
    """Return how much larger the RMS of differences is than that of the signal, for the person's cramps."""
    spectrum = night.person.spectra["cramp"]
    centre_hz = np.sqrt((spectrum.low_hz**2 + spectrum.low_hz * spectrum.high_hz + spectrum.high_hz**2) / 3.0)
    return float(2.0 * np.sin(np.pi * centre_hz / night.info.emg_rate_hz))


def test_an_adversarial_night_has_twenty_turn_overs() -> None:
    names = [fact.name for fact in make_night("adversarial", 3, sensor="no acceleration", hours=4.0).facts]
    assert names.count("turn_over") == 20
    for name in ("gait", "toe_point", "foot_tremor", "rocking", "partner", "periodic_leg_movement"):
        assert names.count(name) >= 3, name


def test_the_truth_found_by_itself_is_without_fault(enriched: Night) -> None:
    truth = truth_labels(enriched)
    recording = LabelledRecording("night", "one", truth, truth, enriched.duration_s)
    for target in (CRAMP, CLONIC):
        matching = match(recording, target)
        assert not matching.misses
        assert not matching.false


@pytest.mark.parametrize("name", SENSORS)
def test_every_sensor_gives_a_stream_without_a_seam(name: str) -> None:
    night = make_night("enriched", 11, sensor=name, hours=0.5)
    index = 0
    for item in night.items():
        if isinstance(item, SampleBlock):
            assert item.first_index == index
            assert len(item.acc_counts) == (
                item.samples // item.info.acc_ratio if SENSORS[name].has_acc else 0
            )
            assert abs(item.emg_counts).max() <= SENSORS[name].rail_counts
            index = item.end_index
        elif isinstance(item, Gap):
            assert item.first_index == index
            index = item.end_index
    assert index == len(night.emg_counts)


def test_a_discontinuous_file_reads_as_the_stream_it_was(tmp_path: Path) -> None:
    night = make_night("enriched", 3, sensor="EDF+D", hours=1.0)
    assert night.gaps
    write_discontinuous(tmp_path / "night.edf", night)
    read = [
        item for item in open_recording(tmp_path / "night.edf").items() if isinstance(item, SampleBlock | Gap)
    ]
    gaps = [(item.first_index, item.missing) for item in read if isinstance(item, Gap)]
    seconds = round(night.info.emg_rate_hz)
    # Whole records are left out: the part of a second before a gap goes with it.
    assert gaps == [
        (gap.first_index // seconds * seconds, gap.end_index - gap.first_index // seconds * seconds)
        for gap in night.gaps
    ]
    for block in read:
        if isinstance(block, SampleBlock):
            kept = night.block(block.first_index, block.end_index)
            assert np.array_equal(block.emg_counts, kept.emg_counts)
            assert np.array_equal(block.acc_counts, kept.acc_counts)


def test_the_recorder_keeps_every_count_and_the_truth_reads_back(tmp_path: Path, enriched: Night) -> None:
    write_recording(tmp_path / "night.edf", enriched)
    blocks = [b for b in open_recording(tmp_path / "night.edf").items() if isinstance(b, SampleBlock)]
    assert np.array_equal(np.concatenate([b.emg_counts[:, 0] for b in blocks]), enriched.emg_counts)
    write_truth(tmp_path / "night_truth.tsv", enriched)
    records = read_events(tmp_path / "night_truth.tsv")
    read, made = labels_of(records, "night"), truth_labels(enriched)
    assert [(one.name, one.alert, one.is_faint) for one in read] == [
        (one.name, one.alert, one.is_faint) for one in made
    ]
    assert {record.extra.get("exceeds") for record in records} <= {"yes", "no", None}


def test_no_person_is_in_two_cohorts() -> None:
    seen: set[int] = set()
    for cohort in (*COHORTS.values(), *DEVELOPMENT.values()):
        seeds = set(cohort.seeds())
        assert not seeds & seen
        seen |= seeds
