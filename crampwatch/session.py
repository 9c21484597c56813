"""A session: the private broker and our processes, started in order, watched, and stopped."""

import shutil
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType

from crampwatch.broker import PrivateBroker
from crampwatch.plan import BoardPlan, ChannelFlags, SessionPlan
from crampwatch.settings import DEFAULT_PORT, BrokerSettings, Settings, private_folder
from crampwatch.supervisor import ChildProcess, Service, Supervisor
from detector.broker_address import parse_broker_url
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import open_recording

DISCLAIMER = "A comfort aid, not a medical device: it may miss cramps, and it may be wrong."
# Demos leave their recordings behind for a look; older ones than these go.
DEMOS_KEPT = 3
SECONDS_PER_MINUTE = 60
# As long as a slow machine needs to make the first minute of a synthetic night.
BOARD_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks of a session beside its settings."""

    folder: Path | None = None
    port: int | None = None
    browser: bool = True
    minutes: float | None = None


def run_night(settings: Settings, source: str | None, wishes: Wishes) -> None:
    """Watch a sensor until Ctrl-C.

    Raises:
        SettingsError, BrokerError, ChildFailedError, SourceError: something asked for cannot be had.
    """
    folder = private_folder(wishes.folder or settings.data_folder())
    url = source or settings.sensor.source
    wishes = replace(
        wishes,
        port=wishes.port or settings.dashboard.port,
        browser=wishes.browser and settings.dashboard.open_browser,
    )
    _say(f"crampwatch. {DISCLAIMER}")
    _run(
        SessionPlan(url, str(folder), "", wishes.port or DEFAULT_PORT, Clock().to_text()),
        settings.broker,
        wishes,
    )


def run_demo(
    recording: Path | None, channels: ChannelFlags, *, seed: int, settings: Settings, wishes: Wishes
) -> None:
    """Show the whole street on a simulated board until Ctrl-C.

    Raises:
        RecordingError: the person's recording cannot be used.
        SettingsError, BrokerError, ChildFailedError: something cannot be had.
    """
    if recording is not None:
        _check_recording(recording, channels)
    folder = _demo_folder(private_folder(wishes.folder or settings.data_folder()) / "demo")
    board = BoardPlan(str(folder / "sensor"), str(recording.resolve()) if recording else None, channels, seed)
    port = wishes.port or settings.dashboard.port
    plan = SessionPlan(f"serial:{board.link}?baud=115200", str(folder), "", port, Clock().to_text(), board)
    what = (
        f"your recording {recording}"
        if recording
        else "a synthetic wearer: a cramp comes within the first minute"
    )
    _say(f"crampwatch demo. {DISCLAIMER}\n  sensor     simulated board on a pseudo-terminal, playing {what}")
    _run(plan, settings.broker, wishes)


def _check_recording(path: Path, channels: ChannelFlags) -> None:
    """Open it once here, so that what is wrong with it is said before anything starts."""
    recording = open_recording(
        path, emg=channels.emg, acc=channels.acc, emg_unit=channels.emg_unit, acc_unit=channels.acc_unit
    )
    for warning in recording.warnings:
        _say(f"  note       {warning}")


def _demo_folder(parent: Path) -> Path:
    private_folder(parent)
    old = sorted(entry for entry in parent.iterdir() if entry.is_dir())
    for entry in old[: max(0, len(old) - DEMOS_KEPT + 1)]:
        shutil.rmtree(entry, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-", dir=parent))


def _run(plan: SessionPlan, broker: BrokerSettings, wishes: Wishes) -> None:
    stop = threading.Event()
    folder = Path(plan.folder)
    services: list[Service] = []
    if broker.url:
        parse_broker_url(broker.url)
        plan = replace(plan, broker=broker.url)
    else:
        private = PrivateBroker(private_folder(folder / "broker"), port=broker.port, prefer=broker.prefer)
        services.append(private)
        private.start()
        plan = replace(plan, broker=private.address.url())
        _say(f"  broker     {private.kind} at {private.address}, login in {private.login_file}")
    run_folder = private_folder(folder / "run")
    plan_file = run_folder / "session.json"
    plan.save(plan_file)

    def child(name: str, needed_first_s: float = 0.0) -> ChildProcess:
        return ChildProcess(name, ("-m", "crampwatch.processes", name, str(plan_file)), _say, needed_first_s)

    page = f"http://127.0.0.1:{plan.port}"
    dashboard = child("dashboard")
    services += [dashboard, *([child("board", BOARD_START_S)] if plan.board else []), child("monitor")]
    _say(f"  recording  {plan.nights}\n  pages      {page}\n  Ctrl-C stops everything and closes the files.")
    supervisor = Supervisor(services, lambda text: _say(f"  {text}"))
    ends_s = Clock().mono_s() + wishes.minutes * SECONDS_PER_MINUTE if wishes.minutes else None
    with _stopping_on_signals(stop):
        try:
            supervisor.start()
            if wishes.browser:
                threading.Thread(target=_open_page, args=(dashboard, page), daemon=True).start()
            supervisor.watch(stop, lambda: ends_s is not None and Clock().mono_s() >= ends_s)
        finally:
            _say("crampwatch: stopping")
            supervisor.stop()
            plan_file.unlink(missing_ok=True)
    _say(f"crampwatch: stopped; recordings in {plan.nights}")


def _open_page(dashboard: ChildProcess, page: str) -> None:
    # As long as a slow machine needs for its first start of the pages.
    if dashboard.wait_ready(timeout_s=30.0):
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
    sys.stderr.write(f"{text}\n")
