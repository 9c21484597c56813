"""What `crampwatch replay` is asked to do, and what is wrong with a request.

ReplayError    the request cannot be met, or an events file cannot be written; the text says what to do
"""

import math
from dataclasses import dataclass
from pathlib import Path

from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.span import EVERYTHING, Span

# What `--speed` is where nothing is said; with --mqtt a night takes as long as it took.
USUAL_SPEED, USUAL_MQTT_SPEED = "max", "1"


class ReplayError(ValueError):
    """The command line asks for what cannot be; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where `--mqtt` pushes to: the broker of these settings, or the private one of this folder."""

    settings: Path | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What the command line asks for.

    Attributes:
        files: Files, folders and patterns.
        events_dir: Where event tables go, and what makes a second run finish the first; None: nowhere.
        speed: ``max``, or so many times life; None for the usual one.
        via: ``file``, or ``pty`` for a board on a pseudo-terminal.
        channels: Which channels of each file.
        force: Overwrite, and replay what is finished again.
        json: Print one document.
        everything: List leg movements and artefacts, too.
        span: The part of each file.
        jobs: How many files at once.
        scheduler: Address of a Dask cluster; None: this computer.
        parquet: File for all events of all files.
        mqtt: Push to a broker instead of only computing; None: do not.
    """

    files: tuple[Path, ...]
    events_dir: Path | None
    speed: str | None
    via: str
    channels: ChannelFlags
    force: bool
    json: bool
    everything: bool = False
    span: Span = EVERYTHING
    jobs: int = 1
    scheduler: str | None = None
    parquet: Path | None = None
    mqtt: Broker | None = None

    def pace(self) -> float:
        """Return the speed as a number; see `pace_of`."""
        usual = USUAL_MQTT_SPEED if self.mqtt else USUAL_SPEED
        return pace_of(usual if self.speed is None else self.speed)

    def check(self) -> None:
        """Refuse what cannot be asked for together.

        Raises:
            ReplayError: it says what.
        """
        if self.via not in {"file", "pty"}:
            raise ReplayError(f"--via: expected file or pty, got {self.via!r}")
        is_paced = math.isfinite(self.pace())
        elsewhere = self.scheduler is not None or self.jobs > 1
        contradictions = {
            "--jobs and --scheduler: expected one of them": self.scheduler is not None and self.jobs > 1,
            "--mqtt plays one file after another: expected neither --jobs nor --scheduler": (
                self.mqtt is not None and elsewhere
            ),
            "--mqtt speaks for the sensor itself: expected no --via pty": (
                self.mqtt is not None and self.via == "pty"
            ),
            "--via pty plays whole files: expected neither --start nor --end nor --duration": (
                self.via == "pty" and self.span != EVERYTHING
            ),
            "--mqtt keeps the recording's own timing: expected --speed 1 or another number, got max": (
                self.mqtt is not None and not is_paced
            ),
        }
        for text, is_so in contradictions.items():
            if is_so:
                raise ReplayError(text)


def pace_of(speed: str) -> float:
    """Return a speed as a number, infinity for ``max``.

    Raises:
        ReplayError: it is none.
    """
    if speed == "max":
        return math.inf
    try:
        pace = float(speed)
    except ValueError:
        pace = math.nan
    if not (pace > 0 and math.isfinite(pace)):
        raise ReplayError(f"--speed: expected max or a number above 0, got {speed!r}")
    return pace
