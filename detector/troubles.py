"""What stands in the way of watching besides the signal itself, as the alarm engine should know of it."""

from dataclasses import dataclass, field

from detector.alarms.ladder import BUZZER
from detector.alarms.values import Observation
from detector.buzzer import Buzzer
from detector.host_battery import HostBattery
from detector.publisher import LINK_DOWN_AFTER_S, Publisher
from detector.reserve import Reserve
from detector.time_faults import TimeFaults
from detector.under_way import Observed
from detector.vigil import Vigil


@dataclass(slots=True)
class Troubles:
    """Asks everybody who may know of one. Use it from the run loop's thread.

    Attributes:
        publisher: Of the broker, and of the disk.
        time: Of the clocks.
        buzzer: Of the sensor's buzz.
        vigil: Of the alerter.
        battery: The computer's.
        reserve: Room on the disk, which is given up where the publisher needs it.
        model: Why the model cannot be used; empty where it can.
        limits: Why the wearer's own limits cannot be used; empty where they can, or there are none.
        settings: Why others than the file's settings are used; empty where they are used.
    """

    publisher: Publisher
    time: TimeFaults
    buzzer: Buzzer
    vigil: Vigil
    battery: HostBattery
    reserve: Reserve
    model: str = ""
    limits: str = ""
    settings: str = ""
    _recorded_s: float | None = field(default=None, init=False)

    def observed(self, now_s: float, recording_fault: str | None) -> Observed:
        """Return what holds now.

        Args:
            now_s: Monotonic time.
            recording_fault: Why nothing is recorded; None while it is.
        """
        observed: Observed = {(code, ""): Observation(text) for code, text in self.time.news().items()}
        self._of_the_publisher(observed, now_s)
        on_battery = self.battery.observed(now_s)
        if on_battery is not None:
            observed["BATTERY", "host"] = on_battery
        if recording_fault is None:
            self._recorded_s = now_s
        else:
            # What is lost counts from the last moment at which it was not.
            text = f"Nothing is recorded: {recording_fault}."
            observed["STORAGE", ""] = Observation(text, since_s=self._recorded_s)
        if self.model:
            observed["MODEL", ""] = Observation(self.model)
        if self.limits:
            observed["CONFIG", "limits"] = Observation(self.limits)
        if self.settings:
            observed["CONFIG", "settings"] = Observation(self.settings)
        if self.buzzer.trouble:
            observed["LINK_DOWN", BUZZER] = Observation(self.buzzer.trouble)
        if self.vigil.alerter_trouble:
            # A sign is trusted for as long as the alarm waits: both count from the last one.
            seen_s = self.vigil.alerter_seen_s
            observed["DETECTOR_DOWN", "alerter"] = Observation(self.vigil.alerter_trouble, since_s=seen_s)
        return observed

    def _of_the_publisher(self, observed: Observed, now_s: float) -> None:
        standing = self.publisher.conditions()
        for condition in standing:
            key = "outbox" if condition.code == "STORAGE" else ""
            # The publisher has waited for so long by itself.
            since_s = now_s - LINK_DOWN_AFTER_S if condition.code == "LINK_DOWN" else None
            observed[condition.code, key] = Observation(condition.text, since_s=since_s)
        self.reserve.tend(now_s, needed=any(condition.code == "STORAGE" for condition in standing))
