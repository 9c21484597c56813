"""The doctor: what is wrong now, in a table or as JSON, each with what to do."""

import sys
from collections.abc import Callable
from pathlib import Path

from rich.progress import Progress

from crampwatch.check import print_lines
from crampwatch.check_line import Line
from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.settings import Settings, SettingsError, default_settings_file, load_settings
from crampwatch.upkeep import doctor_files, doctor_system
from crampwatch.upkeep.home import Home

Examination = Callable[[], "list[Line]"]


def examine(settings_file: Path | None, folder: Path | None, *, as_json: bool) -> int:
    """Print what was found, and return the exit code: 1 if something is wrong."""
    lines, settings = settings_line(settings_file)
    home = Home(folder or settings.data_folder())
    steps: tuple[Examination, ...] = (
        lambda: [doctor_system.version_line(), doctor_system.bundle_line()],
        lambda: doctor_files.mode_lines(home, settings_file or default_settings_file()),
        lambda: doctor_files.owner_lines(home),
        lambda: doctor_files.room_lines(home, settings.storage),
        lambda: doctor_files.database_lines(home),
        lambda: [doctor_files.recording_line(home), doctor_files.damaged_line(home)],
        lambda: doctor_system.process_lines(home),
        lambda: doctor_system.broker_lines(settings.broker, home),
        lambda: doctor_system.page_lines(settings.dashboard, home),
        lambda: [doctor_system.clock_line(), doctor_system.zone_line(), doctor_system.memory_line()],
        doctor_system.port_lines,
    )
    with Progress(transient=True, disable=not sys.stderr.isatty()) as progress:
        for step in progress.track(steps, description="looking"):
            lines += step()
    print_lines(lines, sys.stdout, as_json=as_json)
    return BAD_INPUT if any(line.verdict == "bad" for line in lines) else DONE


def settings_line(path: Path | None) -> tuple[list[Line], Settings]:
    """Return what there is to say of the settings file, and the settings or, where there are none, the defaults."""
    file = path or default_settings_file()
    try:
        settings = load_settings(path)
    except SettingsError as error:
        return [Line("settings", "bad", str(error), f"correct {file}")], Settings()
    text = str(file) if file.exists() else f"{file} is not there: the defaults hold"
    return [Line("settings", "good", text)], settings
