"""Signal quality: each fault by its name in the second it stands, and the samples that came."""

import numpy as np
import pytest

from detector.types import QUALITY_FLAGS, SignalQuality
from firmware_bridge.samples import Gap, SampleBlock, SensorStatus
from tests.detector.signals import Scene, detect, sensor, stream


def seconds(
    scene: Scene, gaps: list[Gap] | None = None, notes: list[SensorStatus] | None = None
) -> list[SignalQuality]:
    items = detect(stream(scene.block(), gaps=gaps or (), notes=notes or ()), scene.info)
    return [item for item in items if isinstance(item, SignalQuality)]


def flagged(found: list[SignalQuality], flag: str) -> list[int]:
    """Return the seconds in which a flag stands."""
    assert flag in QUALITY_FLAGS
    return [one.first_index // 1_000 for one in found if flag in one.flags]


def test_a_good_signal_has_every_second_without_a_flag() -> None:
    found = seconds(Scene(30.0))
    assert [one.first_index for one in found] == list(range(0, 30_000, 1_000))
    assert {one.samples for one in found} == {1_000}
    assert {one.flags for one in found} == {()}
    assert found[-1].noise_uv == pytest.approx(3.0, rel=0.15)
    assert found[-1].mains_share < 0.3


def test_a_contraction_is_no_fault() -> None:
    assert {one.flags for one in seconds(Scene(30.0, amplitude_uv=[(10.0, 25.0, 400.0)]))} == {()}


def test_a_dead_input_is_flat() -> None:
    assert flagged(seconds(Scene(30.0, flat=[(10.0, 15.0)])), "flat") == [10, 11, 12, 13, 14]


def test_an_input_at_its_rail_is_railed() -> None:
    scene = Scene(20.0, amplitude_uv=[(10.0, 12.0, 20_000.0)])
    assert flagged(seconds(scene), "railed") == [10, 11]


def test_hum_is_mains() -> None:
    found = seconds(Scene(40.0, hum_uv=[(20.0, 30.0, 100.0)]))
    assert flagged(found, "mains")[1:10] == list(range(21, 30))
    assert found[25].mains_share > 0.9


def test_a_thrashing_leg_is_motion() -> None:
    assert flagged(seconds(Scene(30.0, movement_mg=[(10.0, 15.0, 300.0)])), "motion") == [
        10,
        11,
        12,
        13,
        14,
        15,
    ]


def test_a_pulled_cable_is_motion() -> None:
    scene = Scene(30.0)
    block = scene.block()
    emg = block.emg_counts.copy()
    time_s = np.arange(10_000) / 1_000.0
    emg[10_000:20_000, 0] += (2_500 * np.sin(2 * np.pi * 2.0 * time_s)).astype(np.int16)
    pulled = SampleBlock(block.info, 0, emg, block.acc_counts)
    found = [item for item in detect([pulled], block.info) if isinstance(item, SignalQuality)]
    assert set(range(10, 20)) <= set(flagged(found, "motion"))


def test_a_noisy_rest_is_noise() -> None:
    found = seconds(Scene(200.0, rest_uv=25.0, info=sensor(250.0, 25.0)))
    assert "noise" in found[-1].flags


def test_a_lead_that_the_board_says_is_off_is_lead_off() -> None:
    notes = [SensorStatus(10_000, None, (True,), 0, 0), SensorStatus(12_000, None, (False,), 0, 0)]
    assert flagged(seconds(Scene(20.0), notes=notes), "lead_off") == [10, 11]


@pytest.mark.parametrize(("missing", "lost"), [(40, []), (60, [10]), (300, [10])])
def test_more_than_a_twentieth_missing_is_lost(missing: int, lost: list[int]) -> None:
    found = seconds(Scene(20.0), gaps=[Gap(10_250, missing, "lost frames")])
    assert flagged(found, "lost") == lost
    assert sum(one.samples for one in found) == 20_000 - missing


def test_seconds_that_never_came_have_no_item() -> None:
    found = seconds(Scene(30.0), gaps=[Gap(10_000, 10_000, "link down")])
    assert [one.first_index // 1_000 for one in found] == [*range(10), *range(20, 30)]


def test_the_second_that_a_gap_cuts_is_told_with_what_came() -> None:
    found = seconds(Scene(30.0), gaps=[Gap(10_300, 9_500, "link down")])
    cut = {one.first_index // 1_000: one for one in found}
    assert (cut[10].samples, cut[10].flags) == (300, ("lost",))
    assert (cut[19].samples, cut[19].flags) == (200, ("lost",))


def test_the_last_unfinished_second_is_not_lost() -> None:
    found = seconds(Scene(10.5))
    assert (found[-1].samples, found[-1].flags) == (500, ())


def test_channels_are_judged_apart() -> None:
    info = sensor(sites=("left-calf", "right-calf"))
    block = Scene(10.0, info=info).block()
    emg = block.emg_counts.copy()
    emg[4_000:6_000, 1] = 7
    items = detect([SampleBlock(info, 0, emg, block.acc_counts)], info)
    found = [item for item in items if isinstance(item, SignalQuality)]
    assert [(one.first_index, one.channel) for one in found[:4]] == [(0, 0), (0, 1), (1_000, 0), (1_000, 1)]
    assert [(one.first_index, one.channel) for one in found if one.flags] == [(4_000, 1), (5_000, 1)]
