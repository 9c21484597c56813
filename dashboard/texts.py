"""Every text of the pages that is not a template's own: English. No advice stands here."""

DISCLAIMER = "A comfort aid, not a medical device."
SYNTHETIC = "The sensor is simulated: nobody is wearing it."

WATCHING = "Watching"
CRAMP = "Cramp"
RHYTHMIC = "Rhythmic contractions"
TIGHT = "Muscle active"
NOT_WATCHING = "Not watching"

NEVER_HEARD = "No sensor has been heard yet."
STOPPED = "The monitor has stopped."
SILENT = "No sign of life from the monitor for {seconds} s."
OUT_OF_DATE = "What the monitor said last is out of date."
NO_GOOD_SAMPLE = "No usable signal has come from the sensor yet."
OLD_SAMPLE = "The last usable signal is {seconds} s old."
CALM = "The signal is good and the muscle is at rest."
UNSURE = "The signal was lost during it."

# Lanes of a night, top to bottom.
LANES = {
    "cramp": "Cramp",
    "tight": "Tight",
    "rhythmic": "Rhythmic",
    "leg_movement": "Leg move",
    "signal": "Signal",
}
KINDS = {
    "tonic": "sustained",
    "clonic": "rhythmic bursts",
    "leg_movement": "leg movement",
    "tension_rise": "tension rise",
    "artefact": "signal trouble",
}
VERDICTS = {"none": "", "cramp": "cramp", "clonic": "rhythmic", "tonic_clonic": "tonic, then rhythmic"}
