"""The sensor's buzz as the wearer's nearest alarm: when it is called for, and whether the board has done it. Pure.

What is to be felt is the alarm engine's to say (`detector.alarms.signals`). The bridge repeats a CUE until the board
acknowledges it (`firmware_bridge.downlink`). A board reports its shaking by a MARK, which is sent once and may be
lost: the host then notes the cue by itself, so that the detector always knows of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from detector.alarms.signals import Signals
from firmware_bridge.frames import PATTERNS, Cue
from firmware_bridge.marks import cue_mark
from firmware_bridge.samples import Mark

# A board begins to shake within 50 ms and says so at once; two frames on the line and the host's read take as long
# again. What has not been reported by then is noted by the host.
REPORTED_WITHIN_S = 0.15
# What is known of a cue is kept until the bridge has given it up (2.25 s) and a little longer.
_FORGOTTEN_AFTER_S = 5.0


class Buzz(NamedTuple):
    """A cue, and how soon it comes again while what it is for goes on unanswered; None: once."""

    cue: Cue
    every_s: float | None


_PULSE, _DOUBLE, _URGENT = (PATTERNS.index(name) for name in ("pulse", "double", "urgent"))
# Two rounds of the double pulse are felt in sleep; between two cues the detector sees the muscle for four times as
# long as it does not.
ALARM = Buzz(Cue(_DOUBLE, _DOUBLE, 3000), 15.0)
URGENT = Buzz(Cue(_URGENT, _URGENT, 3000), 10.0)
GENTLE = Buzz(Cue(_PULSE, _PULSE, 1000), None)
# One short pulse, without light: nobody else notices.
HINT = Buzz(Cue(_PULSE, PATTERNS.index("off"), 200), None)
_BUZZES: Mapping[str, Buzz] = {"hint": HINT, "gentle": GENTLE, "alarm": ALARM}


@dataclass(slots=True)
class _Sent:
    cue: Cue
    index: int
    at_s: float
    reported: bool = False


class Buzzer:
    """Turns signals into cues and follows these.

    Args:
        reported_within_s: How long a board may take to report a cue.
    """

    def __init__(self, reported_within_s: float = REPORTED_WITHIN_S) -> None:
        self._reported_within_s = reported_within_s
        # What is being told, and when it was told last.
        self._telling: tuple[str | None, Buzz] | None = None
        self._told_s = 0.0
        self._sent: list[_Sent] = []
        self._answers: tuple[int, ...] = (0, 0, 0, 0)
        self._counts = dict.fromkeys(("cues", "cues_unreported", "cues_refused", "cues_given_up"), 0)
        self.trouble = ""

    @property
    def counters(self) -> Mapping[str, int]:
        """How cues fared so far."""
        return dict(self._counts)

    def due(self, signals: Signals, now_s: float) -> Cue | None:
        """Return the cue that is to go out now, if any; ask at every turn."""
        buzz = URGENT if signals.cue == "alarm" and signals.priority == "high" else _BUZZES.get(signals.cue)
        telling = None if buzz is None else (signals.sounding_id, buzz)
        before, self._telling = self._telling, telling
        if buzz is None:
            return None
        again = buzz.every_s is not None and now_s - self._told_s >= buzz.every_s
        if telling == before and not again:
            return None
        self._told_s = now_s
        return buzz.cue

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
