"""What pushes say: the least that brings a person to the page, unless the household wants more.

No medical wording lives here; where the household wants it, it comes from `detector.alarms.wording`.
"""

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import Moment, Occurrence
from detector.alarms.wording import full_text, late_words
from detector.alerter.channels import Push

TITLE = "crampwatch"
AGAIN = "Again (it may have reached you already): "
_SLEEPER = "sleeper"


def alarm_push(
    push_id: str,
    alarm: Occurrence,
    rung: str,
    at: Moment,
    *,
    late_s: float = 0.0,
    health_detail: bool = False,
) -> Push:
    """Return the push of one step of the ladder.

    Args:
        push_id: The same at every repetition.
        alarm: What stands.
        rung: The ladder's row.
        at: Now.
        late_s: How long after it was due it leaves (I9).
        health_detail: Whether it says what the alarm is, and what to do.
    """
    reminder = "Reminder: " if "again" in rung or "reminder" in rung else ""
    if health_detail:
        return Push(push_id, TITLE, reminder + full_text(alarm, at, late_s=late_s))
    late = f"{words}: " if (words := late_words(late_s)) else ""
    text = f"{reminder}{late}{_what(alarm)}, answer in the app."
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


def _what(alarm: Occurrence) -> str:
    condition = CONDITIONS[alarm.code]
    if condition.region == "tech":
        return f"{condition.title} ({where(alarm)})"
    return f"{'Urgent alarm' if alarm.priority == 'high' else 'Alarm'} on {where(alarm)}"
