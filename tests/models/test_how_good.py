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
