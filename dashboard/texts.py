"""Every text of the pages, in English: what a translation would translate. No advice stands here."""

from collections.abc import Mapping

DISCLAIMER = "A comfort aid, not a medical device."
NOT_WATCHING = "Not watching"
WATCHING = "Watching"
CRAMP = "Cramp"
RHYTHMIC = "Rhythmic contractions"
TIGHT = "Muscle active"

NEVER_HEARD = "No sensor has been heard yet."
NO_BROKER = "These pages hear nothing: {trouble}."
STOPPED = "The monitor has stopped."
SILENT = "No sign of life from the monitor for {length}."
OUT_OF_DATE = "What the monitor said last is out of date."
NO_GOOD_SAMPLE = "No usable signal has come from the sensor yet."
OLD_SAMPLE = "The last usable signal is {length} old."
CALM = "The signal is good and the muscle is at rest."
UNSURE = "The signal was lost during it."
WAS_RUNNING = "A contraction was under way then."
NOT_LOGGED = "The night log cannot be written; the monitor keeps the events until it can."
PUT_ASIDE = (
    "The night log was damaged. It was put aside as {name}, and a new one begun; recordings are not touched."
)

UNREADABLE = "cannot be read"
NO_START = "does not say when it began"

# Lanes of a night, top to bottom: short, they stand in a narrow gutter.
LANES = {
    "cramp": "Cramp",
    "rhythmic": "Rhythmic",
    "tight": "Tight",
    "leg_movement": "Leg moves",
    "signal": "Signal",
}
KINDS = {
    "tonic": "Tight muscle",
    "clonic": "Rhythmic bursts",
    "leg_movement": "Leg movement",
    "tension_rise": "Rising tension",
    "artefact": "Signal trouble",
}
VERDICTS = {"cramp": "Cramp", "clonic": "Rhythmic contractions", "tonic_clonic": "Tight, then rhythmic"}
CONTACTS = {"good": "good", "poor": "poor", "off": "off the skin", "unknown": "not known"}
CERTAINTIES = {
    "good": "",
    "doubtful": "in doubt: something technical was wrong",
    "unconfirmed": "not confirmed: the signal was lost during it",
}
NOT_MEASURED = "not measured"
NOTHING = "–"

UNPROVEN = "Watching, not proven"
UNPROVEN_REASON = "The signal is good; that everybody would be reached tonight has not been proven."
ALARM_STANDS = "An alarm stands that nobody has answered."
PRIORITIES = {"high": "urgent", "medium": "needs an answer", "low": "to know", "advisory": "to know"}
CHANNELS = {
    "page": "page",
    "push": "message",
    "sound": "sound",
    "button": "button",
    "cue": "vibration",
    "light": "light",
}
OUTCOMES = {
    "sent": "sent",
    "delivered": "delivered",
    "shown": "shown",
    "answered": "answered",
    "failed": "failed",
}
IN_THE_ROOM = "in the room"
UNANSWERED = "Nobody has answered yet."
ACKED = "Answered by {who}."
GOING = "{who}: on the way."
DECLINED = "Cannot come: {who}."
# Who answered, where a page knows no name.
AT_THE_PAGE = "somebody at the base station"
PLACE = "page"
NOT_UNDERSTOOD = "The answer was not understood. Load the page again."
ALARM_OVER = "That alarm is over."
NOT_NOW = "{title}: this answer is not possible as it stands now."
NOT_SENT = "The answer could not be sent: {trouble}. The alarm goes on."
BROKER_SLOW = "the broker does not take it"

# What the templates and scripts say by themselves.
PAGE: Mapping[str, str] = {
    "disclaimer": DISCLAIMER,
    "skip": "To the content",
    "pages": "Pages",
    "now": "Now",
    "nights": "Nights",
    "no_script": "These pages need JavaScript to show live signals.",
    # Now
    "connecting": "Connecting …",
    "connecting_reason": "Asking the base station how things stand.",
    "not_watching": NOT_WATCHING,
    "stale": "This page has lost the base station.",
    "stale_reason": "The base station has not answered for {length}. What is below is old.",
    "synthetic": "The sensor is simulated: nobody is wearing it.",
    "tonight": "Tonight",
    "monitored": "Usable signal",
    "contact": "Electrodes",
    "battery": "Battery",
    "newest": "Newest signal",
    "just_now": "just now",
    "ago": "{length} ago",
    "sensor": "Sensor",
    "activity": "Muscle activity",
    "activity_unit": "µV RMS, last minute",
    "activity_twin": "Strength of the muscle's signal over the last minute. What it held is in the list below.",
    "resting": "resting level",
    "movement": "Movement",
    "movement_unit": "mg",
    "missed": "This page was too slow for {count} messages; the curve has holes, the list has none.",
    "found": "What was found",
    "found_span": "in the last 24 hours",
    "found_none": "Nothing has been found yet.",
    "going_on": "{length}, going on",
    "end_not_seen": "end not seen",
    # Care
    "care": "Care",
    "heard": "Heard from the base station {length} ago.",
    "nobody_calls": "No alarm stands.",
    "your_name": "Your name, for the others",
    # Alarms
    "told": "Who has been told",
    "alarms": "Alarms",
    "awake": "I'm awake, stop the alarm",
    "seen": "I've seen it, stop the alarm",
    "going": "I'm going",
    "cannot": "Can't, ask next",
    "reset": "It is over",
    "snooze": "Quiet for",
    "snooze_minutes": "{minutes} min",
    "for": "for {length}",
    "quiet_until": "quiet until {time}",
    "is_over": "has ended",
    "sending": "Sending your answer …",
    "not_taken": "The monitor has not taken the answer. The alarm goes on; try again or go there.",
    "no_answer": "The base station did not take the answer. The alarm goes on.",
    # A night
    "no_nights": "No night has been recorded yet.",
    "no_nights_how": "One begins with {run}, or, without a sensor, with {demo}.",
    "older": "Night before",
    "newer": "Night after",
    "reading": "Reading the night …",
    "nothing_readable": "Nothing of this night can be read.",
    "unreadable": "The signals cannot be read: {reason}",
    "view": "Timeline of the night. Arrow keys move, plus and minus zoom, 0 shows all of it, "
    "n and p step through the events.",
    "toolbar": "Window",
    "event": "Event",
    "event_back": "Event before",
    "event_on": "Next event",
    "zoom_out": "Zoom out",
    "zoom_in": "Zoom in",
    "whole": "Whole night",
    "overview": "The whole night; the bright part is shown above. Drag to move it.",
    "envelope": "Muscle activity",
    "envelope_unit": "µV, RMS over 0.1 s, logarithmic",
    "emg": "EMG",
    "emg_unit": "µV",
    "posture": "Posture and movement",
    "posture_unit": "x, y, z in g",
    "events": "Events",
    "all_events": "Leg movements and signal trouble too",
    "none_found": "Nothing was found.",
    "column_what": "What",
    "column_start": "Start",
    "column_measured": "Measured",
    "column_reason": "Why",
    "lane_twin": "{lane}: {count}",
    "lane_none": "{lane}: none",
    "no_signal": "no signal",
    "updating": "updating",
    "peak": "peak {value} µV",
    "bursts": "{value} bursts a second",
    "certainty": "certainty {value} %",
    "hint": "Drag to move, wheel or pinch to zoom, click an event to see it.",
}
