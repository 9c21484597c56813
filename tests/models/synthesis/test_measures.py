import numpy as np
import pytest
from scipy import signal

from models.synthesis.measures import Measures, interval_statistics

RATE_HZ = 1000.0
TIME_S = np.arange(30_000) / RATE_HZ


def noise(low_hz: float, high_hz: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    sos = signal.butter(6, [low_hz, high_hz], "bandpass", fs=RATE_HZ, output="sos")
    values = signal.sosfilt(sos, np.random.default_rng(1).standard_normal(len(TIME_S)))
    return np.asarray(values / values.std(), np.float64)


def test_a_band_has_its_median_in_its_middle() -> None:
    measures = Measures.of(noise(100.0, 200.0), RATE_HZ)
    assert measures.median_hz == pytest.approx(150.0, abs=4.0)
    assert measures.mean_hz == pytest.approx(150.0, abs=4.0)
    assert measures.high_share == pytest.approx(0.5, abs=0.06)
    assert measures.low_share < 0.01


def test_measures_but_the_amplitude_do_not_depend_on_the_scale() -> None:
    plain, scaled = (Measures.of(noise(30.0, 300.0) * gain, RATE_HZ).named() for gain in (1.0, -250.0))
    for name, value in plain.items():
        assert scaled[name] == pytest.approx(value * (250.0 if name == "rms_uv" else 1.0))


def test_a_burst_train_shows_its_rate_its_depth_and_its_silences() -> None:
    bursts = noise(30.0, 300.0) * (np.mod(TIME_S, 0.5) < 0.2)
    measures = Measures.of(bursts, RATE_HZ)
    assert measures.rhythm_hz == pytest.approx(2.0, rel=0.06)
    assert measures.rhythm > 0.7
    assert measures.modulation > 0.98
    assert measures.silent == pytest.approx(0.6, abs=0.05)


def test_steady_noise_shows_none_of_them() -> None:
    measures = Measures.of(noise(30.0, 300.0), RATE_HZ)
    assert measures.rhythm < 0.25
    assert measures.modulation < 0.3
    assert measures.silent == 0.0


def test_a_ramp_has_no_rhythm() -> None:
    assert Measures.of(noise(30.0, 300.0) * np.linspace(1.0, 100.0, 30_000), RATE_HZ).rhythm < 0.4


def test_intervals_give_rate_and_irregularity() -> None:
    times = np.cumsum(np.random.default_rng(2).gamma(4.0, 0.1 / 4.0, 5000))
    rate, spread = interval_statistics(times)
    assert rate == pytest.approx(10.0, rel=0.03)
    assert spread == pytest.approx(0.5, rel=0.05)
