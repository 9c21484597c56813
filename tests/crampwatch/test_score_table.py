"""How figures look in the table: short, signed where a sign means something, and never without their denominator."""

import io

import pytest

from crampwatch.score_table import MOST_SUBJECTS, UNKNOWN, number, percent, print_report, rate, seconds
from detector.scoring import score
from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_statistics import Proportion, Rate, Spread


def cramp(onset_s: float, snr_db: float | None = None, at: float | None = None) -> Label:
    return Label(onset_s, onset_s + 30.0, "tonic", "cramp", detected_at_s=at, snr_db=snr_db)


def table(*recordings: LabelledRecording) -> list[str]:
    out = io.StringIO()
    print_report(score(recordings), [], synthetic=False, out=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("proportion", "text"),
    [
        (Proportion(0, 0), UNKNOWN),
        (Proportion(9, 10), "90.0 % (59.6–98.2)"),
        (Proportion(3, 3), "100.0 % (43.9–100.0)"),
    ],
)
def test_a_share_comes_with_its_interval(proportion: Proportion, text: str) -> None:
    assert percent(proportion) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, UNKNOWN),
        (Rate(0, 37), "0 (0–0.0997)"),
        (Rate(2, 2.0), "1 (0.121–3.61)"),
        (Rate(192, 1.0), "192 (166–221)"),
    ],
)
def test_a_rate_comes_with_its_interval_and_without_exponents(value: Rate | None, text: str) -> None:
    assert rate(value) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], UNKNOWN),
        ([None], UNKNOWN),
        ([-0.01, -0.01], "+0.0 s (+0.0…+0.0)"),
        ([1.0, None, -3.0], "-1.0 s (-2.8…+0.8), 2 of 3"),
    ],
)
def test_times_say_of_how_many_they_are(values: list[float | None], text: str) -> None:
    assert seconds(Spread.of_values(values)) == text


def test_a_share_of_nothing_is_a_dash() -> None:
    assert (number(None), number(0.5)) == (UNKNOWN, "0.500")


def test_strengths_stand_from_weak_to_strong_whichever_target_has_them() -> None:
    truth = (cramp(100.0, 40.0), Label(500.0, 520.0, "clonic", "clonic", snr_db=7.0), cramp(900.0))
    lines = table(LabelledRecording("n", "a", truth, (), 3600.0))
    found = [line.split("  ")[0] for line in lines if line.startswith(("below", "from", "unknown"))]
    assert found == ["below 12 dB", "from 30 dB", "unknown"]


def test_a_latency_that_is_known_of_some_says_of_how_many() -> None:
    truth = (cramp(100.0), cramp(500.0))
    said = (cramp(101.0, at=108.0), cramp(501.0))
    lines = table(LabelledRecording("n", "a", truth, said, 3600.0))
    assert any("8.0 s, 8.0 s, 1 of 2" in line for line in lines if line.startswith("onset to verdict"))


def test_the_worst_subjects_are_listed_and_the_rest_counted() -> None:
    nights = [
        LabelledRecording(
            f"n{i:02d}", f"s{i:02d}", (cramp(100.0),), (cramp(100.0),) if i else (), 3600.0 if i else None
        )
        for i in range(MOST_SUBJECTS + 3)
    ]
    lines = table(*nights)
    first = lines.index(next(line for line in lines if line.startswith("subject, worst first"))) + 1
    assert lines[first].split()[:4] == ["s00", "0", "of", "1"]
    assert lines[first].split()[-1] == UNKNOWN
    assert lines[first + MOST_SUBJECTS].startswith("… and 3 more")


def test_a_single_subject_is_no_list() -> None:
    assert not any(line.startswith("subject") for line in table(LabelledRecording("n", "a", (), (), 3600.0)))


def test_leg_movements_are_not_counted_against_a_truth_that_did_not_look_for_them() -> None:
    moved = Label(300.0, 302.0, "leg_movement")
    said = (cramp(100.0), moved)
    without = "\n".join(table(LabelledRecording("n", "a", (cramp(100.0),), said, 90.0)))
    assert "leg movement" not in without
    assert without.startswith("1 recording, 1.5 min recorded")
    assert "leg movement" in "\n".join(
        table(LabelledRecording("n", "a", (cramp(100.0), moved), said, 3600.0))
    )


def test_a_false_alarm_in_a_night_without_cramps_is_shown() -> None:
    lines = table(LabelledRecording("n", "a", (), (cramp(100.0),), 3600.0))
    assert any(line.split() == ["false", "alarms", "1", "1"] for line in lines)


def test_even_nothing_at_all_has_a_table() -> None:
    lines = table(LabelledRecording("n", "a", (), (), 3600.0))
    assert lines[0] == "1 recording, 1.0 h recorded, 1.0 h monitored"
    assert any(
        line.startswith("found, of those asked for") and line.rstrip().endswith("0 of 0") for line in lines
    )
