"""The synthetic wearer: motor units, muscle, leg, sensor and whole nights, from a seed.

Ranges and their sources are in science.md section 11. Agreement with our own simulator is not evidence about
people.
"""

from models.synthesis.classes import EVENT_CLASSES, PlannedEvent
from models.synthesis.errors import PlanError, SynthesisError
from models.synthesis.night import Night
from models.synthesis.person import PERSON_RANGES, SHIFTED_PERSON_RANGES, Person
from models.synthesis.sensor import SENSORS, SensorModel
from models.synthesis.simulation import SCENES, simulate_event, simulate_night
from models.synthesis.truth import Truth

__all__ = [
    "EVENT_CLASSES",
    "PERSON_RANGES",
    "SCENES",
    "SENSORS",
    "SHIFTED_PERSON_RANGES",
    "Night",
    "Person",
    "PlanError",
    "PlannedEvent",
    "SensorModel",
    "SynthesisError",
    "Truth",
    "simulate_event",
    "simulate_night",
]
