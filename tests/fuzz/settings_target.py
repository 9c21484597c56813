"""Everything a person or a disk may have spoilt in what is read at a start: TOML, model bundles, addresses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from crampwatch.settings import Settings, SettingsError, load_settings
from crampwatch.settings_text import settings_text, with_sensors
from detector.alerter.caregivers import CaregiversError, load_household
from detector.bundle import CARD, PARAMETERS, BundleError, load_model, shipped_bundle
from detector.personal_fit import PersonalFit, PersonalFitError, fit_text, load_fit
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.formats.montage import MontageError, load_montage, stub
from firmware_bridge.source_contract import SourceError, SourceUrl
from tests.detector.alerter.world import write_household
from tests.fuzz.spoiling import json_spoilt, spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 65_536
TOKENS = (
    *(
        b"[sensor]\n",
        b"[[sensors]]\n",
        b"[[caregiver]]\n",
        b"[acc]\n",
        b"[[file]]\n",
        b"= true\n",
        b"= 1979-05-27\n",
    ),
    *(
        b"= nan\n",
        b"= []\n",
        b"= {}\n",
        b'= "\\uD800"\n',
        b'"""',
        b"'''",
        b"#",
        b"a.b.c = 1\n",
        b"[" * 1500,
        b"0x",
    ),
    *(
        b'id = "../x"\n',
        b"= inf\n",
        b"= -1\n",
        b'source = "serial:"\n',
        b"{a=" * 400,
        b"00:00-24:00",
        b"\\",
        b"1_0",
    ),
)


def _settings(path: Path) -> None:
    settings = load_settings(path)
    with_sensors(path.read_text(encoding="utf-8"), settings.sensors)


def _montage(path: Path) -> None:
    load_montage(path, Path("p03 night.csv"))


def _card(path: Path) -> None:
    (path.parent / CARD).write_bytes(path.read_bytes())
    (path.parent / PARAMETERS).write_bytes((shipped_bundle() / PARAMETERS).read_bytes())
    load_model(path.parent)


def _parameters(path: Path) -> None:
    """A card goes with any parameters: its check sum is mended."""
    content = path.read_bytes()
    card = json.loads((shipped_bundle() / CARD).read_text())
    card["parameters_sha256"] = hashlib.sha256(content).hexdigest()
    (path.parent / CARD).write_text(json.dumps(card))
    (path.parent / PARAMETERS).write_bytes(content)
    load_model(path.parent)


def _address(path: Path) -> None:
    DialectOptions.of(SourceUrl.parse(path.read_bytes().decode("utf-8", "replace")))


# By the first byte of an input: how the rest of it is read.
READERS: Sequence[Callable[[Path], object]] = (
    *(_settings, _montage, load_household, load_fit, _card, _parameters, _address),
)
_JSON = (_card, _parameters)


def seeds() -> list[bytes]:
    """Return a sound file of each kind."""
    with TemporaryDirectory() as folder:
        urls = {"Anna": ["json://127.0.0.1:9/anna"], "Ben": ["mailto://a:b@example.org"]}
        household = write_household(Path(folder), urls, 'watchdog = "https://example.org/ping"').read_bytes()
    more = '[[file]]\nmatch = "p03*"\nresample_hz = 500.0\n[read]\ndataset = "/raw"\n'
    montage = f"rate_hz = 1000.0\n{stub('A - B')}\n{more}"
    shipped = shipped_bundle()
    address = (
        b"serial:/dev/ttyUSB0?dialect=text&rate=500&channels=emg,x,y,z&bits=10&uv_per_count=0.5&signal=raw"
    )
    files = (
        *(settings_text(Settings()).encode(), montage.encode(), household),
        *(fit_text(PersonalFit(3.0, 200.0, 4.0, 12.0, 20.0)).encode(), (shipped / CARD).read_bytes()),
        *((shipped / PARAMETERS).read_bytes(), address),
    )
    return [bytes([number]) + content for number, content in enumerate(files)]


@contextmanager
def opened(folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    path = folder / "given"

    def read(content: bytes) -> None:
        path.write_bytes(content[1:])
        path.chmod(0o600)
        READERS[content[0] % len(READERS) if content else 0](path)

    yield read


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil a value of JSON, or bytes of the rest."""
    if content and READERS[content[0] % len(READERS)] in _JSON and chance.random() < 0.8:
        return content[:1] + json_spoilt(content[1:], chance)
    return spoilt(content, chance, TOKENS)


REFUSALS = (SettingsError, MontageError, CaregiversError, PersonalFitError, BundleError, SourceError)
TARGET = Target(seeds, opened, REFUSALS, reshape, LONGEST)
