"""What a session's processes are told: one file, for its owner alone, since it holds the broker's login."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.broker_login import write_private
from crampwatch.channel_flags import ChannelFlags
from crampwatch.pages_plan import PagesPlan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import SettingsError

if TYPE_CHECKING:
    from detector.broker_address import BrokerAddress
    from detector.monitor_state import Mode
    from detector.roles import Role


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """What the simulated board plays, and the name that its port goes by."""

    link: str
    recording: str | None
    channels: ChannelFlags
    seed: int


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """One session.

    Attributes:
        sensors: What it watches.
        folder: Where its recordings (``nights``), night log and outboxes lie.
        broker: URL of the broker, with a login.
        port: TCP port of the pages.
        clock: The shared clock, as text.
        board: The simulated board that plays the only sensor, if any.
        mode: Who is woken.
        player: Command that plays a sound file; empty for whichever is installed.
        arm_at: Times of day at which watching begins by itself, with commas between them.
        tension_cue: Whether the wearer is given a silent hint when tension rises.
        pages: What the pages are told.
        home_assistant: Whether Home Assistant is told of the sensors, or told to forget them.
        logins: URL of the broker with the login of a role, by role; that of ``broker`` where there is none.
        settings_trouble: Why the settings are not those of the file; empty where they are.
    """

    sensors: tuple[SensorPlan, ...]
    folder: str
    broker: str
    port: int
    clock: str
    board: BoardPlan | None = None
    mode: "Mode" = "observe"
    player: str = ""
    arm_at: str = ""
    tension_cue: bool = False
    pages: PagesPlan = field(default_factory=PagesPlan)
    home_assistant: bool = True
    logins: Mapping[str, str] = field(default_factory=dict)
    settings_trouble: str = ""

    def broker_of(self, role: "Role") -> "BrokerAddress":
        """Return where the broker is, with the login of a role.

        Raises:
            BrokerAddressError: the file was written by another hand.
        """
        from detector.broker_address import parse_broker_url

        return parse_broker_url(self.logins.get(role, self.broker))

    def sensor(self, number: int) -> SensorPlan:
        """Return a sensor by its place in the list, from 0.

        Raises:
            SettingsError: there are fewer.
        """
        try:
            return self.sensors[number]
        except IndexError as error:
            raise SettingsError(f"sensor {number}: expected one of {len(self.sensors)}") from error

    def is_synthetic(self, sensor: SensorPlan) -> bool:
        """Return whether a sensor is a simulated wearer."""
        return sensor.source.startswith("simulate:") or (
            self.board is not None and self.board.recording is None
        )

    @property
    def nights(self) -> Path:
        """Folder of the recordings."""
        return Path(self.folder) / "nights"

    @property
    def running(self) -> Path:
        """Folder of what is true only while the session runs."""
        return Path(self.folder) / "run"

    @property
    def names(self) -> Mapping[str, str]:
        """Names of the sensors whose boards are known, by hardware id."""
        return {sensor.hardware: sensor.sensor_id for sensor in self.sensors if sensor.hardware}

    @property
    def database(self) -> Path:
        """The night log's database."""
        return Path(self.folder) / "night_log.sqlite"

    @property
    def outboxes(self) -> Path:
        """Folder of the monitors' outboxes, one file a sensor."""
        return Path(self.folder) / "outbox"

    def save(self, path: Path) -> None:
        """Write the plan, readable for its owner alone.

        Raises:
            SettingsError: it cannot be written.
        """
        try:
            write_private(path, json.dumps(asdict(self), indent=1))
        except OSError as error:
            raise SettingsError(
                f"session file {path}: cannot be written ({error.strerror}); "
                "check that its disk is not full, or choose another with --folder"
            ) from error


def load_plan(path: Path) -> SessionPlan:
    """Read a plan back.

    Raises:
        SettingsError: the file is not one.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        board, sensors = content.pop("board"), content.pop("sensors")
        pages = PagesPlan(**content.pop("pages"))
        if board is not None:
            channels = board.pop("channels")
            flags = ChannelFlags(tuple(channels.pop("emg")), tuple(channels.pop("acc")), **channels)
            board = BoardPlan(channels=flags, **board)
        worn = tuple(SensorPlan(**sensor) for sensor in sensors)
        return SessionPlan(sensors=worn, board=board, pages=pages, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(
            f"session file {path}: expected what the supervisor writes, got {error!r}; "
            "start with `crampwatch run`"
        ) from error
