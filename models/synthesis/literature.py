"""What the literature and the science notes say that each class of event is like, to hold the simulator against.

Sources: names and years are papers, as listed in science.md section 13; "notes" are the notes' own small generator,
which agrees with any generator of its kind by nature; "holds" are the twenty real tibialis holds in ../shared/data.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expectation:
    """A range that a measure of an exhibit is expected in.

    Attributes:
        exhibit: Name in `models.synthesis.exhibits.EXHIBITS`, or of a figure of the pool.
        measure: Field of `models.synthesis.measures.Measures`, or empty for a figure of the pool.
        low: Least.
        high: Greatest.
        source: Who says so.
    """

    exhibit: str
    measure: str
    low: float
    high: float
    source: str


EXPECTATIONS: tuple[Expectation, ...] = (
    Expectation("voluntary hold", "median_hz", 77.0, 130.0, "holds; notes 111–123"),
    Expectation("voluntary hold", "modulation", 0.20, 0.65, "holds 0.26–0.65; notes 0.20–0.27"),
    Expectation("voluntary hold", "envelope_cv", 0.15, 0.55, "holds 0.21–0.55; notes 0.15–0.22"),
    Expectation("voluntary hold", "silent", 0.0, 0.08, "holds"),
    Expectation("standing sway", "modulation", 0.20, 0.65, "holds; notes 0.27–0.35"),
    Expectation("cramp", "median_hz", 85.0, 188.0, "notes 115–188; higher than voluntary (Roeleveld 2000)"),
    Expectation("cramp", "modulation", 0.24, 0.36, "notes, 18 units and more"),
    Expectation("cramp", "envelope_cv", 0.19, 0.28, "notes"),
    Expectation("cramp", "silent", 0.0, 0.06, "notes"),
    Expectation(
        "cramp", "rhythm_hz", 0.6, 2.2, "Minetto 2009: 1.4 ± 0.4 Hz, two SD, in a third of the pairs"
    ),
    Expectation("cramp of six units", "modulation", 0.31, 0.65, "notes"),
    Expectation("cramp of six units", "silent", 0.0, 0.06, "notes"),
    Expectation("clonus", "modulation", 0.90, 0.99, "notes 0.95–0.99"),
    Expectation("clonus", "low_share", 0.5, 1.0, "Cardenas 2020: clonic band 12–70 Hz"),
    Expectation("clonic run", "modulation", 0.95, 1.0, "notes"),
    Expectation("clonic run", "silent", 0.38, 0.76, "notes"),
    Expectation("tonic phase", "high_share", 0.15, 0.7, "Conradsen 2011: more power from 100 Hz on"),
    Expectation("vibratory phase", "modulation", 0.30, 0.65, "notes 0.51–0.58"),
    Expectation("walking", "modulation", 0.60, 1.0, "treadmill_calf.edf 0.94; notes 0.98"),
    Expectation("walking", "silent", 0.0, 0.65, "treadmill_calf.edf 0.58; notes 0.59–0.65"),
    Expectation("walking", "rhythm_hz", 0.7, 2.2, "science.md section 11"),
    Expectation("foot tremor", "rhythm_hz", 0.3, 4.0, "Yang and Winkelman 2010"),
    Expectation("high-frequency leg movements", "rhythm_hz", 0.3, 4.0, "Yang and Winkelman 2010"),
    Expectation("toe pointing", "modulation", 0.20, 0.65, "holds; notes 0.20–0.27"),
    Expectation("toe pointing", "silent", 0.0, 0.08, "holds"),
    Expectation("voluntary firing, interval CV", "", 0.10, 0.25, "science.md section 1"),
    Expectation("cramp firing, pulses per second", "", 9.4, 19.6, "Minetto 2009: 14.5 ± 5.1"),
    Expectation("cramp firing, interval CV", "", 0.35, 0.55, "Minetto 2009: 0.446 ± 0.097"),
    Expectation("cramp firing, doublets", "", 0.0, 0.09, "Minetto 2009: 0.041 ± 0.047"),
    Expectation("EMG at 10 % of full drive", "", 0.10, 0.20, "notes 0.14"),
    Expectation("EMG at 20 % of full drive", "", 0.18, 0.32, "notes 0.25"),
    Expectation("cramp duration, median s", "", 45.0, 75.0, "Minetto 2011: 55.6 ± 19.2 (elicited, foot)"),
    Expectation("leg movements of a series, duration s", "", 2.5, 3.9, "R36: 3.2 ± 0.65"),
    Expectation("leg movements of a series, interval s", "", 17.0, 33.0, "science.md section 11: 25 ± 8"),
)
