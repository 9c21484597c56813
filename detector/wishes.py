"""What a monitor is asked to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from detector.alarms.values import Mode
from detector.settings import DetectorSettings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a monitor is asked to do.

    Attributes:
        nights: Folder of recordings.
        outboxes: Folder of the outboxes, one file a sensor.
        settings: Of the detector.
        fits: Folder of the wearers' own limits (`detector.personal_fit`); None: the usual ones for everybody.
        sensor_id: The sensor's name, where it is known before the sensor has said it: its absence can then be told.
        mode: Who is woken.
        arm_at: Times of day, by the computer's wall clock, at which watching begins by itself: no standby goes beyond.
        caregivers: Whether anybody elsewhere is told.
        tension_cue: Whether the wearer is given a silent hint when tension rises; experimental.
        session: Folder of the session's signs of life (``run/NAME.alive``) and of the alerter's journal; None: neither
            are left nor looked at.
        alerter: Whether the session has an alerter, whose silence is then an alarm.
        home_assistant: Whether Home Assistant is told of the sensor, or told to forget it; None: neither.
        synthetic: The sensor is a simulated wearer; pages say so.
        settings_trouble: Why the settings are not those that somebody wrote; empty where they are.
        say: Given a line for a person at each verdict, and when something technical stands in the way or is over.
    """

    nights: Path
    outboxes: Path
    settings: DetectorSettings = field(default_factory=DetectorSettings)
    fits: Path | None = None
    sensor_id: str = ""
    mode: Mode = "observe"
    arm_at: tuple[time, ...] = ()
    caregivers: bool = False
    tension_cue: bool = False
    session: Path | None = None
    alerter: bool = False
    home_assistant: bool | None = None
    synthetic: bool = False
    settings_trouble: str = ""
    say: Callable[[str], None] = lambda _line: None
