"""A second synthetic wearer, by another mechanism than `models.synthesis` and without a line in common.

Muscle is noise under an envelope: white noise, shaped by a band-pass whose edges are drawn for each person and
state, times an envelope in µV that a scene draws. There are no motor units. Acceleration is two angles and what
shakes. Ranges are those of science.md sections 10 and 11, drawn wide; the truth is the envelope that was drawn.
It exists to examine the detector, so nothing is ever trained on it. All of it is synthetic.
"""

from models.second_wearer.cohorts import COHORTS, Cohort
from models.second_wearer.night import Night, make_night

__all__ = ["COHORTS", "Cohort", "Night", "make_night"]
