"""What a person may set about detection. Limits that belong to one stage live there, with their reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """Limits of the verdicts; the defaults follow science.md section 10.

    Attributes:
        cramp_after_s: A steady contraction this long is judged. Leg movements average 3.2 s and end by 10 s.
        cramp_after_alone_s: The same without an accelerometer, which cannot speak against it.
        confirmed_after_s: A cramp this long is confirmed.
        prolonged_after_s: A cramp this long calls for advice.
        cramp_ratio: A cramp stands at this multiple of the resting level: below the 4 that it reaches at its
            strongest (science.md section 10), since it waxes and wanes.
        cramp_rise_uv: It stands this far above the resting level, for the same reason below the 15 µV that it
            reaches; unused where the µV scale is unknown.
        cramp_mvc_share: Part of the calibrated maximum that a cramp reaches.
        mvc_uv: RMS of the wearer's strongest voluntary contraction, from a calibration; None: not calibrated.
        movement_mg: Dynamic acceleration (1-s RMS) from which the leg counts as moved.
        large_movement_mg: From which the whole body moves.
        tilt_deg: Change of the leg's posture within 3 s from which it counts as moved.
        clonic_bursts: A clonic run has at least this many bursts …
        clonic_after_s: … and lasts at least this long.
        levels: Give `Levels` items (a live page needs them; a replay for events does not).

    Raises:
        ValueError: a limit is not positive.
    """

    cramp_after_s: float = 8.5
    cramp_after_alone_s: float = 9.0
    confirmed_after_s: float = 20.0
    prolonged_after_s: float = 600.0
    cramp_ratio: float = 3.3
    cramp_rise_uv: float = 12.0
    cramp_mvc_share: float = 0.10
    mvc_uv: float | None = None
    movement_mg: float = 30.0
    large_movement_mg: float = 100.0
    tilt_deg: float = 10.0
    clonic_bursts: int = 5
    clonic_after_s: float = 3.0
    levels: bool = True

    def __post_init__(self) -> None:
        """Refuse limits that no signal could meet or that every signal would."""
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not isinstance(value, bool) and value <= 0:
                raise ValueError(f"detector setting {name}: expected a positive number, got {value}")
