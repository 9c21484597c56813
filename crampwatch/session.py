"""A session: the private broker and our processes, started in order, watched, and stopped."""

import shutil
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType

from crampwatch.access_list import ROLES
from crampwatch.broker_choice import own_addresses, private_broker
from crampwatch.channel_flags import ChannelFlags
from crampwatch.introduced import Introductions
from crampwatch.pages_plan import PagesPlan, pages_plan
from crampwatch.plain_lines import log_plainly, plain
from crampwatch.plan import BoardPlan, SessionPlan
from crampwatch.sensors import SensorPlan
from crampwatch.session_lock import is_in_use, only_session
from crampwatch.settings import Settings, SettingsError, private_folder
from crampwatch.simulate import source_factories
from crampwatch.supervisor import START_S, ChildProcess, Service, Supervisor
from crampwatch.upkeep.home import Home
from crampwatch.upkeep.notify import READY, STOPPING, notify, watchdog_every_s
from crampwatch.upkeep.retention import Rule
from crampwatch.upkeep.retention_service import RetentionService
from crampwatch.upkeep.watchdog import Feeder, Progress
from firmware_bridge.clock import Clock
from firmware_bridge.sources import open_source

DISCLAIMER = "A comfort aid, not a medical device: it may miss cramps, and it may be wrong."
# Demos leave their recordings behind for a look; older ones than these go.
DEMOS_KEPT = 3
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks of a session beside its settings."""

    folder: Path | None = None
    port: int | None = None
    browser: bool = True
    minutes: float | None = None
    # Why these are not the settings of the file; empty where they are.
    settings_trouble: str = ""


def run_night(settings: Settings, sensors: Sequence[SensorPlan], wishes: Wishes) -> None:
    """Watch sensors until Ctrl-C.

    Raises:
        SettingsError, SessionLockError, BrokerError, ChildFailedError, SourceError: something asked for
            cannot be had.
    """
    for sensor in sensors:
        _check_source(sensor.source)
    _check_player(settings.alarms.player)
    folder = private_folder(wishes.folder or settings.data_folder())
    _say(f"crampwatch. {DISCLAIMER}")
    if wishes.settings_trouble:
        _say(f"  settings   {wishes.settings_trouble}")
    for sensor in sensors:
        _say(f"  sensor     {sensor.source}")
    if not all(sensor.is_paired for sensor in sensors):
        _say("  note       any board is believed; `crampwatch pair` makes sure that it is the right one")
    plan = SessionPlan(
        tuple(sensors),
        str(folder),
        "",
        wishes.port or settings.dashboard.port,
        Clock().to_text(),
        mode=settings.alarms.mode,
        player=settings.alarms.player,
        arm_at=settings.alarms.arm_at,
        tension_cue=settings.alarms.tension_cue,
        pages=_checked_pages(settings, folder),
        settings_trouble=wishes.settings_trouble,
    )
    rule = Rule(settings.storage.nights_kept, settings.storage.quota_bytes)
    _run(plan, settings, wishes, [RetentionService(Home(folder), rule, _say)])


def run_demo(
    recording: Path | None, channels: ChannelFlags, *, seed: int, settings: Settings, wishes: Wishes
) -> None:
    """Show the whole street on a simulated board until Ctrl-C.

    Raises:
        RecordingError: the person's recording cannot be used.
        SettingsError, SessionLockError, BrokerError, ChildFailedError: something cannot be had.
    """
    if recording is not None:
        _check_recording(recording, channels)
    folder = _demo_folder(private_folder(wishes.folder or settings.data_folder()) / "demo")
    board = BoardPlan(str(folder / "sensor"), str(recording.resolve()) if recording else None, channels, seed)
    port = wishes.port or settings.dashboard.port
    sensor = SensorPlan(f"serial:{board.link}?baud=115200")
    said = settings.dashboard
    pages = PagesPlan(language=said.language, hours=said.hours)
    plan = SessionPlan((sensor,), str(folder), "", port, Clock().to_text(), board, pages=pages)
    what = (
        f"your recording {recording}"
        if recording
        else "a synthetic wearer: a cramp comes within the first minute"
    )
    _say(f"crampwatch demo. {DISCLAIMER}\n  sensor     simulated board on a pseudo-terminal, playing {what}")
    _run(plan, settings, wishes)


def _check_source(url: str) -> None:
    """Make the source once here, unopened, so that a wrong address is said before anything starts."""
    clock = Clock()
    open_source(url, factories=source_factories(clock), clock=clock).close()


def _check_player(command: str) -> None:
    """Split the command as it will be, so that an open quote is said before anything starts."""
    from detector.alerter.player import players

    try:
        players(command)
    except ValueError as error:
        raise SettingsError(f"alarms.player: expected a command, got {command!r}: {error}") from error


def _checked_pages(settings: Settings, folder: Path) -> PagesPlan:
    """Return what the pages are told, once it is seen that others can reach them as asked."""
    pages = pages_plan(settings)
    elsewhere = pages.elsewhere(folder)
    if elsewhere is not None:
        elsewhere.check()
    return pages


def _check_recording(path: Path, channels: ChannelFlags) -> None:
    """Open it once here, so that what is wrong with it is said before anything starts."""
    for warning in channels.open(path).warnings:
        _say(f"  note       {warning}")


def _demo_folder(parent: Path) -> Path:
    private_folder(parent)
    old = sorted(entry for entry in parent.iterdir() if entry.is_dir() and not is_in_use(entry))
    for entry in old[: max(0, len(old) - DEMOS_KEPT + 1)]:
        shutil.rmtree(entry, ignore_errors=True)
    try:
        return Path(tempfile.mkdtemp(prefix=f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-", dir=parent))
    except OSError as error:
        raise SettingsError(
            f"folder {parent}: cannot be written ({error.strerror}); choose another with --folder"
        ) from error


def _run(plan: SessionPlan, settings: Settings, wishes: Wishes, beside: Sequence[Service] = ()) -> None:
    log_plainly()
    broker = settings.broker
    wishes = replace(wishes, browser=wishes.browser and settings.dashboard.open_browser)
    stop = threading.Event()
    folder = Path(plan.folder)
    with only_session(folder), _stopping_on_signals(stop), ExitStack() as at_end:
        services: list[Service] = list(beside)
        addresses = own_addresses(broker)
        if addresses:
            plan = replace(plan, broker=addresses["monitor"].url())
            _say(f"  broker     {addresses['monitor']}")
        else:
            private = private_broker(broker, private_folder(folder / "broker"))
            services.append(private)
            at_end.callback(private.stop)
            private.start()
            addresses = {role: private.address_of(role) for role in ROLES}
            plan = replace(plan, broker=private.address.url())
            _say(f"  broker     {private.kind} at {private.address}, logins in {private.login_file}")
        plan = replace(plan, logins={role: address.url() for role, address in addresses.items()})
        plan = replace(plan, home_assistant=broker.home_assistant)
        plan_file = private_folder(plan.running) / "session.json"
        Introductions(plan.running).forget()
        at_end.callback(plan_file.unlink, missing_ok=True)
        plan.save(plan_file)
        _say(f"  recording  {plan.nights}\n  pages      http://127.0.0.1:{plan.port}")
        _say("  Ctrl-C stops everything and closes the files.")
        _watch(services, plan, plan_file, wishes, stop)
    _say(f"crampwatch: stopped; recordings in {plan.nights}")


def _watch(
    services: list[Service], plan: SessionPlan, plan_file: Path, wishes: Wishes, stop: threading.Event
) -> None:
    """Start our own processes behind ``services`` and keep all of them running until it is time."""

    def child(name: str, needed_first_s: float = 0.0) -> ChildProcess:
        return ChildProcess(name, ("-m", "crampwatch.processes", name, str(plan_file)), _say, needed_first_s)

    dashboard = child("dashboard")
    boards = [child("board", START_S)] if plan.board else []
    # Before the monitors, and so stopped after them: what ends as told is not taken for dead.
    children = [dashboard, child("alerter"), *boards, *_monitors(plan, plan_file)]
    supervisor = Supervisor([*services, *children], lambda text: _say(f"  {text}"))
    ends_s = Clock().mono_s() + wishes.minutes * SECONDS_PER_MINUTE if wishes.minutes else None
    named = [sensor.sensor_id for sensor in plan.sensors if sensor.sensor_id]
    progress = Progress(Path(plan.folder), named, Clock.from_text(plan.clock))
    feeder = Feeder(progress.is_made, watchdog_every_s(), Clock(), _say)

    def is_over() -> bool:
        feeder.turn()
        return ends_s is not None and Clock().mono_s() >= ends_s

    try:
        supervisor.start(stop)
        notify(READY)
        if wishes.browser:
            page = f"http://127.0.0.1:{plan.port}"
            threading.Thread(target=_open_page, args=(dashboard, page), daemon=True).start()
        supervisor.watch(stop, is_over)
    finally:
        notify(STOPPING)
        progress.close()
        _say("crampwatch: stopping")
        supervisor.stop()


def _monitors(plan: SessionPlan, plan_file: Path) -> list[ChildProcess]:
    """Return a monitor for each sensor; among several, what it says begins with the sensor's name."""
    alone = len(plan.sensors) == 1
    monitors: list[ChildProcess] = []
    for number, sensor in enumerate(plan.sensors):
        name = sensor.sensor_id or f"sensor {number + 1}"
        arguments = ("-m", "crampwatch.processes", "monitor", str(plan_file), str(number))
        # One that cannot be watched must not keep the others from being watched.
        called, say = ("monitor", _say) if alone else (f"monitor of {name}", _saying_for(name))
        monitors.append(ChildProcess(called, arguments, say, is_spared=not alone))
    return monitors


def _saying_for(name: str) -> Callable[[str], None]:
    return lambda line: _say(f"{name}  {line}")


def _open_page(dashboard: ChildProcess, page: str) -> None:
    if dashboard.wait_ready(START_S):
        webbrowser.open(page)


@contextmanager
def _stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    sys.stderr.write("".join(f"{plain(line)}\n" for line in text.split("\n")))
