"""The stream in whole hops: nothing lost unseen, nothing invented unmarked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.grid import Grid
from detector.hops import BrokenStreamError, HopCutter, Hops
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from tests.detector.signals import part, sensor, stream

INFO = sensor()
GRID = Grid.of(INFO)
HOP = GRID.hop


def ramp(samples: int, info: SensorInfo = INFO) -> SampleBlock:
    """Return a block in which every sample tells its own index."""
    index = np.arange(samples, dtype=np.int32)
    acc = np.repeat(index[:: info.acc_ratio, None], 3, axis=1)
    return SampleBlock(info, 0, np.repeat(index[:, None], len(info.sites), axis=1), acc)


def cut(items: list[StreamItem], info: SensorInfo = INFO) -> list[Hops]:
    cutter = HopCutter(info, Grid.of(info))
    runs = [run for item in items for run in cutter.feed(item)]
    return runs + list(cutter.finish())


def missing(runs: list[Hops]) -> dict[int, int]:
    return {run.first_hop + place: int(n) for run in runs for place, n in enumerate(run.missing) if n}


@settings(max_examples=60)
@given(
    samples=st.integers(1, 700),
    gaps=st.lists(st.tuples(st.integers(1, 600), st.integers(1, 90)), max_size=3),
)
def test_every_sample_stands_in_its_place_and_every_missing_one_is_counted(
    samples: int, gaps: list[tuple[int, int]]
) -> None:
    block = ramp(samples * 10)
    holes = [Gap(begin * 10, count * 10, "lost frames") for begin, count in gaps if begin + count < samples]
    lost = {index for gap in holes for index in range(gap.first_index, gap.end_index)}
    seen = 0
    for run in cut(list(stream(block, gaps=holes))):
        begin = run.first_hop * HOP
        values = run.emg_counts[:, 0]
        own = values == begin + np.arange(len(values))
        assert not lost & set((begin + np.flatnonzero(own)).tolist()) or run.missing.sum() > 0
        assert len(values) == len(run) * HOP
        assert run.missing.sum() >= len(values) - np.count_nonzero(own)
        assert run.acc_counts.shape == (len(run) * GRID.acc_per_hop, 3)
        seen += len(values) - int(run.missing.sum())
    # What is given up: only the beginning of a hop in which a long gap begins and ends.
    assert samples * 10 - len(lost) - len(holes) * HOP <= seen <= samples * 10 - len(lost)


def test_up_to_100_ms_are_bridged_with_the_last_value() -> None:
    runs = cut(list(stream(ramp(4 * HOP), gaps=[Gap(500, 100, "lost frames")])))
    assert missing(runs) == {2: 100}
    emg, unseen = (np.concatenate([getattr(run, name) for run in runs]) for name in ("emg_counts", "unseen"))
    assert (emg[500:600] == 499).all()
    assert unseen[2].tolist() == [True] * 4 + [False] * 6
    assert [run.fresh for run in runs] == [True] + [False] * (len(runs) - 1)


def test_after_more_than_100_ms_the_signal_begins_anew_on_the_same_grid() -> None:
    runs = cut(list(stream(ramp(12 * HOP), gaps=[Gap(600, 900, "link down")])))
    assert [(run.first_hop, run.fresh, len(run)) for run in runs] == [
        (0, True, 2),
        (2, False, 1),
        (6, True, 6),
    ]
    assert missing(runs) == {2: 150}
    assert (runs[1].emg_counts[100:] == 599).all()


def test_the_first_hop_after_a_gap_stands_still_until_its_first_sample() -> None:
    runs = cut(list(stream(ramp(12 * HOP), gaps=[Gap(600, 1_000, "link down")])))
    assert (runs[-1].emg_counts[:100] == 1_600).all()
    assert missing(runs)[6] == 100


def test_a_gap_of_seven_hours_costs_nothing() -> None:
    block = ramp(2 * HOP)
    later = SampleBlock(INFO, 25_200_000, block.emg_counts, block.acc_counts)
    runs = cut([block, Gap(500, 25_199_500, "link down"), later])
    assert sum(len(run) for run in runs) == 4


def test_a_stream_that_begins_late_begins_there() -> None:
    block = ramp(8 * HOP)
    runs = cut([Gap(0, 1_000, "not recorded"), part(block, 1_000, 2_000)])
    assert runs[0].first_hop == 4


def test_a_cue_hides_its_ticks_and_those_just_after() -> None:
    runs = cut(list(stream(ramp(8 * HOP), notes=[Mark(500, "cue", "pulse", 0.2)])))
    unseen = np.concatenate([run.unseen for run in runs]).ravel()
    assert np.flatnonzero(unseen).tolist() == list(range(20, 40))


def test_a_button_or_a_note_hides_nothing() -> None:
    runs = cut(list(stream(ramp(8 * HOP), notes=[Mark(500, "button short"), Mark(700, "note", "x", 1.0)])))
    assert not any(run.unseen.any() for run in runs)


def test_what_the_board_says_of_its_electrodes_holds_until_it_says_otherwise() -> None:
    notes = [SensorStatus(500, None, (True,), 0, 0), SensorStatus(1_250, None, (False,), 0, 0)]
    runs = cut(list(stream(ramp(8 * HOP), notes=notes)))
    assert (
        np.concatenate([run.lead_off for run in runs])[:, 0].tolist()
        == [False] * 2 + [True] * 3 + [False] * 3
    )


def test_a_status_without_electrodes_says_they_are_on() -> None:
    runs = cut(list(stream(ramp(4 * HOP), notes=[SensorStatus(0, 3_700, (), 0, 0)])))
    assert not any(run.lead_off.any() for run in runs)


def test_the_last_hop_is_filled_up_and_owned_up_to() -> None:
    runs = cut([ramp(HOP + 100)])
    assert sum(len(run) for run in runs) == 2
    assert missing(runs) == {1: 150}


def test_link_states_and_the_same_sensor_again_change_nothing() -> None:
    block = ramp(2 * HOP)
    runs = cut(
        [INFO, block, LinkState(up=False, reason="unplugged"), LinkState(up=True, reason="back"), INFO]
    )
    assert sum(len(run) for run in runs) == 2


def test_samples_that_go_back_are_refused() -> None:
    block = ramp(4 * HOP)
    with pytest.raises(BrokenStreamError, match="expected samples from index 500 on, got a block at 250"):
        cut([part(block, 0, 500), part(block, 250, 750)])


def test_another_sensor_in_the_stream_is_refused() -> None:
    with pytest.raises(BrokenStreamError, match="start a new recording"):
        cut([ramp(HOP), sensor(500.0, 50.0)])


def test_a_block_of_no_samples_is_nothing() -> None:
    assert cut([ramp(0)]) == []
