import numpy as np
import pytest

from models.synthesis.draws import Chance, Draw, LogNormal, LogUniform, Normal, Uniform


def drawn(draw: Draw, count: int = 4000) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    rng = np.random.default_rng(5)
    return np.array([draw.draw(rng) for _ in range(count)])


@pytest.mark.parametrize(
    ("draw", "low", "high", "median"),
    [
        (Uniform(2.0, 4.0), 2.0, 4.0, 3.0),
        (LogUniform(1.0, 100.0), 1.0, 100.0, 10.0),
        (Normal(5.0, 1.0, 4.0, 7.0), 4.0, 7.0, 5.0),
        (LogNormal(60.0, 0.84, 8.0, 600.0), 8.0, 600.0, 60.0),
    ],
)
def test_draws_stay_in_their_limits_around_their_median(
    draw: Draw, low: float, high: float, median: float
) -> None:
    values = drawn(draw)
    assert values.min() >= low
    assert values.max() <= high
    assert np.median(values) == pytest.approx(median, rel=0.08)


def test_the_cramp_duration_has_the_percentiles_that_it_was_made_for() -> None:
    # science.md section 11: median 60 s, 5–95 % 15–240 s.
    low, high = np.percentile(drawn(LogNormal(60.0, 0.84)), (5, 95))
    assert low == pytest.approx(15.0, rel=0.12)
    assert high == pytest.approx(240.0, rel=0.12)


def test_a_chance_comes_as_often_as_it_says() -> None:
    assert drawn(Chance(0.3)).mean() == pytest.approx(0.3, abs=0.03)
    assert set(drawn(Chance(0.3))) == {0.0, 1.0}
