"""How the night stands: the signal, the contraction under way, and the night so far.

Pure: it is told what was detected and asked for its view; the clock comes in with each call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from detector.battery import PERCENT, battery_priority, percent_of
from detector.losses import LossMeter
from detector.monitor_state import Code, Contact, ContractionNow, MonitorState, Priority, TechnicalCondition
from detector.types import Contraction, SignalQuality
from firmware_bridge.samples import Gap, LinkState, SampleBlock, SensorInfo, SensorStatus

WallAt = Callable[[int], datetime]

# Quality flags that mean the electrode has come off; any other flag leaves a poor signal (science.md section
# 6).
OFF_FLAGS = frozenset({"flat", "railed", "lead_off"})
# Silence that is worth a word (RELIABILITY.md P3: state within 5 s), and that presses (ALARMS.md section 1).
SILENT_S, LONG_SILENT_S = 5.0, 30.0
# A signal that has been bad for this long is worth a word, and for this long presses (ALARMS.md section 1).
BAD_SIGNAL_S, LONG_BAD_SIGNAL_S = 10.0, 60.0

_BAD_SIGNAL_TEXT = "The signal is not usable; check the electrodes."


@dataclass(slots=True)
class Standing:
    """The night so far, of one sensor.

    Attributes:
        state: What is known, without the conditions.
        started_s: Monotonic time of the start; a sensor that never spoke is silent since then.
        last_good_s: Monotonic time at which the last usable second had come; None before the first.
    """

    state: MonitorState
    started_s: float
    last_good_s: float | None = None
    _open: dict[str, ContractionNow] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)
    _conditions: dict[Code, TechnicalCondition] = field(default_factory=dict)
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
            system="armed",
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

    def quality(self, quality: SignalQuality, rate_hz: float, now_s: float) -> None:
        """Note a second of signal; the first channel speaks for the sensor."""
        if quality.channel != 0:
            return
        seconds = quality.samples / rate_hz
        usable = not quality.flags
        self._bad_s = 0.0 if usable else self._bad_s + seconds
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

    def contraction(self, event: Contraction, wall_at: WallAt) -> None:
        """Note a revision of a contraction."""
        since = wall_at(event.onset_index)
        if event.phase == "ended":
            self._open.pop(event.id, None)
        elif event.kind != "artefact":
            certainty = event.quality
            self._open[event.id] = ContractionNow(
                event.id,
                event.kind,
                event.alert,
                since,
                event.site,
                certainty,
                event.confirmed,
                event.confidence,
                event.reason,
            )
        self._count(event, since)
        # What alarms stands before what does not; among equals the newest.
        shown = sorted(self._open.values(), key=lambda now: (now.alert != "none", now.since))
        self.state = replace(self.state, now=shown[-1] if shown else None)

    def _count(self, event: Contraction, since: datetime) -> None:
        if event.id not in self._counted and event.alert == "cramp":
            self._counted.add(event.id)
            self.state = replace(self.state, cramps_tonight=self.state.cramps_tonight + 1, last_cramp=since)
        if event.id in self._counted and event.phase == "ended":
            self.state = replace(self.state, last_duration_s=round(event.duration_s, 1))

    def data(self, item: SampleBlock | Gap, now_s: float) -> None:
        """Note that samples came, or that some are known to be missing."""
        self._last_data_s = now_s
        if self._losses is not None:
            self._losses.take(item)

    def judged(self, *, now_s: float, at: datetime, faults: Mapping[Code, str]) -> MonitorState:
        """Return the state with the conditions that stand at this moment.

        Args:
            now_s: Monotonic time.
            at: The same moment on the wall clock.
            faults: What others have found, as sentences.
        """
        silent_s = now_s - self._last_data_s
        silent = silent_s > SILENT_S
        found: dict[Code, tuple[Priority, str]] = {code: ("low", text) for code, text in faults.items()}
        if silent:
            found["NO_DATA"] = ("medium" if silent_s > LONG_SILENT_S else "low", self._silence_text())
        if self._bad_s >= BAD_SIGNAL_S:
            found["BAD_SIGNAL"] = ("medium" if self._bad_s >= LONG_BAD_SIGNAL_S else "low", _BAD_SIGNAL_TEXT)
        elif self._losses is not None and self._losses.lossy:
            found["BAD_SIGNAL"] = ("low", self._loss_text(self._losses.share))
        if self._battery:
            found["BATTERY"] = (
                self._battery,
                f"The sensor's battery is at {self.state.battery_percent} %; charge it.",
            )
        self._conditions = {
            code: TechnicalCondition(code, priority, self._since(code, at), text)
            for code, (priority, text) in found.items()
        }
        contact: Contact = "unknown" if silent else self.state.contact
        now = self.state.now
        if silent and now is not None:
            # Nobody can tell whether it goes on: it stays, and is said to be unsure (ALARMS.md I3).
            now = replace(now, certainty="unconfirmed")
        return replace(self.state, contact=contact, now=now, conditions=tuple(self._conditions.values()))

    def _since(self, code: Code, at: datetime) -> datetime:
        return self._conditions[code].since if code in self._conditions else at

    def _silence_text(self) -> str:
        if self._link is not None and not self._link.up:
            return self._link.reason
        return "No samples come from the sensor."

    def _loss_text(self, share: float) -> str:
        return (
            f"{share * PERCENT:.0f} % of the samples are lost between sensor and computer: bring them nearer, "
            "or try another cable or port."
        )
