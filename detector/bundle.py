"""Model bundles: a folder with a card and the parameters, both JSON; nothing in them can run.

    BundleError
    ├── UnreadableBundleError  no bundle, too large, damaged, or its parameters are not those of its card
    └── UnfitBundleError       a sound bundle that this detector cannot use: features, classes or format differ

``card.json`` says what the model is, what it was learnt from and how good it was found to be; ``parameters.json``
holds the numbers. The card carries the hash of the parameters, and events carry its first digits: whoever finds an
event knows which model judged it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.additive import AdditiveScore, Calibration, Curve
from detector.classifier import CLASSES, CLONIC, TONIC, Classifier, TrainedClassifier
from detector.features import FEATURES
from detector.trust import SENSES, VERDICTS, Trust

FORMAT = 2
CARD, PARAMETERS = "card.json", "parameters.json"
# What the command installs, in the folder of the package that trains.
SHIPPED_PACKAGE, SHIPPED_FOLDER, SHIPPED = "models", "bundles", "additive-1"
# A bundle of ours is a few dozen kB; anything near these limits is not one.
LARGEST_FILE_BYTES = 1_000_000
MOST_CURVES, MOST_STEPS, LARGEST_NUMBER = 64, 1024, 1e9
# Digits of the hash that events carry.
HASH_DIGITS = 8
# Classes that a bundle must judge; the others are the rules' own.
LEARNT = {CLASSES[index]: index for index in (TONIC, CLONIC)}

# How a list of numbers may have to be ordered.
ORDERS: Mapping[str, Callable[[list[float]], bool]] = {
    "": lambda _numbers: True,
    "strictly rising": lambda numbers: all(low < high for low, high in pairwise(numbers)),
    "never falling": lambda numbers: all(low <= high for low, high in pairwise(numbers)),
}


class BundleError(ValueError):
    """A model bundle cannot be used; the text says which, why and what to do."""


class UnreadableBundleError(BundleError):
    """No bundle, or a damaged one."""


class UnfitBundleError(BundleError):
    """A bundle for another detector."""


def shipped_bundle() -> Path:
    """Return the folder of the bundle that comes with the program."""
    return Path(str(files(SHIPPED_PACKAGE))) / SHIPPED_FOLDER / SHIPPED


def load_model(folder: Path | None = None) -> Classifier:
    """Return the classifier of a bundle.

    Args:
        folder: Of the bundle; None: the one that comes with the program.

    Raises:
        UnreadableBundleError: there is none, or it is damaged.
        UnfitBundleError: it asks for what this detector does not measure.
    """
    folder = shipped_bundle() if folder is None else folder
    card = _Reader(folder / CARD)
    numbers = folder / PARAMETERS
    content = _content(numbers)
    stated, found = card.text(card.top, "parameters_sha256"), hashlib.sha256(content).hexdigest()
    if stated != found:
        raise UnreadableBundleError(
            f"{numbers}: expected the SHA-256 {stated} of its card, got {found}; take a whole bundle"
        )
    if (form := card.top.get("format")) != FORMAT:
        raise UnfitBundleError(
            f"{folder / CARD}: expected format {FORMAT}, got {form!r}; train again with this version"
        )
    _refuse_other_features(card)
    reader = _Reader(numbers, content)
    by_class = reader.mapping(reader.top, "scores")
    if by_class.keys() != LEARNT.keys():
        raise UnfitBundleError(
            f"{numbers}: expected scores of {', '.join(LEARNT)}, got {', '.join(map(str, by_class)) or 'none'}"
        )
    scores = {index: reader.score(by_class, name) for name, index in LEARNT.items()}
    name = f"{card.text(card.top, 'name')}@{found[:HASH_DIGITS]}"
    return TrainedClassifier(name, scores, reader.trust())


def _refuse_other_features(card: "_Reader") -> None:
    """Refuse a bundle that was made with features that this detector does not measure, or measures otherwise."""
    units = {feature.name: feature.unit for feature in FEATURES}
    for name, unit in card.mapping(card.top, "features").items():
        if units.get(name) != unit:
            raise UnfitBundleError(
                f"{card.path}: expected a feature of this detector, got {name!r} in {unit!r} "
                f"(here: {units.get(name)!r}); train again with this version"
            )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableBundleError(
            f"{path}: cannot be read ({error.strerror}); name the folder of a bundle"
        ) from error
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableBundleError(f"{path}: expected at most {LARGEST_FILE_BYTES} bytes, got more")
    return content


class _Reader:
    """Reads one JSON file, and says where it is not what it should be."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = path
        content = _content(path) if content is None else content
        try:
            top = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UnreadableBundleError(f"{path}: expected JSON, got {error}") from error
        self.top = self._as_mapping(top, "the file")

    def mapping(self, inside: dict[str, object], key: str) -> dict[str, object]:
        """Return a JSON object."""
        return self._as_mapping(inside.get(key), key)

    def text(self, inside: dict[str, object], key: str) -> str:
        """Return a line of printable text."""
        value = inside.get(key)
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MOST_STEPS:
            raise self._wrong(key, "a line of text", value)
        return value

    def score(self, inside: dict[str, object], key: str) -> AdditiveScore:
        """Return the additive score of a class."""
        entry = self.mapping(inside, key)
        curves = entry.get("curves")
        if not isinstance(curves, list) or not 0 < len(curves) <= MOST_CURVES:
            raise self._wrong("curves", f"1 to {MOST_CURVES} curves", curves)
        return AdditiveScore(
            float(self._number(entry.get("intercept"), "intercept")),
            tuple(self._curve(self._as_mapping(curve, "a curve")) for curve in curves),
            self._calibration(entry, "calibration"),
        )

    def trust(self) -> Trust:
        """Return how often the verdicts on events were true."""
        curves = {}
        for sense, by_verdict in self.mapping(self.top, "events").items():
            verdicts = self._as_mapping(by_verdict, sense)
            for verdict in verdicts:
                if sense not in SENSES or verdict not in VERDICTS:
                    raise self._wrong("events", f"{SENSES} and {VERDICTS}", (sense, verdict))
                curves[sense, verdict] = self._calibration(verdicts, verdict)
        return Trust(curves)

    def _calibration(self, inside: dict[str, object], key: str) -> Calibration:
        entry = self.mapping(inside, key)
        points = self._numbers(entry, "scores", order="strictly rising", least=1)
        chances = self._numbers(entry, "probabilities", order="never falling", least=1)
        if len(points) != len(chances) or chances[0] < 0.0 or chances[-1] > 1.0:
            raise self._wrong(key, "a probability, 0 to 1, for each score", chances.tolist())
        return Calibration(points, chances)

    def _curve(self, entry: dict[str, object]) -> Curve:
        name = self.text(entry, "feature")
        if name not in {feature.name for feature in FEATURES}:
            raise UnfitBundleError(f"{self.path}: expected a feature of this detector, got {name!r}")
        edges = self._numbers(entry, "edges", order="strictly rising", least=0)
        values = self._numbers(entry, "values", order="", least=1)
        if len(values) != len(edges) + 1:
            raise self._wrong(name, f"{len(edges) + 1} values between {len(edges)} edges", len(values))
        return Curve(name, edges, values, float(self._number(entry.get("unknown"), "unknown")))

    def _numbers(
        self, inside: dict[str, object], key: str, *, order: str, least: int
    ) -> npt.NDArray[np.float64]:
        values = inside.get(key)
        if not isinstance(values, list) or not least <= len(values) <= MOST_STEPS:
            raise self._wrong(key, f"a list of {least} to {MOST_STEPS} numbers", values)
        numbers = [self._number(value, key) for value in values]
        if not ORDERS[order](numbers):
            raise self._wrong(key, f"{order} numbers", numbers)
        array = np.array(numbers, np.float64)
        array.flags.writeable = False
        return array

    def _number(self, value: object, key: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number", value)
        if not abs(value) <= LARGEST_NUMBER or not isfinite(value):
            raise self._wrong(key, f"a number of at most {LARGEST_NUMBER:g}", value)
        return float(value)

    def _as_mapping(self, value: object, key: str) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self._wrong(key, "a JSON object", value)
        return value

    def _wrong(self, key: str, expected: str, got: object) -> UnreadableBundleError:
        return UnreadableBundleError(f"{self.path}: {key}: expected {expected}, got {str(got)[:60]}")
