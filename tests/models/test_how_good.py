import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def how_good() -> ModuleType:
    spec = importlib.util.spec_from_file_location("how_good", ROOT / "scripts/how_good.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_of_its_figures(how_good: ModuleType) -> None:
    run = json.loads((ROOT / "docs/how-good.json").read_text("utf-8"))
    assert (ROOT / "docs/how-good.md").read_text("utf-8") == how_good.page(run)
    assert run["synthetic"] is True


def test_every_picture_on_the_page_is_there(how_good: ModuleType) -> None:
    shown = list(how_good.pictures())
    assert shown
    assert all(line in (ROOT / "docs/how-good.md").read_text("utf-8") for line in shown)


def test_runs_of_two_models_are_not_mixed(how_good: ModuleType) -> None:
    with pytest.raises(SystemExit, match="expected runs of one model, got a, b"):
        how_good.merged([{"model": name, "cohorts": {}} for name in ("b", "a")])


def test_verdicts_of_several_cohorts_add_up(how_good: ModuleType) -> None:
    def said(events: int, *rows: tuple[float, float, float]) -> dict[str, object]:
        return {"acceleration": {"cramp": {"events": events, "reliability": rows}}}

    both = how_good.summed([said(30, (0.9, 1.0, 1.0)), said(10, (0.5, 0.0, 0.5), (0.9, 0.8, 0.5))])
    [(key, (events, mean, true))] = both.items()
    assert key == ("acceleration", "cramp")
    assert events == 40
    assert mean == pytest.approx((30 * 0.9 + 5 * 0.5 + 5 * 0.9) / 40)
    assert true == pytest.approx((30 + 4) / 40)


def test_a_fit_that_was_not_measured_is_said_to_be_so(how_good: ModuleType) -> None:
    assert "Not measured" in next(how_good.fit_table({}))
    row = {"group": "weak", "fit": "personal", "found": 3, "of": 4, "false": 0, "hours": 8.0}
    assert "| weak | personal | 3 of 4 | 0 | 8 |" in list(
        how_good.fit_table({"personal_fit": {"rows": [row]}})
    )
