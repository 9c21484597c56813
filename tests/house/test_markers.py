"""A missing broker or browser is said at home, and stops CI; nothing goes untested unseen."""

from __future__ import annotations

import pytest

from tests import conftest
from tests.house.house import pyproject


class Marked:
    """A test item that carries one marker."""

    def __init__(self, marker: str) -> None:
        self.marker = marker

    def get_closest_marker(self, name: str) -> str | None:
        return name if name == self.marker else None


def _set_up(marker: str) -> None:
    conftest.pytest_runtest_setup(Marked(marker))  # type: ignore[arg-type]


@pytest.fixture
def _bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {marker: (lambda: None, reason, in_ci) for marker, (_, reason, in_ci) in conftest.NEEDS.items()}
    monkeypatch.setattr(conftest, "NEEDS", bare)


@pytest.mark.usefixtures("_bare_machine")
@pytest.mark.parametrize(
    ("marker", "missing"),
    [
        ("broker", "mosquitto"),
        ("browser", "chromium"),
        ("firmware", "avr-gcc"),
        ("shared_data", "shared/data"),
    ],
)
def test_at_home_a_missing_part_skips_and_says_so(
    marker: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "IN_CI", False)
    with pytest.raises(pytest.skip.Exception, match=missing):
        _set_up(marker)


@pytest.mark.usefixtures("_bare_machine")
@pytest.mark.parametrize("marker", ["broker", "browser", "firmware"])
def test_in_ci_a_missing_part_fails(marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "IN_CI", True)
    with pytest.raises(pytest.fail.Exception, match="CI=true"):
        _set_up(marker)


@pytest.mark.usefixtures("_bare_machine")
def test_the_real_recordings_are_never_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "IN_CI", True)
    with pytest.raises(pytest.skip.Exception, match="shared/data"):
        _set_up("shared_data")


@pytest.mark.usefixtures("_bare_machine")
def test_an_unmarked_test_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "IN_CI", True)
    _set_up("")


def test_every_need_is_a_marker_that_pytest_knows() -> None:
    lines = pyproject()["tool"]["pytest"]["ini_options"]["markers"]
    known = {line.partition(":")[0] for line in lines}
    assert set(conftest.NEEDS) <= known
