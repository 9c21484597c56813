"""Real small programs that stand in for a player of sound: there is no audio hardware where tests run.

They are started, watched and killed exactly as `aplay` would be; instead of the loudspeaker they leave in a file
what they were given.
"""

from __future__ import annotations

import stat
from pathlib import Path


def player_program(folder: Path, name: str, body: str) -> str:
    """Write an executable shell script and return its path; ``$1`` is the WAV file."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def recording_player(folder: Path, heard: Path) -> str:
    """Return a player that adds the name of each file it was given to ``heard``, one a line."""
    return player_program(folder, "plays", f'basename "$1" >> "{heard}"')


def heard_in(heard: Path) -> list[str]:
    """Return what a recording player was given, in order."""
    return heard.read_text().split() if heard.exists() else []
