"""What a report on the synthetic wearer shows: one event of each class, in several people, and what is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from firmware_bridge.samples import SampleBlock
from models.synthesis.classes import PlannedEvent, perform
from models.synthesis.cramp_drive import CrampDrive
from models.synthesis.drives import PoolDrive
from models.synthesis.firing import DOUBLET_S
from models.synthesis.measures import Measures, interval_statistics
from models.synthesis.motor_units import Reals
from models.synthesis.night import PERSON_BRANCH, Night, branch
from models.synthesis.person import Person
from models.synthesis.ranges import MUSCLE_RANGES
from models.synthesis.sensor import SensorModel
from models.synthesis.shapes import trapezoid
from models.synthesis.simulation import simulate_event

# A sensor that hardly adds anything: the muscle is what is shown.
SENSOR = SensorModel(noise_uv=1.0, mains_uv=0.0)
# Rest before an exhibit, seconds.
REST_S = (30.0, 10.0)
# How many draws a distribution is judged by.
DRAWS = 2000
# Share of the pool that is shown firing, evenly spread.
SHOWN_UNITS = 8

PLAIN_CRAMP = {"has_precursor": 0.0, "thrashes": 0.0, "stretched": 0.0, "rise_s": 3.0, "fall_s": 4.0}
WHOLE = {"has_tonic": 1.0, "has_vibratory": 1.0, "has_clonic": 1.0, "vibratory_s": 8.0}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An event to show.

    Attributes:
        name: What the report calls it.
        event: Class of event.
        duration_s: How long it lasts.
        parameters: What is not drawn.
        phase: Name of the truth that is measured; the class itself if empty.
        trim_s: Left out at both ends, where it comes and goes.
    """

    name: str
    event: str
    duration_s: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    phase: str = ""
    trim_s: float = 2.0


EXHIBITS: tuple[Exhibit, ...] = (
    Exhibit("voluntary hold", "hold", 30.0, {"drive": 0.4, "rise_s": 0.5}),
    Exhibit("standing sway", "sway", 40.0, {"drive": 0.2}),
    Exhibit("cramp", "cramp", 60.0, {**PLAIN_CRAMP, "territory": 0.4}, trim_s=5.0),
    Exhibit("cramp of six units", "cramp", 60.0, {**PLAIN_CRAMP, "territory": 0.05}, trim_s=5.0),
    Exhibit("clonus", "clonus", 20.0),
    Exhibit("clonic run", "clonic", 30.0),
    Exhibit("tonic phase", "tonic_clonic", 60.0, {**WHOLE, "tonic_s": 15.0}, "tonic_clonic.tonic"),
    Exhibit("vibratory phase", "tonic_clonic", 60.0, WHOLE, "tonic_clonic.vibratory", 0.5),
    Exhibit("walking", "gait", 30.0, {"drive": 0.3}),
    Exhibit("foot tremor", "foot_tremor", 15.0, {"drive": 0.2}, trim_s=0.0),
    Exhibit("alternating activation", "alternating", 20.0, {"drive": 0.2}, trim_s=0.0),
    Exhibit("tremor", "tremor", 20.0),
    Exhibit("leg movement", "leg_movement", 5.0, {"drive": 0.2}, trim_s=0.5),
    Exhibit("turning over", "turn_over", 15.0, trim_s=0.5),
    Exhibit("toe pointing", "point_toe", 20.0),
    Exhibit("high-frequency leg movements", "hflm", 15.0, trim_s=0.0),
    Exhibit("rocking", "rocking", 20.0, trim_s=0.0),
    Exhibit("vibration plate", "vibration", 20.0),
    Exhibit("small movement", "small_movement", 5.0, trim_s=0.5),
    Exhibit("step", "step", 3.0, trim_s=0.2),
)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """An exhibit as it came out.

    Attributes:
        exhibit: What was shown.
        measures: One for each person.
        emg_uv: The first person's signal, from the rest before it to the rest after it.
        acc_g: Likewise, the acceleration's size.
        rate_hz: Of the EMG.
    """

    exhibit: Exhibit
    measures: tuple[Measures, ...]
    emg_uv: Reals
    acc_g: Reals
    rate_hz: float


def people(count: int, seed: int = 0) -> list[Person]:
    """Return some people of the usual population."""
    return [
        Person.sample(np.random.default_rng(branch(seed, number, PERSON_BRANCH)), name=f"shown-{number}")
        for number in range(count)
    ]


def show(exhibit: Exhibit, wearers: Sequence[Person]) -> Shown:
    """Return an exhibit played by each of some people."""
    first: tuple[Reals, Reals] | None = None
    measures = []
    for number, person in enumerate(wearers):
        night = simulate_event(
            exhibit.event,
            exhibit.duration_s,
            number,
            parameters=exhibit.parameters,
            rest_s=REST_S,
            sensor=SENSOR,
            person=person,
        )
        emg, acc = signal_of(night)
        row = next(row for row in night.truth if row.name == (exhibit.phase or exhibit.event))
        begin, end = (night.index_of(at) for at in (row.onset_s + exhibit.trim_s, row.end_s - exhibit.trim_s))
        measures.append(Measures.of(emg[begin:end], night.info.emg_rate_hz))
        first = first or (emg, acc)
    assert first is not None
    return Shown(exhibit, tuple(measures), *first, SENSOR.emg_rate_hz)


def signal_of(night: Night) -> tuple[Reals, Reals]:
    """Return the EMG in µV and the size of the acceleration in g of a night without gaps."""
    blocks = [item for item in night.items() if isinstance(item, SampleBlock)]
    emg = np.concatenate([block.emg_uv[:, 0] for block in blocks]).astype(np.float64)
    acc = np.concatenate([np.linalg.norm(block.acc_g, axis=1) for block in blocks])
    return emg, np.asarray(acc, np.float64)


def voluntary_intervals(person: Person, seed: int) -> list[Reals]:
    """Return the intervals between the firings of some units in a steady voluntary contraction of half a minute."""
    drive = PoolDrive(*trapezoid(0.0, 30.0, 0.5, rise_s=0.1, fall_s=0.1), cv=person.voluntary_cv)
    return unit_intervals(drive, person, seed)


def cramp_intervals(person: Person, seed: int) -> list[Reals]:
    """Return the intervals between the firings of some units in a cramp of a minute."""
    event = PlannedEvent(0.0, "cramp", 60.0, PLAIN_CRAMP)
    act = perform(event, person, SENSOR, MUSCLE_RANGES, np.random.default_rng(seed))
    drive = next(drive for drive in act.drives if isinstance(drive, CrampDrive))
    return unit_intervals(drive, person, seed)


def unit_intervals(drive: PoolDrive | CrampDrive, person: Person, seed: int) -> list[Reals]:
    """Return the intervals of units spread over those that fire; pauses of a second are none."""
    whole = drive.discharges(person.units, np.random.default_rng(seed))
    # Amplitudes tell the units apart.
    amplitudes = np.unique(whole.amplitude_uv)
    shown = amplitudes[:: max(1, len(amplitudes) // SHOWN_UNITS)]
    intervals = [np.diff(whole.time_s[whole.amplitude_uv == amplitude]) for amplitude in shown]
    return [each[each < 1.0] for each in intervals if np.count_nonzero(each < 1.0) > SHOWN_UNITS]


def pool_figures(wearers: Sequence[Person]) -> dict[str, float]:
    """Return figures that no stretch of EMG shows, by the names in the literature's table."""
    voluntary = [each for n, person in enumerate(wearers) for each in voluntary_intervals(person, n)]
    cramping = [each for n, person in enumerate(wearers) for each in cramp_intervals(person, n)]
    longest_doublet = 1.05 * DOUBLET_S[1]
    single = [each[each > longest_doublet] for each in cramping]
    shares = [[person.units.rms_uv(level) / person.mvc_uv for level in (0.1, 0.2)] for person in wearers]
    tenth, fifth = np.median(np.array(shares), axis=0)
    rng = np.random.default_rng(0)
    series = MUSCLE_RANGES["plm_series"]
    return {
        "voluntary firing, interval CV": median_of([irregularity(each) for each in voluntary]),
        "cramp firing, pulses per second": median_of([1.0 / float(each.mean()) for each in single]),
        "cramp firing, interval CV": median_of([irregularity(each) for each in single]),
        "cramp firing, doublets": float(np.mean(np.concatenate(cramping) <= longest_doublet)),
        "EMG at 10 % of full drive": float(tenth),
        "EMG at 20 % of full drive": float(fifth),
        "cramp duration, median s": median_of(
            [MUSCLE_RANGES["cramp"]["duration_s"].draw(rng) for _ in range(DRAWS)]
        ),
        "leg movements of a series, duration s": median_of(
            [series["movement_s"].draw(rng) for _ in range(DRAWS)]
        ),
        "leg movements of a series, interval s": median_of(
            [series["interval_s"].draw(rng) for _ in range(DRAWS)]
        ),
    }


def irregularity(intervals: Reals) -> float:
    """Return the coefficient of variation of intervals."""
    return interval_statistics(np.concatenate(([0.0], np.cumsum(intervals))))[1]


def median_of(values: Sequence[float]) -> float:
    """Return the median."""
    return float(np.median(values))
