"""How the night stands: the signal, the contractions under way, and the night so far.

Pure: it is told what was detected and asked for its view, and for what the alarm engine should know of it; the clock
comes in with each call.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from detector.alarms.values import Observation, Priority
from detector.battery import PERCENT, battery_priority, percent_of
from detector.losses import WINDOW_S, LossMeter
from detector.monitor_state import Contact, MonitorState
from detector.types import Contraction, SignalQuality
from detector.under_way import Observed, UnderWay
from firmware_bridge.samples import Gap, LinkState, SampleBlock, SensorInfo, SensorStatus

WallAt = Callable[[int], datetime]

# Quality flags that mean the electrode has come off; any other flag leaves a poor signal (science.md section
# 6).
OFF_FLAGS = frozenset({"flat", "railed", "lead_off"})
# Samples come many times a second: a pause of this length is a silence, and what stood is unsure after the second.
QUIET_S, SILENT_S = 2.0, 5.0
# Single bad seconds come and go in every night.
BAD_S = 3.0

_BAD_SIGNAL_TEXT = "The signal is not usable; check the electrodes."
_SILENCE_TEXT = "No samples come from the sensor."


@dataclass(slots=True)
class Standing:
    """The night so far, of one sensor.

    Attributes:
        state: What is known, without the conditions.
        started_s: Monotonic time of the start; a sensor that never spoke is silent since then.
        quiet_s: How long a pause of the samples is a silence.
        last_good_s: Monotonic time at which the last usable second had come; None before the first.
        good_run_s: How long the signal has been usable without a break.
    """

    state: MonitorState
    started_s: float
    quiet_s: float = QUIET_S
    last_good_s: float | None = None
    good_run_s: float = 0.0
    _under_way: UnderWay = field(default_factory=UnderWay)
    _counted: set[str] = field(default_factory=set)
    _bad_s: float = 0.0
    _link: LinkState | None = None
    _losses: LossMeter | None = None
    _battery: Priority | None = None
    _last_data_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Count silence from the start."""
        self._last_data_s = self.started_s

    def sensor(self, info: SensorInfo, *, recording: str | None, recording_id: str) -> None:
        """Note which sensor is there, and where it is recorded."""
        self._link, self._losses = None, LossMeter(info.emg_rate_hz)
        self.state = replace(
            self.state,
            sites=info.sites,
            emg_rate_hz=info.emg_rate_hz,
            firmware=info.firmware,
            recording=recording,
            recording_id=recording_id,
        )

    def status(self, status: SensorStatus) -> None:
        """Note the board's own view."""
        if status.battery_mv is None:
            return
        percent = percent_of(status.battery_mv)
        self._battery = battery_priority(percent, self._battery)
        self.state = replace(self.state, battery_percent=percent)

    def link(self, link: LinkState) -> None:
        """Note that the link to the sensor went or came."""
        self._link = link

    def data(self, item: SampleBlock | Gap, now_s: float) -> None:
        """Note that samples came, or that some are known to be missing."""
        self._last_data_s = now_s
        if self._losses is not None:
            self._losses.take(item)

    def quality(self, quality: SignalQuality, rate_hz: float, now_s: float) -> None:
        """Note a second of signal; the first channel speaks for the sensor."""
        if quality.channel != 0:
            return
        seconds = quality.samples / rate_hz
        usable = not quality.flags
        self._bad_s = 0.0 if usable else self._bad_s + seconds
        self.good_run_s = self.good_run_s + seconds if usable else 0.0
        if usable:
            self.last_good_s = now_s
        contact: Contact = "good" if usable else "off" if OFF_FLAGS.intersection(quality.flags) else "poor"
        state = self.state
        self.state = replace(
            state,
            contact=contact,
            monitored_s=state.monitored_s + seconds,
            usable_s=state.usable_s + seconds * usable,
        )

    def contraction(self, event: Contraction, wall_at: WallAt, now_s: float) -> None:
        """Note a revision of a contraction."""
        since = wall_at(event.onset_index)
        self._under_way.take(event, since, now_s)
        self._count(event, since)
        self.state = replace(self.state, now=self._under_way.now)

    def signal_lost(self, now_s: float) -> bool:
        """Tell whether nothing usable comes, so that nobody can tell how a contraction goes on."""
        return now_s - self._last_data_s > SILENT_S or (self.state.contact == "off" and self._bad_s >= BAD_S)

    def observed(self, now_s: float) -> Observed:
        """Return what holds now, for the alarm engine: its delays and priorities are not known here."""
        observed = self._under_way.observed()
        if now_s - self._last_data_s > self.quiet_s:
            observed["NO_DATA", ""] = Observation(self._silence_text(), since_s=self._last_data_s)
        if self._bad_s >= BAD_S:
            observed["BAD_SIGNAL", ""] = Observation(_BAD_SIGNAL_TEXT, since_s=now_s - self._bad_s)
        elif self._losses is not None and self._losses.lossy:
            observed["BAD_SIGNAL", ""] = Observation(
                self._loss_text(self._losses.share), since_s=now_s - WINDOW_S
            )
        if self._battery:
            text = f"The sensor's battery is at {self.state.battery_percent} %; charge it."
            observed["BATTERY", ""] = Observation(text, priority=self._battery)
        return observed

    def view(self, now_s: float) -> MonitorState:
        """Return the state as it can be believed at this moment."""
        if now_s - self._last_data_s <= SILENT_S:
            return self.state
        now = self.state.now
        if now is not None:
            # Nobody can tell whether it goes on: it stays, and is said to be unsure (ALARMS.md I3).
            now = replace(now, certainty="unconfirmed")
        return replace(self.state, contact="unknown", now=now)

    def _count(self, event: Contraction, since: datetime) -> None:
        if event.id not in self._counted and event.alert == "cramp":
            self._counted.add(event.id)
            self.state = replace(self.state, cramps_tonight=self.state.cramps_tonight + 1, last_cramp=since)
        if event.id in self._counted and event.phase == "ended":
            self.state = replace(self.state, last_duration_s=round(event.duration_s, 1))

    def _silence_text(self) -> str:
        if self._link is not None and not self._link.up:
            return self._link.reason
        return _SILENCE_TEXT

    def _loss_text(self, share: float) -> str:
        return (
            f"{share * PERCENT:.0f} % of the samples are lost between sensor and computer: bring them nearer, "
            "or try another cable or port."
        )
