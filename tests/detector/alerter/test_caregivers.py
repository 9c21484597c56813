"""The file of caregivers: private, strict, and never leaving an alarm without anybody."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.alerter.caregivers import (
    Caregiver,
    CaregiversError,
    Channel,
    Household,
    QuietHours,
    load_household,
)

TWO = """
watchdog = "https://watchdog.example/ping/secret"
rhythmic = true
[[caregiver]]
name = "Anna"
channels = ["ntfys://ntfy.example/secret", "mailtos://u:secret@example.org"]
quiet = ["22:00-06:00"]
[[caregiver]]
name = "Bo"
channels = ["json://127.0.0.1:1/secret"]
"""
NIGHT = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
NOON = NIGHT.replace(hour=12)


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "caregivers.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_two_caregivers_are_read_in_order_and_no_secret_is_shown(tmp_path: Path) -> None:
    household = load_household(written(tmp_path, TWO))
    assert [caregiver.name for caregiver in household.caregivers] == ["Anna", "Bo"]
    assert [channel.name for channel in household.channels] == ["Anna-1-ntfys", "Anna-2-mailtos", "Bo-1-json"]
    assert household.watchdog_url == "https://watchdog.example/ping/secret"
    assert (household.rhythmic, household.health_detail) == (True, False)
    assert "secret" not in repr(household)


def test_without_a_file_there_is_nobody(tmp_path: Path) -> None:
    assert load_household(tmp_path / "absent.toml") == Household()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CaregiversError, match="chmod 600"):
        load_household(written(tmp_path, TWO, mode))


WRONG = {
    "[[caregiver]]\nname = 3\nchannels = ['a://secret']": "name: expected",
    "[[caregiver]]\nname = '../x'\nchannels = ['a://secret']": "name: expected",
    "[[caregiver]]\nname = 'A'\nchannels = []": "expected 1 to 6 URLs",
    "[[caregiver]]\nname = 'A'": "expected a list of texts",
    "[[caregiver]]\nname = 'A'\nchannels = ['secret']": "without a scheme",
    "[[caregiver]]\nname = 'A'\nchannels = ['jsons://secret/?verify=No']": "verify=No",
    "[[caregiver]]\nname = 'A'\nchannels = ['a://secret']\nquiet = ['25:00-26:00']": "expected hours",
    "[[caregiver]]\nname = 'A'\nchannels = ['a://secret']\nquiet = ['night']": "expected hours",
    "[[caregiver]]\nname = 'A'\nchannels = ['a://secret']\ncolour = 1": "unknown key 'colour'",
    "[[caregiver]]\nname='A'\nchannels=['a://secret']\n[[caregiver]]\nname='a'\nchannels=['a://b']": "same name",
    "caregiver = 3": "expected up to 12 sections",
    "caregiver = [3]": "expected sections",
    "watchdog = 'http://elsewhere.example/secret'": "expected an https",
    "watchdog = 'https:///secret'": "expected an https",
    "watchdog = 3": "expected an https",
    "watchdog = 'https://[secret'": "expected an https",
    "watchdog = 'https://secret:99999/'": "expected an https",
    "watchdog = 'https://secret:port/'": "expected an https",
    "[[caregiver]]\nname = 'A'\nchannels = ['json://[secret']": "no program reads",
    "[[caregiver]]\nname = 'A'\nchannels = ['json://secret/\t']": "no program reads",
    f"caregiver = {'[' * 5000}": "nested lists",
    "rhythmic = 1": "rhythmic: expected true or false",
    "colour = 1": "unknown key 'colour'",
    "[[": "expected TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_without_showing_a_url(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaregiversError, match=WRONG[text]) as told:
        load_household(written(tmp_path, text))
    assert "secret" not in str(told.value)


def test_a_token_in_the_place_of_a_port_is_no_port(tmp_path: Path) -> None:
    url = "tgram://123456789:AAbbccddeeffgghhiijjkkllmmnnooppqqr/1234"
    household = load_household(written(tmp_path, f"[[caregiver]]\nname = 'A'\nchannels = ['{url}']"))
    assert household.channels[0].url == url


@pytest.mark.parametrize("kind", ["folder", "pipe", "large"])
def test_what_is_no_small_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "caregivers.toml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path, 0o600)
        case "large":
            written(tmp_path, "#" * 70_000)
    with pytest.raises(CaregiversError, match="expected a file of up to"):
        load_household(path)


# What a hand may write by mistake, in any order and as often as it likes.
_PIECES = (
    *(
        "[[caregiver]]",
        "[caregiver]",
        "name",
        "channels",
        "quiet",
        "watchdog",
        "=",
        "'A'",
        "''",
        "3",
        "[",
        "]",
        "\n",
    ),
    *(
        "'json://127.0.0.1:1/x'",
        "'json://[x'",
        "'https://x:y'",
        "'22:00-06:00'",
        "'24:00-06:00'",
        '"""',
        "\x00",
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=20))
def test_whatever_is_in_the_file_it_is_a_household_or_an_error_of_ours(
    tmp_path: Path, pieces: list[str]
) -> None:
    path = written(tmp_path, "")
    path.write_bytes(" ".join(pieces).encode(errors="surrogatepass"))
    try:
        household = load_household(path)
    except CaregiversError:
        return
    assert len(household.in_order(NIGHT, high=True)) == len(household.caregivers)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CaregiversError, match="utf-8"):
        load_household(path)


def test_who_is_in_a_quiet_hour_is_called_last_and_high_knows_no_quiet_hours(tmp_path: Path) -> None:
    household = load_household(written(tmp_path, TWO))
    assert household.in_order(NOON, high=False) == ("Anna", "Bo")
    assert household.in_order(NIGHT, high=False) == ("Bo", "Anna")
    assert household.in_order(NIGHT, high=True) == ("Anna", "Bo")
    assert [channel.number for channel in household.channels_of("Anna")] == [1, 2]
    assert household.channels_of("nobody") == ()


@given(
    wall=st.datetimes(timezones=st.just(UTC)),
    quiet=st.lists(st.lists(st.tuples(st.times(), st.times()), max_size=3), min_size=1, max_size=4),
    high=st.booleans(),
)
def test_an_alarm_never_runs_out_of_people(
    wall: datetime, quiet: list[list[tuple[time, time]]], *, high: bool
) -> None:
    caregivers = tuple(
        Caregiver(
            str(number), (Channel(str(number), 1, "a://b"),), tuple(QuietHours(*hours) for hours in spans)
        )
        for number, spans in enumerate(quiet)
    )
    order = Household(caregivers).in_order(wall, high=high)
    assert sorted(order) == [caregiver.name for caregiver in caregivers]


@given(begins=st.times(), ends=st.times(), now=st.times())
def test_quiet_hours_and_the_rest_of_the_day_make_a_day(begins: time, ends: time, now: time) -> None:
    wall = datetime.combine(NIGHT.date(), now, UTC)
    if begins != ends:
        assert QuietHours(begins, ends).holds(wall) != QuietHours(ends, begins).holds(wall)
