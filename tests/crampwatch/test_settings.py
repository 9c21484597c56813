"""The settings file: what is valid, and what a person is told when it is not."""

import stat
from pathlib import Path

import pytest

from crampwatch.settings import (
    SensorSettings,
    Settings,
    SettingsError,
    load_settings,
    private_folder,
)
from crampwatch.settings_text import settings_text, write_settings


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "crampwatch.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_printed_settings_read_back_as_themselves(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, settings_text(Settings()))) == Settings()


def test_every_key_is_printed_with_its_reason() -> None:
    lines = settings_text(Settings()).splitlines()
    keys = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) >= 6
    assert all(lines[i - 1].startswith("# ") for i in keys)


def test_values_in_the_file_win(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[dashboard]\nport = 9001\n[broker]\nurl = "mqtt://host"\n'))
    assert (settings.dashboard.port, settings.broker.url) == (9001, "mqtt://host")


def test_every_sensor_has_a_section_of_its_own_and_a_single_one_may_stand_alone(tmp_path: Path) -> None:
    two = load_settings(
        written(
            tmp_path,
            "[[sensors]]\nid = 'left-calf'\n[[sensors]]\nid = 'right-calf'\nsource = 'socket://a:1'\n",
        )
    )
    assert [(sensor.id, sensor.source) for sensor in two.sensors] == [
        ("left-calf", "serial:auto"),
        ("right-calf", "socket://a:1"),
    ]
    assert load_settings(written(tmp_path, settings_text(two))) == two
    one = load_settings(written(tmp_path, "[sensor]\nsource = 'socket://a:1'\n"))
    assert one.sensors == (SensorSettings(source="socket://a:1"),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[dashboard]\nprot = 9001\n", "unknown key dashboard.prot"),
        ("colour = 3\n", "unknown key colour"),
        ('[dashboard]\nport = "9001"\n', "dashboard.port: expected a whole number, got '9001'"),
        ("[dashboard]\nport = 80\n", "dashboard.port: expected 1024 or more, got 80"),
        ('[broker]\nprefer = "amqtt"\n', "broker.prefer"),
        ("dashboard = 3\n", "dashboard"),
        ("[sensor]\nsauce = 3\n", "unknown key sensors[1].sauce"),
        ("sensor = 3\n", "sensors[1]"),
        ("sensors = 3\n", "sensors: expected sections [[sensors]], got 3"),
        ("sensors = []\n", "expected a section [[sensors]] for each, got none"),
        (
            "[[sensors]]\n[[sensors]]\nid = 'Left calf'\n",
            "sensors[2].id: expected text that matches ^([a-z0-9-]{1,32})?$",
        ),
        ("[[sensors]]\nhardware = '12'\n", "sensors[1].hardware: expected text that matches"),
        ("[[sensors]]\nid = 'a'\n[[sensors]]\nid = 'a'\n", "expected every id once, got 'a' more often"),
        ("[[sensors]]\nid = 'alerter'\n", "'alerter' is what the alerter calls itself"),
        (
            "[[sensors]]\nhardware = '00112233445566ff'\n" * 2,
            "expected every hardware once, got '00112233445566ff' more often",
        ),
        ("[sensor]\n[[sensors]]\n", "expected [[sensors]] alone"),
        ("[[sensors]]\n" * 17, "sensors: expected at most 16"),
        ("[alarms]\nmode = 'loud'\n", "alarms.mode: expected 'observe'"),
        ("[dashboard\n", "expected TOML"),
        (b"\xff\xfe", "expected UTF-8 text, got byte 0xff at 0"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str | bytes, expected: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"unknown key dashboard\.a; unknown key dashboard\.b"):
        load_settings(written(tmp_path, "[dashboard]\na = 1\nb = 2\n"))


def test_a_wrong_sensor_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, "[[sensors]]\nhardware = '12'\n"))
    assert str(caught.value).count("sensors") == 1


def test_a_named_file_that_is_absent_is_an_error_and_the_default_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")
    monkeypatch.setattr("crampwatch.settings.default_settings_file", lambda: tmp_path / "none.toml")
    assert load_settings() == Settings()


def test_a_settings_file_is_never_overwritten(tmp_path: Path) -> None:
    path = write_settings("[dashboard]\n", tmp_path / "new" / "crampwatch.toml")
    with pytest.raises(SettingsError, match="is there already"):
        write_settings("", path)
    assert path.read_text() == "[dashboard]\n"


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be made"):
        private_folder(tmp_path / "file" / "b")
