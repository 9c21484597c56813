import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from models.synthesis import report_pictures
from models.synthesis.errors import SynthesisError
from models.synthesis.exhibits import EXHIBITS, people, pool_figures, show
from models.synthesis.literature import EXPECTATIONS
from models.synthesis.measures import Measures
from models.synthesis.recorded_measures import Recorded, measure_recordings
from models.synthesis.report import (
    digits,
    expectations_table,
    found_values,
    introduction,
    main,
    measures_table,
)


def test_every_expectation_is_of_something_that_is_shown_and_says_who_expects_it() -> None:
    names = {exhibit.name for exhibit in EXHIBITS}
    figures = set(pool_figures(people(1)))
    for expected in EXPECTATIONS:
        assert expected.exhibit in (names if expected.measure else figures)
        assert not expected.measure or expected.measure in Measures.__dataclass_fields__
        assert expected.low < expected.high
        assert expected.source
    assert len({(one.exhibit, one.measure) for one in EXPECTATIONS}) == len(EXPECTATIONS)


@pytest.mark.slow
def test_the_simulator_is_within_the_ranges_of_the_literature() -> None:
    wearers = people(6)
    found = found_values([show(exhibit, wearers) for exhibit in EXHIBITS], pool_figures(wearers))
    outside = [
        f"{one.exhibit} {one.measure}: {value:g} not in {one.low:g}–{one.high:g}"
        for one, value in found.items()
        if not one.low <= value <= one.high
    ]
    assert not outside


def test_what_lies_outside_is_marked() -> None:
    within = expectations_table(dict.fromkeys(EXPECTATIONS[:3], 1e9))
    assert within.count('class="out"') == 3
    assert "outside" not in expectations_table({one: one.low for one in EXPECTATIONS})


def test_a_table_has_a_row_for_each_group_and_a_cell_for_each_measure() -> None:
    one = next(exhibit for exhibit in EXHIBITS if exhibit.name == "leg movement")
    shown = [show(one, people(2))]
    text = measures_table(shown, [])
    assert text.count("<tr>") == 2
    assert text.count("<td>") == 1 + len(Measures.__dataclass_fields__)
    assert "leg movement" in text


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1230"), (0.01234, "0.0123"), (0.0, "0"), (110.04, "110")]
)
def test_numbers_have_three_digits_and_no_exponent(value: float, text: str) -> None:
    assert digits(value) == text


@pytest.mark.slow
def test_the_page_is_one_file_with_pictures_that_asks_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "wearer.html"
    assert main([str(out), "--people", "1"]) == 0
    page = out.read_text(encoding="utf-8")
    assert page.count("<svg") == 5
    assert "not evidence about people" in page
    for word in ("<script", "src=", "@import", "<link"):
        assert word not in page
    assert main([str(out), "--people", "1"]) == 1
    assert "is there already" in capsys.readouterr().err


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    report_pictures.plotting.cache_clear()
    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(SynthesisError, match=r"crampwatch\[research\]"):
        report_pictures.plotting()
    report_pictures.plotting.cache_clear()


def test_nobody_to_show_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["page.html", "--people", "0"])
    assert exit_.value.code == 2
    assert "expected 1 or more" in capsys.readouterr().err


def test_the_introduction_counts_the_seconds_of_real_data() -> None:
    measures = (Measures.of(np.random.default_rng(0).standard_normal(4000), 1000.0),)
    recorded = [Recorded("holds", measures, 200.4), Recorded("walks", measures, 7.0)]
    assert "207 seconds of real recordings; none of them is a cramp" in introduction(3, recorded)
    assert "real recordings" not in introduction(3, [])


def test_a_folder_without_recordings_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="found none"):
        measure_recordings(tmp_path)


@pytest.mark.shared_data
def test_real_holds_are_what_the_ranges_of_the_voluntary_hold_say(shared_data: Path) -> None:
    recorded = {one.name: one for one in measure_recordings(shared_data)}
    holds = next(one for name, one in recorded.items() if "holds" in name)
    assert len(holds.measures) == 20
    assert holds.seconds == pytest.approx(200.0, abs=10.0)
    for measure in ("median_hz", "modulation", "envelope_cv", "silent"):
        expected = next(
            one for one in EXPECTATIONS if (one.exhibit, one.measure) == ("voluntary hold", measure)
        )
        values = np.array([getattr(one, measure) for one in holds.measures])
        # 6 % of rounding room: the table has two digits.
        assert values.min() >= expected.low * 0.94
        assert values.max() <= expected.high * 1.06
    assert sum(one.seconds for one in recorded.values()) > 400.0
