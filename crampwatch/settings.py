"""The one settings file: every key with its unit and its reason.

``SettingsError`` is the only error: unknown keys, wrong types and values out of range are all told at once,
each with the key, what was expected, and what was found. The file lies in the user's configuration folder;
nothing needs it.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import Field, ValidationError, model_validator

from crampwatch import broker_login
from crampwatch.pages_settings import LAST_PORT, DashboardSettings, NightLogSettings, Section
from crampwatch.storage_settings import StorageSettings
from detector.roles import ALERTER_BRANCH
from firmware_bridge.small_file import NotSmallError, read_small
from firmware_bridge.toml_text import TomlError, toml_of

APP = "crampwatch"
# A settings file is some pages long; what is longer is none, bytes.
LONGEST_FILE = 1_000_000
# Sensors in one household, as the pages know it.
MOST_SENSORS = 16


class SettingsError(ValueError):
    """The settings file cannot be used; the message says which key, what was expected, and what was found."""


class SensorSettings(Section):
    """A sensor; repeat the section for each one that is worn. `crampwatch pair` writes it."""

    source: Annotated[
        str,
        Field(
            description="URL of the sensor: serial:auto finds it at whatever USB port it is; others are"
            " serial:/dev/ttyUSB0?baud=115200, socket://HOST:PORT, replay:FILE?speed=1 or simulate:?seed=1"
        ),
    ] = "serial:auto"
    id: Annotated[
        str,
        Field(
            pattern=r"^([a-z0-9-]{1,32})?$",
            description="what to call it, such as left-calf; empty: what it calls itself",
        ),
    ] = ""
    hardware: Annotated[
        str,
        Field(
            pattern=r"^([0-9a-f]{16})?$",
            description="hardware id of the only board to believe, 16 hexadecimal digits; empty: any",
        ),
    ] = ""


class AlarmSettings(Section):
    """Who is woken."""

    mode: Annotated[
        Literal["observe", "self-managed", "guarded", "awake"],
        Field(
            description="observe only counts; self-managed wakes the sleeper; guarded calls caregivers;"
            " awake is for the day"
        ),
    ] = "observe"
    player: Annotated[
        str,
        Field(
            description="command that plays a WAV file at the bed, {file} where its name goes, such as"
            " 'aplay -q {file}'; empty: pw-play, paplay, aplay, afplay, ffplay or play, whichever is installed"
        ),
    ] = ""
    arm_at: Annotated[
        str,
        Field(
            pattern=r"^(([01]\d|2[0-3]):[0-5]\d(, *([01]\d|2[0-3]):[0-5]\d)*)?$",
            description="times of day at which watching begins by itself, such as 22:30, several with commas;"
            " no standby goes beyond the next; empty: a standby lasts a day at most",
        ),
    ] = ""
    tension_cue: Annotated[
        bool,
        Field(description="a silent buzz for the wearer when tension rises before a cramp; experimental"),
    ] = False


class BrokerSettings(Section):
    """Where messages go."""

    url: Annotated[
        str,
        Field(
            description="an MQTT broker of your own with one login for all, mqtts://USER:PASSWORD@HOST:PORT;"
            " empty: a private one is started"
        ),
    ] = ""
    credentials: Annotated[
        str,
        Field(
            description="folder with a file of URL and login for each role, as `crampwatch setup --mosquitto`"
            " writes it; instead of url, so that the broker can hold each role to its own"
        ),
    ] = ""
    host: Annotated[
        str, Field(description="address that the private broker listens on; only this machine's own")
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(
            ge=0,
            le=LAST_PORT,
            description="TCP port of the private broker, on this machine only; 0 takes any free one",
        ),
    ] = 0
    prefer: Annotated[
        Literal["auto", "mosquitto", "embedded"],
        Field(
            description="which private broker: auto takes mosquitto where it is installed,"
            " else the embedded one",
        ),
    ] = "auto"
    home_assistant: Annotated[
        bool,
        Field(
            description="describe the sensors to Home Assistant (2024.11 or later), which then shows them by itself;"
            " on, since it sees them only where url names its own broker; false makes it forget them"
        ),
    ] = True


class Settings(Section):
    """All of it. Every key may be left out."""

    sensors: Annotated[tuple[SensorSettings, ...], Field(strict=False, max_length=MOST_SENSORS)] = (
        SensorSettings(),
    )
    alarms: AlarmSettings = AlarmSettings()
    dashboard: DashboardSettings = DashboardSettings()
    night_log: NightLogSettings = NightLogSettings()
    broker: BrokerSettings = BrokerSettings()
    storage: StorageSettings = StorageSettings()

    @property
    def sensor(self) -> SensorSettings:
        """The first sensor."""
        return self.sensors[0]

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, content: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        """Take a section [sensor] for the only one of a list."""
        if isinstance(content, dict) and "sensor" in content:
            if "sensors" in content:
                raise ValueError(
                    "expected [[sensors]] alone, got [sensor] beside it: write [[sensors]] there, too"
                )
            others = {key: value for key, value in content.items() if key != "sensor"}
            return others | {"sensors": [content["sensor"]]}
        return content

    @model_validator(mode="after")
    def _apart(self) -> Self:
        """Refuse sensors that could not be told apart, and a list without any."""
        if not self.sensors:
            raise ValueError("sensors: expected a section [[sensors]] for each, got none")
        for key in ("id", "hardware"):
            given = [value for sensor in self.sensors if (value := getattr(sensor, key))]
            twice = sorted({value for value in given if given.count(value) > 1})
            if twice:
                raise ValueError(f"sensors: expected every {key} once, got {twice[0]!r} more often")
        if any(sensor.id == ALERTER_BRANCH for sensor in self.sensors):
            raise ValueError(
                f"sensors: {ALERTER_BRANCH!r} is what the alerter calls itself; choose another id"
            )
        return self

    def data_folder(self) -> Path:
        """Return the folder that everything of ours lies in."""
        return (
            Path(self.storage.folder).expanduser()
            if self.storage.folder
            else Path(platformdirs.user_data_dir(APP))
        )


def default_settings_file() -> Path:
    """Return where the settings file lies unless a flag says otherwise."""
    return Path(platformdirs.user_config_dir(APP)) / f"{APP}.toml"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings file; without one, the defaults.

    Args:
        path: A file the user named, which must exist; None reads the default place if something is there.

    Raises:
        SettingsError: the file is absent (when named), unreadable, not TOML, or holds what no setting is.
    """
    file = path or default_settings_file()
    if path is None and not file.exists():
        return Settings()
    try:
        return parsed_settings(_text_of(file))
    except OSError as error:
        raise SettingsError(
            f"settings file {file}: cannot be read ({error.strerror}); check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"settings file {file}: expected UTF-8 text, "
            f"got byte 0x{error.object[error.start]:02x} at {error.start}"
        ) from error
    except SettingsError as error:
        raise SettingsError(f"settings file {file}: {error}") from error


def _text_of(file: Path) -> str:
    try:
        return read_small(file, LONGEST_FILE)[0].decode()
    except NotSmallError as error:
        raise SettingsError(str(error)) from error


def parsed_settings(text: str) -> Settings:
    """Return the settings that a file of this text would give.

    Raises:
        SettingsError: it is not TOML, or holds what no setting is.
    """
    try:
        return Settings.model_validate(toml_of(text))
    except TomlError as error:
        raise SettingsError(
            f"expected TOML, got {error}; `crampwatch settings` prints a valid one"
        ) from error
    except ValidationError as error:
        problems = "; ".join(_problem(dict(entry)) for entry in error.errors(include_url=False))
        raise SettingsError(f"{problems}; `crampwatch settings` lists every key") from error


# What was wrong, in a person's words, by pydantic's names for it.
_EXPECTED = {
    "bool_type": "{}: expected true or false",
    "greater_than_equal": "{}: expected {ge} or more",
    "int_type": "{}: expected a whole number",
    "literal_error": "{}: expected {expected}",
    "less_than_equal": "{}: expected {le} or less",
    "model_type": "{0}: expected a section [{0}]",
    "string_type": "{}: expected a text in quotes",
    "string_pattern_mismatch": "{}: expected text that matches {pattern}",
    "too_long": "{}: expected at most {max_length}",
    "tuple_type": "{0}: expected sections [[{0}]]",
}


def _problem(entry: dict[str, Any]) -> str:
    key = _key(entry["loc"])
    if entry["type"] == "extra_forbidden":
        return f"unknown key {key}"
    if entry["type"] == "value_error":
        return str(entry["ctx"]["error"])
    expected = _EXPECTED.get(entry["type"], "{}: {}").format(key, entry["msg"], **entry.get("ctx", {}))
    return f"{expected}, got {entry['input']!r}"


def _key(place: tuple[str | int, ...]) -> str:
    """Return where something stands, as ``sensors[2].id``, counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(
        "."
    )


def private_folder(path: Path) -> Path:
    """Make the folder (and those above it) if need be, for its owner alone, and return it.

    Raises:
        SettingsError: it cannot be made or written.
    """
    try:
        broker_login.private_folder(path)
    except OSError as error:
        raise SettingsError(
            f"folder {path}: cannot be made ({error.strerror}); choose another with --folder"
        ) from error
    if not os.access(path, os.W_OK):
        raise SettingsError(f"folder {path}: cannot be written; choose another with --folder")
    return path
