"""Which sensors a session watches: those of the settings, or those named on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from crampwatch.settings import MOST_SENSORS, SensorSettings, Settings, SettingsError
from firmware_bridge.port_finder import AUTO
from firmware_bridge.source_contract import SourceUrl

# Schemes of sensors that are worn now, and can be told apart by id and hardware.
_LIVE = frozenset({"serial", "socket", "lsl"})
# Of those, the ones whose boards have a hardware id.
_PAIRABLE = frozenset({"serial", "socket"})
# Dialects of boards that cannot say who they are.
_NAMELESS_DIALECTS = frozenset({"text", "chords", "auto"})


@dataclass(frozen=True, slots=True)
class SensorPlan:
    """One sensor to watch.

    Attributes:
        source: Its URL, with all that is known of the sensor.
        sensor_id: Its name; empty where only the sensor itself can tell.
    """

    source: str
    sensor_id: str = ""

    @classmethod
    def of(cls, source: str, sensor_id: str = "", hardware: str = "") -> "SensorPlan":
        """Return a sensor by its address, its name and its board.

        Raises:
            SourceUrlError: the address is none.
            SettingsError: the address names another sensor, or it is one of a recording, which has its own name.
        """
        url = SourceUrl.parse(source)
        known = {"id": sensor_id, "hardware": hardware}
        for key, value in known.items():
            if value and url.options.get(key, value) != value:
                raise SettingsError(
                    f"source {source!r}: expected {key} {value}, got {url.options[key]}; leave one of them out"
                )
        added = {key: value for key, value in known.items() if value and key not in url.options}
        if added and url.scheme not in _LIVE:
            raise SettingsError(
                f"source {source!r}: expected no {' and no '.join(added)}, since only a live sensor "
                "(serial:, socket:, lsl:) can be given one"
            )
        text = f"{source}{'&' if url.options else '?'}{urlencode(added)}" if added else source
        return cls(text, sensor_id or url.options.get("id", ""))

    @property
    def is_live(self) -> bool:
        """Whether it is worn now, and may come and go."""
        return SourceUrl.parse(self.source).scheme in _LIVE

    @property
    def hardware(self) -> str:
        """Hardware id of the only board to believe; empty: any."""
        return SourceUrl.parse(self.source).options.get("hardware", "")

    @property
    def is_paired(self) -> bool:
        """Whether no other board can take its place, as far as that can be had."""
        url = SourceUrl.parse(self.source)
        nameless = url.options.get("dialect") in _NAMELESS_DIALECTS
        return nameless or bool(self.hardware) or url.scheme not in _PAIRABLE

    @property
    def place(self) -> str:
        """What no two sensors can share; empty for one that is looked for."""
        url = SourceUrl.parse(self.source)
        if url.scheme == "serial":
            return "" if url.target == AUTO else f"serial:{Path(url.target).resolve()}"
        return f"{url.scheme}:{url.target}" if url.scheme in _LIVE else self.source


def chosen_sensors(
    settings: Settings, sources: Sequence[str] = (), names: Sequence[str] = ()
) -> tuple[SensorPlan, ...]:
    """Return the sensors to watch.

    Args:
        settings: Where they are listed.
        sources: Addresses from the command line instead.
        names: Of those listed, the ones to watch; with one address, the one expected there.

    Raises:
        SourceUrlError: an address is none.
        SettingsError: they cannot be told apart, or a name is not in the settings.
    """
    listed = [_named(settings, name) for name in names] if names else list(settings.sensors)
    if not sources:
        sensors = [SensorPlan.of(sensor.source, sensor.id, sensor.hardware) for sensor in listed]
    elif not names:
        sensors = [SensorPlan.of(source) for source in sources]
    elif len(names) == len(sources):
        pairs = zip(sources, listed, strict=True)
        sensors = [SensorPlan.of(source, sensor.id, sensor.hardware) for source, sensor in pairs]
    else:
        raise SettingsError(f"expected a --sensor for every --source, got {len(names)} for {len(sources)}")
    _check_apart(sensors)
    return tuple(sensors)


def _named(settings: Settings, name: str) -> SensorSettings:
    for sensor in settings.sensors:
        if sensor.id == name:
            return sensor
    known = ", ".join(sensor.id for sensor in settings.sensors if sensor.id)
    expected = f"one of {known}" if known else "one that the settings name, which name none"
    raise SettingsError(f"--sensor: expected {expected}, got {name!r}; `crampwatch pair` adds one")


def _check_apart(sensors: Sequence[SensorPlan]) -> None:
    if len(sensors) > MOST_SENSORS:
        raise SettingsError(f"expected at most {MOST_SENSORS} sensors, got {len(sensors)}")
    for what, values in (
        ("address", [sensor.place for sensor in sensors]),
        ("id", [sensor.sensor_id for sensor in sensors]),
    ):
        twice = [value for value in values if value and values.count(value) > 1]
        if twice:
            raise SettingsError(f"sensors: expected an {what} for each, got {twice[0]} more than once")
