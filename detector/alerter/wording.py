"""What pushes say: the least that brings a person to the page, unless the household wants more.

No medical wording lives here; where health detail is wanted, it is the alarm's own sentence.
"""

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import Occurrence
from detector.alerter.channels import Push

TITLE = "crampwatch"
# Later than this after it was due, a push says how late it is (I9), s.
LATE_S = 60.0
AGAIN = "Again (it may have reached you already): "
_SECONDS_PER_MINUTE = 60
_SLEEPER = "sleeper"


def alarm_push(
    push_id: str, alarm: Occurrence, rung: str, *, late_s: float = 0.0, health_detail: bool = False
) -> Push:
    """Return the push of one step of the ladder.

    Args:
        push_id: The same at every repetition.
        alarm: What stands.
        rung: The ladder's row.
        late_s: How long after it was due it leaves.
        health_detail: Whether it says what the alarm is.
    """
    urgent = alarm.priority == "high"
    words = [
        "Reminder:" if "again" in rung or "reminder" in rung else "",
        f"late {round(late_s / _SECONDS_PER_MINUTE)} min:" if late_s >= LATE_S else "",
        f"{_what(alarm, urgent=urgent, health_detail=health_detail)}, answer in the app.",
        alarm.text if health_detail else "",
        "The signal was lost since." if health_detail and alarm.unconfirmed else "",
    ]
    text = " ".join(word for word in words if word)
    return Push(push_id, TITLE, text[0].upper() + text[1:])


def answered_push(push_id: str, alarm: Occurrence) -> Push:
    """Return what the others are told once somebody has answered."""
    who = "at the bed" if alarm.acked_by == _SLEEPER else f"by {alarm.acked_by}"
    on_the_way = f"{alarm.acked_by} is on the way: alarm on {where(alarm)}."
    answered = f"Alarm on {where(alarm)} was answered {who}."
    return Push(push_id, TITLE, on_the_way if alarm.answer == "going" else answered)


def where(alarm: Occurrence) -> str:
    """Return the sensor that an alarm is about; of the alerter's own alarms, the sensor that they name."""
    return alarm.site or (alarm.key if alarm.code == "DETECTOR_DOWN" else "") or alarm.sensor


def _what(alarm: Occurrence, *, urgent: bool, health_detail: bool) -> str:
    condition = CONDITIONS[alarm.code]
    if health_detail or condition.region == "tech":
        return f"{'Urgent: ' if urgent else ''}{condition.title} ({where(alarm)})"
    return f"{'Urgent alarm' if urgent else 'Alarm'} on {where(alarm)}"
