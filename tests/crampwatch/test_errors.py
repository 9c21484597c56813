"""Errors that a person can mend become one line and exit code 1; all others keep their traceback."""

from __future__ import annotations

from importlib import import_module

import pytest

from crampwatch.errors import BAD_INPUT, DONE, INTERRUPTED, MENDABLE, is_mendable, told


def named(name: str) -> type[Exception]:
    module, _, kind = name.rpartition(".")
    found = getattr(import_module(module), kind)
    assert issubclass(found, Exception)
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", sorted(MENDABLE))
def test_every_listed_error_exists_where_it_is_listed(name: str) -> None:
    found = named(name)
    assert f"{found.__module__}.{found.__qualname__}" == name


@pytest.mark.parametrize(
    "name",
    [
        "crampwatch.broker.BrokerPortError",
        "crampwatch.session_lock.SessionLockError",
        "crampwatch.settings.SettingsError",
        "dashboard.night_log.NightLogError",
        "dashboard.settings.DashboardError",
        "detector.broker_address.BrokerAddressError",
        "detector.durable_sqlite.DurableFileError",
        "detector.event_files.EventFileExistsError",
        "detector.grid.UnusableRateError",
        "firmware_bridge.recorder.RecorderError",
        "firmware_bridge.recordings.UnreadableRecordingError",
        "firmware_bridge.recordings.UnsuitableRecordingError",
        "firmware_bridge.source_contract.NotASensorError",
        "firmware_bridge.source_contract.PortError",
        "models.synthesis.errors.PlanError",
    ],
)
def test_what_each_room_raises_for_its_user_is_one_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = named(name)
    # Without its constructor, whose arguments differ.
    error = kind.__new__(kind)
    error.args = ("port: expected it free",)

    def fail() -> None:
        raise error

    assert told(fail) == BAD_INPUT
    assert capsys.readouterr().err == "crampwatch: port: expected it free\n"


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        told(fail)
    assert not is_mendable(ValueError("ours"))


def test_an_interrupt_and_success_have_their_codes(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert told(interrupted) == INTERRUPTED
    assert capsys.readouterr().err == "crampwatch: stopped\n"
    assert told(lambda: None) == DONE
