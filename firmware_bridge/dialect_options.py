"""What an address says about a board that cannot say it itself: ``serial:/dev/x?dialect=text&rate=500&…``.

dialect        text, chords, crampwatch or auto
rate           rows a second
uv_per_count   µV per number sent
g_per_count    g per number sent
channels       role of each column: emg, x, y, z, or - for one to leave out
bits           of the board's converter, whose numbers are 0 … 2^bits - 1
full_scale     largest number the board can send, where numbers have decimals
signal         raw, or envelope for a rectified one; found out if not given
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from firmware_bridge.acc_axes import AXES
from firmware_bridge.dialect_chords import MOST_CHANNELS
from firmware_bridge.dialects import DIALECTS, Dialect
from firmware_bridge.source_contract import SourceUrl, SourceUrlError

KEYS = frozenset(
    {"dialect", "rate", "uv_per_count", "g_per_count", "channels", "bits", "full_scale", "signal"}
)
LEFT_OUT = "-"
ROLES = ("emg", *AXES, LEFT_OUT)
SIGNALS = ("raw", "envelope")
# What other people's labels call the columns, by how the label begins.
_ROLE_OF_LABEL: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("emg", "myo", "muscle", "env", "raw", "sig", "ch", "value", "sensor", "adc"), "emg"),
        **{
            f"{prefix}{axis}": axis for axis in AXES for prefix in ("", "a", "acc", "acc_", "accel", "accel_")
        },
    }
)
# Rates that a night can be watched at; the detector asks for 250 Hz and says so itself.
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 1, 20_000
_SMALLEST, _LARGEST = 1e-9, 1e9
# Converters of boards that speak these dialects.
_FEWEST_BITS, _MOST_BITS = 8, 16


@dataclass(frozen=True, slots=True)
class DialectOptions:
    """The user's word; None where nothing was said."""

    dialect: Dialect | None = None
    rate_hz: float | None = None
    uv_per_count: float | None = None
    g_per_count: float | None = None
    roles: tuple[str, ...] | None = None
    bits: int | None = None
    full_scale: float | None = None
    signal: str | None = None

    @classmethod
    def of(cls, url: SourceUrl) -> "DialectOptions":
        """Read the options of an address.

        Raises:
            SourceUrlError: one of them cannot be.
        """
        dialect = _chosen(url, "dialect", (*DIALECTS, "auto"))
        return cls(
            dialect=None if dialect == "auto" else cast("Dialect | None", dialect),
            rate_hz=_whole(url, "rate", _LOWEST_RATE_HZ, _HIGHEST_RATE_HZ),
            uv_per_count=_number(url, "uv_per_count"),
            g_per_count=_number(url, "g_per_count"),
            roles=_roles(url),
            bits=_whole(url, "bits", _FEWEST_BITS, _MOST_BITS),
            full_scale=_number(url, "full_scale"),
            signal=_chosen(url, "signal", SIGNALS),
        )

    def roles_of(self, columns: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the role of every column: as the user says, else by its label, else by how many there are."""
        if self.roles is not None:
            return (*self.roles, *[LEFT_OUT] * columns)[:columns]
        if len(labels) == columns:
            named = tuple(_role_of(label) for label in labels)
            if "emg" in named:
                return _whole_triples(named)
        # A row of four is EMG and the three axes (DESIGN section 3); of others only the first is sure.
        return ROLES[:columns] if columns == len(("emg", *AXES)) else ("emg", *[LEFT_OUT] * (columns - 1))


def _role_of(label: str) -> str:
    name = label.lower()
    if name in _ROLE_OF_LABEL:
        return _ROLE_OF_LABEL[name]
    return next(
        (role for start, role in _ROLE_OF_LABEL.items() if role == "emg" and name.startswith(start)), "-"
    )


def _whole_triples(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Leave axes out unless each is there once."""
    if all(roles.count(axis) == 1 for axis in AXES):
        return roles
    return tuple(LEFT_OUT if role in AXES else role for role in roles)


def _roles(url: SourceUrl) -> tuple[str, ...] | None:
    text = url.options.get("channels")
    if text is None:
        return None
    roles = tuple(part.strip().lower() for part in text.split(","))
    axes = [role for role in roles if role in AXES]
    if (
        not set(roles) <= set(ROLES)
        or "emg" not in roles
        or sorted(axes) not in ([], list(AXES))
        or len(roles) > MOST_CHANNELS
    ):
        raise SourceUrlError(
            f"source {url.text!r}: expected channels to be a role for each column, emg at least once and x, y, z "
            f"once each or not at all, - for one to leave out, such as channels=emg,x,y,z; got {text!r}"
        )
    return roles


def _number(url: SourceUrl, key: str) -> float | None:
    return url.number(key, 0.0, low=_SMALLEST, high=_LARGEST) if key in url.options else None


def _whole(url: SourceUrl, key: str, low: int, high: int) -> int | None:
    if key not in url.options:
        return None
    number = url.number(key, low, low=low, high=high)
    if number != int(number):
        raise SourceUrlError(f"source {url.text!r}: expected {key} to be a whole number, got {number:g}")
    return int(number)


def _chosen(url: SourceUrl, key: str, names: tuple[str, ...]) -> str | None:
    name = url.options.get(key)
    if name is not None and name not in names:
        raise SourceUrlError(
            f"source {url.text!r}: expected {key} to be one of {', '.join(names)}; got {name!r}"
        )
    return name
