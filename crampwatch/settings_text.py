"""The settings file as text: written with every key and its reason."""

from pathlib import Path

from pydantic import BaseModel

from crampwatch.settings import Settings, SettingsError, private_folder


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
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(
            f"settings file {path}: is there already; edit it, or move it away first"
        ) from error
    except OSError as error:
        raise SettingsError(f"settings file {path}: cannot be written ({error.strerror})") from error
    return path
