"""`crampwatch simulate` and the sources and boards of the synthetic wearer."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.channel_flags import ChannelFlags
from crampwatch.plan import BoardPlan
from crampwatch.simulate import board_items, source_factories, write_synthetic_night
from detector.event_files import read_events
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import UnreadableRecordingError, open_recording
from firmware_bridge.samples import SampleBlock
from firmware_bridge.sources import SourceUrlError, open_source
from models.synthesis import SynthesisError
from tests.crampwatch.nights_on_disk import record

HOURS = 0.02


def write(out: Path, *, seed: int = 1, force: bool = False, kind: str = "demo") -> Path:
    write_synthetic_night(out, hours=HOURS, seed=seed, kind=kind, force=force)
    return out


def test_a_night_and_the_truth_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = open_recording(write(tmp_path / "night.edf"))
    assert night.duration_s == pytest.approx(3600 * HOURS, abs=1.0)
    truth = read_events(tmp_path / "night_truth.tsv")
    assert "cramp" in {event.alert for event in truth}
    said = capsys.readouterr().out
    assert "synthetic" in said
    assert "night_truth.tsv" in said


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    first, again, other = (
        write(tmp_path / name / "night.edf", seed=seed).read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again != other
    assert (tmp_path / "a/night_truth.tsv").read_bytes() == (tmp_path / "b/night_truth.tsv").read_bytes()


@pytest.mark.parametrize("present", ["night.edf", "night_truth.tsv"])
def test_nothing_is_overwritten_without_force(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text("mine")
    with pytest.raises(SynthesisError, match="--force"):
        write(tmp_path / "night.edf")
    assert [file.name for file in tmp_path.iterdir()] == [present]
    assert (tmp_path / present).read_text() == "mine"
    write(tmp_path / "night.edf", force=True)
    assert (tmp_path / present).read_bytes() != b"mine"


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match=r"ordinary.*got 'odd'"):
        write(tmp_path / "night.edf", kind="odd")
    assert list(tmp_path.iterdir()) == []


def test_the_demos_board_plays_the_persons_recording_or_the_wearer(tmp_path: Path) -> None:
    mine = str(record(tmp_path / "mine.edf"))
    info, items = board_items(BoardPlan("sensor", mine, ChannelFlags(), 1))
    assert info.sensor_id == open_recording(Path(mine)).info.sensor_id
    assert sum(item.samples for item in items if isinstance(item, SampleBlock)) == 60_000
    info, items = board_items(BoardPlan("sensor", None, ChannelFlags(), 1))
    assert isinstance(next(item for item in items if isinstance(item, SampleBlock)), SampleBlock)
    with pytest.raises(UnreadableRecordingError):
        board_items(BoardPlan("sensor", str(tmp_path / "absent.edf"), ChannelFlags(), 1))


def test_an_address_of_the_synthetic_wearer_becomes_a_source() -> None:
    clock = Clock()
    with open_source(
        "simulate:?seed=1&hours=0.001&speed=max", factories=source_factories(clock), clock=clock
    ) as source:
        assert source.open().emg_rate_hz == 1000.0
    with pytest.raises(SourceUrlError, match="seed"):
        open_source("simulate:?seed=x", factories=source_factories(clock))
