"""What the check says of everything but the sensor: broker, storage, clock."""

import shutil
import time
from datetime import datetime
from pathlib import Path

from crampwatch.broker import BrokerError
from crampwatch.broker_choice import own_addresses, private_broker
from crampwatch.check_line import Line
from crampwatch.session_lock import is_in_use
from crampwatch.settings import BrokerSettings, SettingsError
from crampwatch.wall_clock import EARLIEST
from detector.broker_address import BrokerAddress, BrokerAddressError
from detector.durable_sqlite import DurableFileError
from detector.mqtt_link import MqttLink
from detector.outbox import Outbox
from detector.topics import Topics

# How long a broker may take to answer, seconds of life.
_BROKER_S = 5.0
_LOOK_S = 0.05
# A night of ten hours: two bytes a sample, one channel at 1 kHz and three axes at 100 Hz, is 100 MB; so many fit
# before the disk should be looked after.
LEAST_FREE_BYTES = 1_000_000_000
_GB = 1e9
# The wall clock and the monotonic one may part by so much while the check runs, s.
_CLOCK_STEP_S = 1.0


def broker_line(settings: BrokerSettings, folder: Path, scratch: Path) -> Line:
    """Return whether messages can reach a broker: the one in the settings, or a private one tried out.

    Args:
        settings: Which broker.
        folder: Of the sessions; one that runs has the private broker's port.
        scratch: An empty folder for the private broker to be tried in.
    """
    try:
        addresses = own_addresses(settings)
        if addresses:
            lines = [_reached(address) for address in dict.fromkeys(addresses.values())]
            return next((line for line in lines if line.verdict == "bad"), lines[0])
        port = 0 if is_in_use(folder) else settings.port
        with private_broker(settings, scratch / "broker", port=port) as private:
            return _reached(private.address_of("monitor"))
    except (BrokerError, BrokerAddressError, SettingsError) as error:
        return Line("broker", "bad", str(error), "see [broker] in the settings (`crampwatch settings`)")


def _reached(address: BrokerAddress) -> Line:
    link = MqttLink(address, client_id="crampwatch-check")
    link.start()
    ends_s = time.monotonic() + _BROKER_S
    while not link.connected and time.monotonic() < ends_s:
        time.sleep(_LOOK_S)
    reached, trouble = link.connected, link.trouble
    link.close()
    if reached:
        return Line("broker", "good", f"{address} takes us")
    return Line("broker", "bad", trouble, "start it, or correct its address and login in the settings")


def disk_line(folder: Path, scratch: Path) -> Line:
    """Return whether there is room for the night, and whether the outbox of events can be written."""
    try:
        with Outbox(scratch / "outbox.sqlite") as outbox:
            outbox.append(Topics("check").event, {"check": True})
            kept = len(outbox.pending())
        free = shutil.disk_usage(folder).free
    except (DurableFileError, OSError) as error:
        return Line(
            "disk", "bad", f"{folder} cannot be written: {error}", "choose another folder with --folder"
        )
    text = f"{free / _GB:.1f} GB free in {folder}"
    if not kept:
        return Line("disk", "bad", f"{folder} does not keep what is written", "use another disk")
    if free < LEAST_FREE_BYTES:
        return Line(
            "disk", "bad", text, f"free {LEAST_FREE_BYTES / _GB:g} GB, or choose another with --folder"
        )
    return Line("disk", "good", text)


def clock_line(began_wall: datetime, began_mono_s: float, now_wall: datetime, now_mono_s: float) -> Line:
    """Return whether the wall clock can be believed, from two readings of both clocks."""
    text = f"{now_wall:%Y-%m-%d %H:%M:%S %Z}"
    if now_wall.date() < EARLIEST:
        return Line("clock", "bad", text, "set the date and the time")
    step_s = (now_wall - began_wall).total_seconds() - (now_mono_s - began_mono_s)
    if abs(step_s) > _CLOCK_STEP_S:
        return Line(
            "clock",
            "bad",
            f"{text}: it jumped by {step_s:+.1f} s meanwhile",
            "wait until it is set, check again",
        )
    return Line("clock", "good", text)
