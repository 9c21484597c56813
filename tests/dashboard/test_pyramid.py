"""The pyramid: at every width, the true extremes of the samples that came."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.pyramid import BASE, LEVELS, MISSING, STEP, Counts, Pyramid

SAMPLES = 16 * 700


def random_counts(seed: int, samples: int = SAMPLES) -> Counts:
    rng = np.random.default_rng(seed)
    counts = rng.integers(-32767, 32768, samples).astype(np.int16)
    for _ in range(6):
        first = int(rng.integers(0, samples))
        counts[first : first + int(rng.integers(1, 200))] = MISSING
    return counts


COUNTS = random_counts(5)


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory) -> Pyramid:
    pyramid = Pyramid(tmp_path_factory.mktemp("pyramid"), "emg")
    pyramid.append(COUNTS)
    return pyramid


def truth(counts: Counts, first: int, width: int) -> list[tuple[int, int] | None]:
    bins = (counts[at : at + width] for at in range(first, len(counts), width))
    present = (own[own != MISSING] for own in bins)
    return [(int(own.min()), int(own.max())) if len(own) else None for own in present]


@given(first=st.integers(0, SAMPLES - 1), span=st.integers(1, SAMPLES), width=st.integers(BASE, SAMPLES * 2))
def test_extremes_are_the_true_ones_at_any_width(pyramid: Pyramid, first: int, span: int, width: int) -> None:
    found = pyramid.extremes(first, min(SAMPLES, first + span), width)
    assert found.width <= max(width, BASE)
    assert found.first <= first
    shown = [(int(low), int(high)) if low <= high else None for low, high in found.pairs]
    assert shown == truth(COUNTS, found.first, found.width)[: len(shown)]
    # Nothing of the window is left out.
    assert found.first + len(shown) * found.width >= min(SAMPLES, first + span)


@given(cuts=st.lists(st.integers(1, 699), max_size=12).map(sorted))
@settings(max_examples=25)
def test_however_it_grows_it_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, pyramid: Pyramid, cuts: list[int]
) -> None:
    growing = Pyramid(tmp_path_factory.mktemp("growing"), "emg")
    for part in np.split(COUNTS, [cut * BASE for cut in cuts]):
        growing.append(part)
    for level in range(LEVELS):
        np.testing.assert_array_equal(growing._level(level), pyramid._level(level))


def test_what_lies_beyond_its_samples_is_cut_off(tmp_path: Path) -> None:
    Pyramid(tmp_path, "emg").append(COUNTS)
    half = Pyramid(tmp_path, "emg", SAMPLES // 2 // BASE * BASE)
    half.append(COUNTS[half.samples :])
    whole = Pyramid(tmp_path, "again")
    whole.append(COUNTS)
    for level in range(LEVELS):
        np.testing.assert_array_equal(half._level(level), whole._level(level))


def test_files_that_are_too_short_are_refused(tmp_path: Path) -> None:
    Pyramid(tmp_path, "emg").append(COUNTS)
    (tmp_path / "emg.1").write_bytes(b"1234")
    with pytest.raises(OSError, match=r"emg\.1: expected \d+ bytes or more, got 4"):
        Pyramid(tmp_path, "emg", SAMPLES)


def test_it_takes_a_sixth_beside_the_samples(tmp_path: Path) -> None:
    Pyramid(tmp_path, "emg").append(np.tile(COUNTS, 20))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size < 0.17 * 20 * COUNTS.nbytes


def test_a_single_spike_shows_in_the_whole_signal(tmp_path: Path) -> None:
    counts = np.zeros(BASE * STEP**5, np.int16)
    counts[12345] = 30000
    pyramid = Pyramid(tmp_path, "emg")
    pyramid.append(counts)
    assert pyramid.extremes(0, counts.size, counts.size).pairs.tolist() == [[0, 30000]]
