"""The one settings file: every key with its unit and its reason.

``SettingsError`` is the only error: unknown keys, wrong types and values out of range are all told at once,
each with the key, what was expected, and what was found. The file lies in the user's configuration folder;
nothing needs it.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

APP = "crampwatch"
# Outside the ranges that other local services use; written in the README.
DEFAULT_PORT = 8460
# Ports below need privileges, and none exists above.
FIRST_USER_PORT, LAST_PORT = 1024, 65535
# Folders of ours are for their owner alone: the files in them are health data and logins.
PRIVATE_FOLDER = 0o700


class SettingsError(ValueError):
    """The settings file cannot be used; the message says which key, what was expected, and what was found."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SensorSettings(_Section):
    """Where the samples come from."""

    source: Annotated[
        str,
        Field(
            description="URL of the sensor: serial:/dev/ttyUSB0?baud=115200, socket://HOST:PORT,"
            " replay:FILE?speed=1 or simulate:?seed=1"
        ),
    ] = "serial:/dev/ttyUSB0?baud=115200"


class DashboardSettings(_Section):
    """The pages."""

    port: Annotated[
        int,
        Field(ge=FIRST_USER_PORT, le=LAST_PORT, description="TCP port of the pages, on this machine only"),
    ] = DEFAULT_PORT
    open_browser: Annotated[bool, Field(description="open the page in the default browser at start")] = True


class BrokerSettings(_Section):
    """Where messages go."""

    url: Annotated[
        str,
        Field(
            description="an MQTT broker of your own, mqtt://USER:PASSWORD@HOST:PORT;"
            " empty: a private one is started"
        ),
    ] = ""
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


class StorageSettings(_Section):
    """Where nights are kept."""

    folder: Annotated[
        str,
        Field(description="folder of recordings, night log and logins; empty: the platform's data folder"),
    ] = ""


class Settings(_Section):
    """All of it. Every key may be left out."""

    sensor: SensorSettings = SensorSettings()
    dashboard: DashboardSettings = DashboardSettings()
    broker: BrokerSettings = BrokerSettings()
    storage: StorageSettings = StorageSettings()

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
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"settings file {file}: cannot be read ({error.strerror}); check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"settings file {file}: expected UTF-8 text, "
            f"got byte 0x{error.object[error.start]:02x} at {error.start}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"settings file {file}: expected TOML, got {error}; `crampwatch settings` prints a valid one"
        ) from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_problem(dict(entry)) for entry in error.errors(include_url=False))
        raise SettingsError(
            f"settings file {file}: {problems}; `crampwatch settings` lists every key"
        ) from error


# What was wrong, in a person's words, by pydantic's names for it.
_EXPECTED = {
    "bool_type": "{}: expected true or false",
    "greater_than_equal": "{}: expected {ge} or more",
    "int_type": "{}: expected a whole number",
    "literal_error": "{}: expected {expected}",
    "less_than_equal": "{}: expected {le} or less",
    "model_type": "{0}: expected a section [{0}]",
    "string_type": "{}: expected a text in quotes",
}


def _problem(entry: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "extra_forbidden":
        return f"unknown key {key}"
    expected = _EXPECTED.get(entry["type"], "{}: {}").format(key, entry["msg"], **entry.get("ctx", {}))
    return f"{expected}, got {entry['input']!r}"


def settings_text(settings: Settings) -> str:
    """Return the settings as a TOML file with every key, its reason above it."""
    lines = ["# crampwatch settings. Every key may be left out; these are the values in force."]
    for name, field in type(settings).model_fields.items():
        section: BaseModel = getattr(settings, name)
        lines += ["", f"# {type(section).__doc__ or field.description}", f"[{name}]"]
        for key, entry in type(section).model_fields.items():
            lines += [f"# {entry.description}", f"{key} = {_toml(getattr(section, key))}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def private_folder(path: Path) -> Path:
    """Make the folder (and those above it) if need be, for its owner alone, and return it.

    Raises:
        SettingsError: it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        path.chmod(PRIVATE_FOLDER)
    except OSError as error:
        raise SettingsError(
            f"folder {path}: cannot be made ({error.strerror}); choose another with --folder"
        ) from error
    if not os.access(path, os.W_OK):
        raise SettingsError(f"folder {path}: cannot be written; choose another with --folder")
    return path


def write_settings(text: str, path: Path) -> Path:
    """Write a settings file where none is yet, and return its path.

    Raises:
        SettingsError: there is one already, or it cannot be written.
    """
    private_folder(path.parent)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(
            f"settings file {path}: is there already; edit it, or move it away first"
        ) from error
    except OSError as error:
        raise SettingsError(f"settings file {path}: cannot be written ({error.strerror})") from error
    return path
