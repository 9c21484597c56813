"""The sensor's buzz as the wearer's nearest alarm: which cue for what, and whether the board has done it. Pure.

The bridge repeats a CUE until the board acknowledges it (`firmware_bridge.downlink`). A board reports its shaking
by a MARK, which is sent once and may be lost: the host then notes the cue by itself, so that the detector always knows
of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from detector.monitor_state import Mode
from detector.types import Alert, Contraction
from firmware_bridge.frames import PATTERNS, Cue
from firmware_bridge.marks import cue_mark
from firmware_bridge.samples import Mark

# A board begins to shake within 50 ms and says so at once; two frames on the line and the host's read take as long
# again. What has not been reported by then is noted by the host.
REPORTED_WITHIN_S = 0.15
# What is known of a cue is kept until the bridge has given it up (2.25 s) and a little longer.
_FORGOTTEN_AFTER_S = 5.0
# Two rounds of the double pulse: short enough to leave most of a cramp to be seen, long enough to be felt in sleep.
CUE_MS = 3000
# A run of rhythmic contractions is worth waking for from this length on, s (ALARMS.md section 1).
RHYTHMIC_AFTER_S = 10.0

_DOUBLE, _URGENT = PATTERNS.index("double"), PATTERNS.index("urgent")
_CUES: Mapping[Alert, Cue] = {
    "cramp": Cue(_DOUBLE, _DOUBLE, CUE_MS),
    "clonic": Cue(_URGENT, _URGENT, CUE_MS),
    "tonic_clonic": Cue(_URGENT, _URGENT, CUE_MS),
}
# Modes in which a verdict is told to nobody who sleeps (ALARMS.md section 5).
_SILENT_MODES: frozenset[Mode] = frozenset({"observe"})


@dataclass(slots=True)
class _Sent:
    cue: Cue
    index: int
    at_s: float
    reported: bool = False


class Buzzer:
    """Chooses cues and follows them.

    Args:
        mode: Who is woken.
        reported_within_s: How long a board may take to report a cue.
    """

    def __init__(self, mode: Mode, reported_within_s: float = REPORTED_WITHIN_S) -> None:
        self._mode = mode
        self._reported_within_s = reported_within_s
        # Alerts already answered by a cue, by event.
        self._told: set[tuple[str, Alert]] = set()
        self._sent: list[_Sent] = []
        self._answers: tuple[int, ...] = (0, 0, 0, 0)
        self._counts = dict.fromkeys(("cues", "cues_unreported", "cues_refused", "cues_given_up"), 0)
        self.trouble = ""

    @property
    def counters(self) -> Mapping[str, int]:
        """How cues fared so far."""
        return dict(self._counts)

    def wanted(self, event: Contraction) -> Cue | None:
        """Return the cue that a revision of a contraction calls for: once for each verdict on it."""
        cue = _CUES.get(event.alert)
        if cue is None or self._mode in _SILENT_MODES or event.phase == "ended":
            return None
        if event.alert == "clonic" and event.duration_s < RHYTHMIC_AFTER_S:
            return None
        if (event.id, event.alert) in self._told:
            return None
        self._told.add((event.id, event.alert))
        return cue

    def sent(self, cue: Cue, index: int, now_s: float) -> None:
        """Take note that a cue goes out.

        Args:
            cue: The cue.
            index: Index of the next sample.
            now_s: Monotonic time.
        """
        self._counts["cues"] += 1
        self._sent.append(_Sent(cue, index, now_s))

    def heard(self, mark: Mark) -> None:
        """Take note of the board's report."""
        for sent in self._sent:
            if not sent.reported and cue_mark(sent.cue, 0).text == mark.text:
                sent.reported = True
                return

    def unreported(self, now_s: float) -> list[Mark]:
        """Return marks for what should have been reported by now: each once."""
        late = [
            sent for sent in self._sent if not sent.reported and now_s - sent.at_s >= self._reported_within_s
        ]
        for sent in late:
            sent.reported = True
            self._counts["cues_unreported"] += 1
        self._sent = [sent for sent in self._sent if now_s - sent.at_s < _FORGOTTEN_AFTER_S]
        return [cue_mark(sent.cue, sent.index) for sent in late]

    def answered(self, counters: Mapping[str, int]) -> None:
        """Take note of how the bridge's commands fared; what concerns no cue of late is passed over."""
        before = self._answers
        self._answers = now = tuple(counters.get(name, 0) for name in _ANSWERS)
        if not self._sent:
            return
        acknowledged, refused, unanswered, unsent = (new > old for new, old in zip(now, before, strict=True))
        if acknowledged:
            self.trouble = ""
        if refused:
            self._counts["cues_refused"] += 1
            self.trouble = "The sensor refuses to buzz."
        if unanswered:
            self._counts["cues_given_up"] += 1
            self.trouble = "The sensor has not answered the call to buzz; it may have been silent."
        if unsent:
            self._counts["cues_given_up"] += 1
            self.trouble = "This board cannot buzz; only crampwatch's own firmware can."


# What the bridge counts: acknowledged, refused, unanswered, and sent to a board that knows no commands.
_ANSWERS = ("commands_acknowledged", "commands_refused", "commands_unanswered", "unsent_commands")
