"""Changes that mean nothing change nothing: turned electrodes, another gain, more rest before, a tilted sensor."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.types import Contraction
from firmware_bridge.samples import SampleBlock, Scale
from tests.detector.signals import Scene, contractions, detect, exact, sensor

SCENE = Scene(
    60.0,
    amplitude_uv=[(6.0, 8.0, 40.0), (12.0, 30.0, 60.0)],
    bursts=[(38.0, 46.0, 80.0, 3.5, 0.12)],
    movement_mg=[(20.0, 22.0, 200.0)],
    hum_uv=[(50.0, 55.0, 80.0)],
)


def events(block: SampleBlock) -> list[Contraction]:
    return contractions(detect([block], block.info))


def verdicts(block: SampleBlock) -> list[tuple[str, str, int, int | None]]:
    return [(one.kind, one.alert, one.onset_index, one.offset_index) for one in events(block)]


def turned(block: SampleBlock) -> SampleBlock:
    return replace(block, emg_counts=-block.emg_counts)


def test_turned_electrodes_change_no_bit() -> None:
    block = SCENE.block()
    assert [exact(one) for one in events(turned(block))] == [exact(one) for one in events(block)]


@settings(max_examples=10)
@given(power=st.integers(-4, 4))
def test_the_gain_of_a_scale_in_counts_changes_no_verdict(power: int) -> None:
    """Where no µV are known only ratios count; by powers of two even rounding is the same."""
    info = sensor(scale=Scale(-32768, 32767, -4096.0, 4095.875, "count"))
    block = replace(SCENE, info=info).block()
    gain = 2.0**power
    other = replace(info, emg_scales=(Scale(-32768, 32767, -4096.0 * gain, 4095.875 * gain, "count"),))
    assert verdicts(replace(block, info=other)) == verdicts(block)


@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_a_louder_muscle_on_a_louder_rest_is_the_same_in_counts(factor: float) -> None:
    info = sensor(scale=Scale(-32768, 32767, -4096.0, 4095.875, "count"))
    block = replace(SCENE, info=info).block()
    louder = np.clip(block.emg_counts.astype(np.float64) * factor, -32768, 32767).astype(np.int16)
    kinds = [(one.kind, one.alert) for one in events(block)]
    assert [(one.kind, one.alert) for one in events(replace(block, emg_counts=louder))] == kinds


@pytest.mark.parametrize("offset", [-9_000, 3, 12_000])
def test_a_constant_on_the_input_moves_no_verdict(offset: int) -> None:
    block = SCENE.block()
    assert verdicts(replace(block, emg_counts=(block.emg_counts + offset).astype(np.int16))) == verdicts(
        block
    )


@pytest.mark.parametrize("hops", [40, 400])
def test_more_rest_before_only_moves_the_events(hops: int) -> None:
    block, rest = SCENE.block(), Scene(hops * 0.25, seed=7).block()
    later = SampleBlock(
        block.info,
        0,
        np.concatenate([rest.emg_counts, block.emg_counts]),
        np.concatenate([rest.acc_counts, block.acc_counts]),
    )
    moved = [(one.kind, one.alert) for one in events(later)]
    assert moved == [(one.kind, one.alert) for one in events(block)]


@settings(max_examples=10)
@given(axes=st.permutations([0, 1, 2]), signs=st.tuples(*[st.sampled_from([-1, 1])] * 3))
def test_how_the_sensor_is_strapped_on_moves_no_verdict(axes: list[int], signs: tuple[int, int, int]) -> None:
    block = SCENE.block()
    strapped = (block.acc_counts[:, axes] * np.array(signs)).astype(np.int16)
    assert verdicts(replace(block, acc_counts=strapped)) == verdicts(block)


def test_silence_has_no_events() -> None:
    """A dead input: every sample is the same."""
    info = sensor()
    block = SampleBlock(info, 0, np.full((60_000, 1), 1234, np.int16), np.full((6_000, 3), 2048, np.int16))
    assert {one.kind for one in events(block)} == {"artefact"}
    assert {one.alert for one in events(block)} == {"none"}


@pytest.mark.parametrize("value", [-32768, 32767])
def test_an_input_at_its_rail_never_alerts(value: int) -> None:
    info = sensor()
    block = SampleBlock(info, 0, np.full((60_000, 1), value, np.int16), np.full((6_000, 3), 2048, np.int16))
    assert {one.alert for one in events(block)} == {"none"}


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), dead=st.booleans())
def test_any_counts_at_all_are_taken_without_a_word(seed: int, *, dead: bool) -> None:
    """Whatever a broken converter gives: no error, no warning, and every number finite or None."""
    rng = np.random.default_rng(seed)
    info = sensor()
    emg = rng.integers(-32768, 32768, (8_000, 1)).astype(np.int16)
    emg[2_000:5_000] = rng.choice([-32768, 0, 32767])
    acc = np.zeros((800, 3), np.int16) if dead else rng.integers(-32768, 32768, (800, 3)).astype(np.int16)
    for one in events(SampleBlock(info, 0, emg, acc)):
        numbers = [
            one.confidence,
            one.duration_s,
            one.peak_uv,
            one.mean_uv,
            one.times_baseline,
            one.movement_mg,
        ]
        assert all(np.isfinite(number) for number in numbers if number is not None)
        assert 0.0 <= one.confidence <= 1.0
