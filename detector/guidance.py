"""All medical wording, each sentence with its source and date; nothing else in this program gives advice.

The version goes into reports. A change of any sentence is a change of the version, and is reviewed as such.
crampwatch is a comfort aid, not a medical device.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

VERSION = "2 (2026-11-22)"

_GERMAN = "de"

Topic = Literal[
    "calf",
    "foot",
    "thigh",
    "floor",
    "appointment",
    "urgent",
    "clot",
    "rhythmic",
    "emergency",
    "prevention",
    "stretch",
    "diary",
    "skin",
]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reviewed sentence.

    Attributes:
        topic: When it is said.
        text: As it is said.
        source: Where it comes from.
        dated: When the source was written or seen; ``n.d.`` where it carries no date.
        german: The same in German: our translation (2026-11-22), to be reviewed by a clinician.
    """

    topic: Topic
    text: str
    source: str
    dated: str
    german: str

    def said_in(self, language: str) -> "Sentence":
        """Return the sentence as it is said in a language; in English where there is no translation."""
        return replace(self, text=self.german) if language == _GERMAN else self


_LEAFLET = "NHS-derived leaflet on leg cramps (doctoori.net), wording as on the NHS page"
_MAYO = "Mayo Clinic, muscle cramp, page 24; zana.com leg cramps; K. K. Aggarwal"
_EPILEPSY = "Epilepsy Society, first aid quick guide; UTMB Health neurology"
_STATUS = "Trinka et al., Epilepsia 56:1515: convulsive status epilepticus, t1 = 5 min"
_HALLEGRAEFF = "Hallegraeff et al. 2012, J Physiother 58:17: the stretches before sleep that were tried"
_OURS = "ours, from prior knowledge, to be reviewed by a clinician"

SENTENCES: tuple[Sentence, ...] = (
    Sentence(
        "calf",
        "Straighten the knee, pull the toes toward the shin and hold for 30 s.",
        _MAYO,
        "seen 2026",
        german="Das Knie strecken, die Zehen zum Schienbein ziehen und 30 s halten.",
    ),
    Sentence(
        "calf",
        "Massage it; press the heel down.",
        _MAYO,
        "seen 2026",
        german="Den Muskel massieren; die Ferse nach unten drücken.",
    ),
    Sentence(
        "foot",
        "Pull the big toe toward you.",
        _OURS,
        "2026",
        german="Die große Zehe zu sich heranziehen.",
    ),
    Sentence(
        "thigh",
        "Straighten and stretch it.",
        _OURS,
        "2026",
        german="Das Bein strecken und dehnen.",
    ),
    Sentence(
        "floor",
        "Mind the floor in the dark: sit before you stand.",
        _OURS,
        "2026",
        german="Vorsicht im Dunkeln: erst aufsetzen, dann aufstehen.",
    ),
    Sentence(
        "appointment",
        "Ask for a doctor's appointment about cramps that disturb sleep often, come with numbness or weakness, or "
        "began with a new medicine; do not stop or change a prescribed medicine yourself.",
        _LEAFLET,
        "seen 2026",
        german=(
            "Einen Arzttermin ausmachen bei Krämpfen, die oft den Schlaf stören, mit Taubheit oder Schwäche "
            "einhergehen oder mit einem neuen Medikament begannen; ein verordnetes Medikament nicht selbst "
            "absetzen oder ändern."
        ),
    ),
    Sentence(
        "urgent",
        "A cramp that lasts more than 10 minutes needs urgent advice.",
        _LEAFLET,
        "seen 2026",
        german="Ein Krampf, der länger als 10 Minuten dauert, braucht dringend ärztlichen Rat.",
    ),
    Sentence(
        "clot",
        "One leg swollen, warm, red or painful between cramps: do not massage it, get urgent help; with "
        "breathlessness or chest pain it is an emergency.",
        _OURS,
        "2026",
        german=(
            "Ein Bein zwischen den Krämpfen geschwollen, warm, rot oder schmerzhaft: nicht massieren, "
            "dringend Hilfe holen; mit Atemnot oder Brustschmerz ist es ein Notfall."
        ),
    ),
    Sentence(
        "rhythmic",
        "Check the person.",
        _EPILEPSY,
        "seen 2026",
        german="Nach der Person sehen.",
    ),
    Sentence(
        "rhythmic",
        "If they do not respond: time it, stay, cushion the head, clear hazards, put nothing in the mouth, do not hold "
        "them down; recovery position when the jerking stops; follow their seizure plan.",
        _EPILEPSY,
        "seen 2026",
        german=(
            "Wenn sie nicht reagiert: auf die Uhr sehen, dableiben, den Kopf polstern, Gefährliches "
            "wegräumen, nichts in den Mund stecken, nicht festhalten; stabile Seitenlage, wenn das Zucken "
            "aufhört; dem Anfallsplan folgen."
        ),
    ),
    Sentence(
        "emergency",
        "Call the emergency services at 5 minutes, or at once if it is the first time, repeats without recovery, or "
        "with breathing trouble, injury, pregnancy, diabetes, or in water.",
        f"{_STATUS}; {_EPILEPSY}",
        "2015; seen 2026",
        german=(
            "Nach 5 Minuten den Notruf wählen, oder sofort, wenn es das erste Mal ist, sich ohne Erholung "
            "wiederholt, bei Atemnot, Verletzung, Schwangerschaft, Diabetes oder im Wasser."
        ),
    ),
    Sentence(
        "prevention",
        "An evening stretch of calf and hamstring, 3 x 10 s, may help (three trials, low quality).",
        "Cochrane CD008496.pub3; Hallegraeff et al. 2012, J Physiother 58:17",
        "2021; 2012",
        german=(
            "Wade und hinteren Oberschenkel am Abend zu dehnen, 3 x 10 s, kann helfen (drei Studien, geringe "
            "Güte)."
        ),
    ),
    Sentence(
        "stretch",
        "Calf: face a wall an arm's length away, one leg behind the other, heels on the floor; lean forward until the "
        "rear calf pulls. Hold 10 s, three times for each leg.",
        _HALLEGRAEFF,
        "2012",
        german=(
            "Wade: eine Armlänge vor einer Wand stehen, ein Bein hinter dem anderen, die Fersen am Boden; "
            "nach vorn lehnen, bis die hintere Wade zieht. 10 s halten, dreimal je Bein."
        ),
    ),
    Sentence(
        "stretch",
        "Back of the thigh: put one heel on a low stool, knee straight, and bend forward from the hips until it "
        "pulls. Hold 10 s, three times for each leg.",
        _HALLEGRAEFF,
        "2012",
        german=(
            "Hinterer Oberschenkel: eine Ferse auf einen niedrigen Hocker stellen, das Knie gestreckt, und "
            "aus der Hüfte nach vorn beugen, bis es zieht. 10 s halten, dreimal je Bein."
        ),
    ),
    Sentence(
        "stretch",
        "Hold on to something steady; stop if it hurts. Not without a doctor's word after an injury or an operation "
        "of the leg.",
        _OURS,
        "2026",
        german=(
            "An etwas Festem festhalten; aufhören, wenn es schmerzt. Nach einer Verletzung oder Operation des "
            "Beins nicht ohne ärztlichen Rat."
        ),
    ),
    Sentence(
        "diary",
        "What the diary points to is suspected, never known.",
        _OURS,
        "2026",
        german="Worauf das Tagebuch hindeutet, ist vermutet, nie bekannt.",
    ),
    Sentence(
        "skin",
        "Worn, the sensor runs on its battery or behind an isolator; no mains-connected USB on a sleeping person. Take "
        "it off with redness or itching. Not with an implanted stimulator or on broken skin without a doctor's word. "
        "For adults.",
        _OURS,
        "2026",
        german=(
            "Am Körper läuft der Sensor mit seiner Batterie oder hinter einem Trenner; kein USB am Netz an "
            "einer schlafenden Person. Bei Rötung oder Juckreiz abnehmen. Nicht mit einem eingesetzten "
            "Stimulator oder auf verletzter Haut ohne ärztlichen Rat. Für Erwachsene."
        ),
    ),
)

# Words in a sensor's name or site that say where it sits; the first that is found counts.
_SITES: Mapping[str, Topic] = MappingProxyType(
    {
        "calf": "calf",
        "gastrocnemius": "calf",
        "soleus": "calf",
        "foot": "foot",
        "toe": "foot",
        "thigh": "thigh",
        "quadriceps": "thigh",
        "hamstring": "thigh",
    }
)
_CRAMP_CODES = frozenset({"CRAMP"})
_RHYTHMIC_CODES = frozenset({"RHYTHMIC"})


def advice(code: str, site: str, language: str = "en") -> str:
    """Return what to do about a condition, in as few sentences as an alert has room for; empty where nothing is known.

    Args:
        code: The condition's.
        site: Where it is, or what the sensor is called.
        language: What it is said in.
    """
    if code in _RHYTHMIC_CODES:
        return _said(sentences("rhythmic", "emergency", language=language))
    topic = next((topic for word, topic in _SITES.items() if word in site.lower()), None)
    if code not in _CRAMP_CODES or topic is None:
        return ""
    return _said((sentences(topic, language=language)[0], *sentences("floor", language=language)))


def sentences(*topics: Topic, language: str = "en") -> tuple[Sentence, ...]:
    """Return the reviewed sentences on some topics, in their order, with their sources."""
    return tuple(
        sentence.said_in(language) for topic in topics for sentence in SENTENCES if sentence.topic == topic
    )


def _said(told: Iterable[Sentence]) -> str:
    return " ".join(sentence.text for sentence in told)
