"""The band-pass equals SciPy's, in its design and in its loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from detector.butterworth import band_pass_sections, settled_state
from detector.filters import ORDER, band_hz
from detector.section_filter import public_filter, section_filter

RATES_HZ = st.floats(250.0, 10_000.0)


@given(rate_hz=RATES_HZ)
def test_the_response_equals_scipys(rate_hz: float) -> None:
    ours = band_pass_sections(ORDER, band_hz(rate_hz), rate_hz)
    theirs = signal.butter(ORDER, band_hz(rate_hz), "bandpass", fs=rate_hz, output="sos")
    frequencies_hz = np.linspace(1.0, rate_hz / 2 - 1.0, 500)
    _, response = signal.sosfreqz(ours, frequencies_hz, fs=rate_hz)
    _, expected = signal.sosfreqz(theirs, frequencies_hz, fs=rate_hz)
    np.testing.assert_allclose(response, expected, atol=1e-9)


@given(rate_hz=RATES_HZ)
def test_the_settled_state_equals_scipys(rate_hz: float) -> None:
    sections = band_pass_sections(ORDER, band_hz(rate_hz), rate_hz)
    np.testing.assert_allclose(settled_state(sections), signal.sosfilt_zi(sections), atol=1e-12)


@given(channels=st.integers(1, 3), samples=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_the_compiled_loop_gives_the_bits_of_scipys_sosfilt(channels: int, samples: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    sections = band_pass_sections(ORDER, (20.0, 450.0), 1000.0)
    signals, state = random.normal(size=(channels, samples)), random.normal(size=(channels, ORDER, 2))
    expected, expected_state = signals.copy(), state.copy()
    public_filter(sections, expected, expected_state)
    section_filter()(sections, signals, state)
    assert (signals.tobytes(), state.tobytes()) == (expected.tobytes(), expected_state.tobytes())


def test_the_compiled_loop_is_the_one_in_use() -> None:
    assert section_filter() is not public_filter


@pytest.mark.parametrize("failure", [ImportError("gone"), ValueError("other bits")])
def test_without_the_compiled_loop_the_public_function_does_the_work(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr("detector.section_filter._compiled_loop", fail)
    assert section_filter() is public_filter


@pytest.mark.parametrize(
    ("order", "band"),
    [(3, (20.0, 450.0)), (0, (20.0, 450.0)), (4, (450.0, 20.0)), (4, (20.0, 500.0)), (4, (0.0, 450.0))],
)
def test_what_is_no_band_is_refused(order: int, band: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        band_pass_sections(order, band, 1000.0)
