"""What the doctor says of the machine and of what runs on it."""

import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crampwatch import check_surroundings
from crampwatch.check_line import Line
from crampwatch.pages_settings import DashboardSettings
from crampwatch.session_lock import is_in_use
from crampwatch.settings import BrokerSettings
from crampwatch.upkeep.home import Home
from detector.alerter.monitors import SIGN_OF_ALERTER, SIGNS
from detector.bundle import BundleError, load_model, shipped_bundle
from detector.sign_of_life import SIGN_VALID_S, read_sign

_MEGABYTE = 1_000_000
# A session of one sensor takes about 300 MB; less than this free and the system begins to kill.
_LEAST_MEMORY_MB = 150
_KB_PER_MB = 1000
_ASK_S = 5.0
_SERVICE = "crampwatch.service"
# A zone by its name, such as Europe/Berlin; what spells out its hours instead needs no table.
_REGION = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+", re.ASCII)


def version_line() -> Line:
    """Tell which versions run."""
    text = f"crampwatch {version('crampwatch')}, Python {platform.python_version()}, {platform.platform()}"
    return Line("version", "good", text)


def bundle_line() -> Line:
    """Tell whether the model is as its card says."""
    try:
        model = load_model(None)
    except BundleError as error:
        return Line("model", "bad", str(error), "install crampwatch again; plain rules judge until then")
    return Line("model", "good", f"{model.name} in {shipped_bundle()}")


def process_lines(home: Home) -> list[Line]:
    """Tell what runs: the session, each monitor and the alerter by their signs of life, and the system's service."""
    lines = [_service_line()]
    if not is_in_use(home.folder):
        return [
            *lines,
            Line("session", "unknown", "none runs in this folder", "`crampwatch run` begins the night"),
        ]
    lines.append(Line("session", "good", "runs"))
    for path in sorted((home.folder / SIGNS).glob("*.alive")):
        sign = read_sign(path, time.monotonic())
        fresh = sign is not None and sign.age_s is not None and sign.age_s <= SIGN_VALID_S
        name = path.stem if path.stem == SIGN_OF_ALERTER else f"monitor {path.stem}"
        age = "unknown" if sign is None or sign.age_s is None else f"{sign.age_s:.0f} s old"
        advice = "" if fresh else "stop the session and start it again; its log says why"
        lines.append(Line(name, "good" if fresh else "bad", f"sign of life {age}", advice))
    return lines


def broker_lines(settings: BrokerSettings, home: Home) -> list[Line]:
    """Tell whether the broker is reached."""
    try:
        with tempfile.TemporaryDirectory(prefix="doctor-") as scratch:
            return [check_surroundings.broker_line(settings, home.folder, Path(scratch))]
    except OSError as error:
        return [Line("broker", "unknown", f"cannot be tried: {error}")]


def page_lines(settings: DashboardSettings, home: Home) -> list[Line]:
    """Tell whether the ports of the pages are free for the next session; nothing of one that runs."""
    if is_in_use(home.folder):
        return []
    ports = [settings.port, settings.tls_port] if settings.host else [settings.port]
    taken = [port for port in ports if not _is_free(port)]
    if not taken:
        return [Line("pages", "good", f"port {' and '.join(map(str, ports))} can be had")]
    text = f"another program has port {' and '.join(map(str, taken))}: a session would end at once"
    return [
        Line("pages", "bad", text, "end that program, or set another dashboard.port or dashboard.tls_port")
    ]


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        # As the pages do: what was closed a moment ago is in nobody's way.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def clock_line() -> Line:
    """Tell whether the clock is set, and kept so."""
    line = check_surroundings.clock_line(
        datetime.now(UTC), time.monotonic(), datetime.now(UTC), time.monotonic()
    )
    said = _asked("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if line.verdict == "good" and said == "no":
        return Line("clock", "bad", f"{line.text}; it is not synchronised", "timedatectl set-ntp true")
    return Line("clock", line.verdict, f"{line.text}{'; synchronised' if said == 'yes' else ''}", line.advice)


def zone_line() -> Line:
    """Tell which time zone nights are cut by."""
    zone = os.environ.get("TZ") or _zone_of_the_system() or "UTC"
    if _REGION.fullmatch(zone.removeprefix(":")) and not _is_known(zone.removeprefix(":")):
        text = f"{zone} is not known to this computer, which takes UTC for it: nights begin at another hour"
        return Line(
            "time zone",
            "bad",
            text,
            "install tzdata, or set TZ to a zone that `timedatectl list-timezones` shows",
        )
    return Line("time zone", "good", f"{zone}, {datetime.now().astimezone():%z}")


def _is_known(zone: str) -> bool:
    try:
        return bool(ZoneInfo(zone).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def memory_line() -> Line:
    """Tell how much memory is free."""
    try:
        rows = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free_mb = next(int(row.split()[1]) for row in rows if row.startswith("MemAvailable:")) // _KB_PER_MB
    except (OSError, StopIteration, ValueError, IndexError):
        return Line("memory", "unknown", "this system does not say")
    if free_mb < _LEAST_MEMORY_MB:
        return Line("memory", "bad", f"{free_mb} MB available", "end other programs")
    return Line("memory", "good", f"{free_mb} MB available")


def port_lines() -> list[Line]:
    """Tell of each serial port whether it can be opened by whoever asks."""
    from firmware_bridge.usb_ports import usb_ports

    # One that is not on USB is spoken to only where the settings name it.
    ports = [port.device for port in usb_ports() if port.on_usb]
    if not ports:
        return [Line("ports", "unknown", "no USB serial port is there", "plug the sensor in")]
    return [_port_line(port) for port in ports]


def _port_line(port: str) -> Line:
    if os.access(port, os.R_OK | os.W_OK):
        return Line("ports", "good", f"{port} can be opened")
    return Line(
        "ports", "bad", f"{port} cannot be opened", f"sudo adduser {_user()} dialout, and log in again"
    )


def _user() -> str:
    return os.environ.get("USER", "$USER")


def _zone_of_the_system() -> str:
    try:
        return str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    except OSError:
        return ""


def _service_line() -> Line:
    state = _asked("systemctl", "is-active", _SERVICE)
    if state in {"active", "activating", "reloading"}:
        return Line("service", "good", f"{_SERVICE} is {state}")
    if state == "failed":
        return Line("service", "bad", f"{_SERVICE} has failed", f"journalctl -u {_SERVICE} -n 50")
    return Line("service", "unknown", f"{_SERVICE} does not run", "`crampwatch setup --service` sets it up")


def _asked(*command: str) -> str:
    """Return what a system's tool says in a line; empty where it is not there, or says nothing."""
    tool = shutil.which(command[0])
    if tool is None or sys.platform == "win32":
        return ""
    try:
        done = subprocess.run(
            [tool, *command[1:]], capture_output=True, text=True, check=False, timeout=_ASK_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
