"""The settings file as text: written with every key and its reason, and changed where sensors are paired."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from crampwatch.broker_login import open_private, write_private
from crampwatch.settings import SensorSettings, Settings, SettingsError, parsed_settings, private_folder

# The old and the new name of a sensor's section.
_SENSOR_HEADERS = frozenset({"[sensor]", "[[sensors]]"})


def settings_text(settings: Settings) -> str:
    """Return the settings as a TOML file with every key, its reason above it."""
    lines = ["# crampwatch settings. Every key may be left out; these are the values in force."]
    for name in type(settings).model_fields:
        content: BaseModel | tuple[BaseModel, ...] = getattr(settings, name)
        if isinstance(content, tuple):
            for section in content:
                lines += section_lines(section, f"[[{name}]]")
        else:
            lines += section_lines(content, f"[{name}]")
    return "\n".join(lines) + "\n"


def section_lines(section: BaseModel, header: str) -> list[str]:
    """Return a section of the file, an empty line before it."""
    lines = ["", f"# {type(section).__doc__}", header]
    for key, entry in type(section).model_fields.items():
        lines += [f"# {entry.description}", f"{key} = {_toml(getattr(section, key))}"]
    return lines


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write_settings(text: str, path: Path) -> Path:
    """Write a settings file where none is yet, and return its path.

    Raises:
        SettingsError: there is one already, or it cannot be written.
    """
    private_folder(path.parent)
    try:
        with open(path, "x", encoding="utf-8", opener=open_private) as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(
            f"settings file {path}: is there already; edit it, or move it away first"
        ) from error
    except OSError as error:
        raise SettingsError(f"settings file {path}: cannot be written ({error.strerror})") from error
    return path


def change_sensors(path: Path, sensors: Sequence[SensorSettings]) -> None:
    """Write other sensors into a settings file, which is made if there is none; all or nothing.

    Raises:
        SettingsError: the file cannot be read, changed or written; it is as it was.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        changed = with_sensors(text, sensors)
        if not path.parent.exists():
            private_folder(path.parent)
        write_private(path, changed)
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        lines = "\n".join(line for sensor in sensors for line in section_lines(sensor, "[[sensors]]"))
        raise SettingsError(
            f"settings file {path}: {error}; nothing was changed, write this there yourself:\n{lines}"
        ) from error


def with_sensors(text: str, sensors: Sequence[SensorSettings]) -> str:
    """Return the text of a settings file with other sensors, and all else as it was.

    Raises:
        SettingsError: the file is written in a way that this cannot be done for; nothing is lost.
    """
    rest = _without_sensors(text.splitlines())
    lines = [line for sensor in sensors for line in section_lines(sensor, "[[sensors]]")]
    changed = "\n".join([*rest, *lines]).lstrip("\n") + "\n"
    expected = parsed_settings(text).model_copy(update={"sensors": tuple(sensors)})
    if parsed_settings(changed) != expected:
        raise SettingsError("its sensors are written in a way that cannot be changed by itself")
    return changed


def _without_sensors(lines: list[str]) -> list[str]:
    comment = f"# {SensorSettings.__doc__}"
    kept: list[str] = []
    # What may belong to the section at hand or to the next one.
    loose: list[str] = []
    inside = False
    for line in lines:
        bare = line.partition("#")[0].strip()
        if bare.startswith("["):
            kept += loose
            loose, inside = [], bare in _SENSOR_HEADERS
            if inside:
                while kept and (not kept[-1].strip() or kept[-1] == comment):
                    kept.pop()
                continue
        if inside and not bare:
            loose.append(line)
        elif inside:
            loose = []
        else:
            kept.append(line)
    return [*kept, *loose]
