"""Who is told, in which order and by which channels: a file for its owner alone, since the URLs in it are secrets.

    # Who is called, in this order.
    watchdog = "https://watchdog.example/ping/4f1c"   # pinged each minute; optional
    health_detail = false    # true: pushes say what the alarm is, on every screen they appear on
    rhythmic = false         # true: told of rhythmic contractions too; this does not replace a seizure alarm
    [[caregiver]]
    name = "Anna"
    channels = ["ntfys://ntfy.example/a-topic-nobody-guesses", "mailto://…"]
    quiet = ["13:00-15:00"]

A quiet hour puts a caregiver behind those who are not in one; it never leaves an alarm without anybody, and HIGH
knows no quiet hours.

CaregiversError    the file cannot be used; the message says why and what to do, and never shows a URL
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from detector.alerter.private_file import PrivateFileError, private_content
from firmware_bridge.toml_text import TomlError, toml_of

FILE_NAME = "caregivers.toml"
_NAME = re.compile(r"[^\W_][\w '.-]{0,39}")
_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
# Nobody is called more often or by more ways than an alarm's half hour has room for.
_MOST_CAREGIVERS = 12
_MOST_CHANNELS = 6
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
# What Apprise takes as "do not check the certificate".
_NO = {"no", "false", "0", "off", "n", "f", "never", "disable", "deny"}
# Hosts that are this machine: a watchdog there may do without encryption.
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


class CaregiversError(ValueError):
    """The file of caregivers cannot be used."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach a caregiver.

    Attributes:
        caregiver: Whom it reaches.
        number: Its place among theirs, from 1.
        url: Apprise's URL; a secret, and never shown.
    """

    caregiver: str
    number: int
    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """What to call it in messages: the caregiver, the place, and the service."""
        return f"{self.caregiver}-{self.number}-{urlsplit(self.url).scheme}"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A part of each day, by the wall clock of the place."""

    begins: time
    ends: time

    def holds(self, wall: datetime) -> bool:
        """Tell whether the moment lies in it; over midnight, too."""
        now = wall.time().replace(tzinfo=None)
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


@dataclass(frozen=True, slots=True)
class Caregiver:
    """Somebody who may be woken."""

    name: str
    channels: tuple[Channel, ...]
    quiet: tuple[QuietHours, ...] = ()

    def is_quiet(self, wall: datetime) -> bool:
        """Tell whether this is one of their quiet hours."""
        return any(hours.holds(wall) for hours in self.quiet)


@dataclass(frozen=True, slots=True)
class Household:
    """Everybody who may be woken, and what they may be told.

    Attributes:
        caregivers: In the order in which they are called.
        watchdog_url: Pinged each minute; a secret; empty for none.
        health_detail: Whether pushes say what the alarm is.
        rhythmic: Whether caregivers are told of rhythmic contractions; this does not replace a seizure alarm.
    """

    caregivers: tuple[Caregiver, ...] = ()
    watchdog_url: str = field(default="", repr=False)
    health_detail: bool = False
    rhythmic: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every way to anybody."""
        return tuple(channel for caregiver in self.caregivers for channel in caregiver.channels)

    def in_order(self, wall: datetime, *, high: bool) -> tuple[str, ...]:
        """Return the names of whom to call, first to last.

        Args:
            wall: Now.
            high: Whether the alarm is of HIGH priority, which knows no quiet hours.
        """
        order = sorted(self.caregivers, key=lambda caregiver: not high and caregiver.is_quiet(wall))
        return tuple(caregiver.name for caregiver in order)

    def without(self, unusable: Collection[Channel]) -> "Household":
        """Return the household without some channels, and without whom nothing else reaches."""
        kept = (
            replace(person, channels=tuple(channel for channel in person.channels if channel not in unusable))
            for person in self.caregivers
        )
        return replace(self, caregivers=tuple(person for person in kept if person.channels))

    def channels_of(self, name: str) -> tuple[Channel, ...]:
        """Return every way to somebody; none to a stranger."""
        return tuple(channel for channel in self.channels if channel.caregiver == name)


def load_household(path: Path) -> Household:
    """Read the file of caregivers; without one there are none.

    Raises:
        CaregiversError: others may read it, or it does not say what it should.
    """
    try:
        content = private_content(path)
        return Household() if content is None else _household(toml_of(content.decode()))
    except OSError as error:
        raise CaregiversError(f"caregivers {path}: cannot be read ({error.strerror})") from error
    except TomlError as error:
        raise CaregiversError(f"caregivers {path}: expected TOML, got: {error}") from error
    except (UnicodeDecodeError, PrivateFileError, _WrongError) as error:
        raise CaregiversError(f"caregivers {path}: {error}") from error


def is_anybody_told(path: Path) -> bool:
    """Tell whether the file of caregivers can be used and names anybody."""
    try:
        return bool(load_household(path).caregivers)
    except CaregiversError:
        # The alerter says why, as an alarm of its own.
        return False


class _WrongError(ValueError):
    pass


def _household(content: dict[str, Any]) -> Household:
    _only(content, {"watchdog", "health_detail", "rhythmic", "caregiver"}, "the file")
    entries = content.get("caregiver", [])
    if not isinstance(entries, list) or len(entries) > _MOST_CAREGIVERS:
        raise _WrongError(f"expected up to {_MOST_CAREGIVERS} sections [[caregiver]]")
    caregivers = tuple(_caregiver(entry) for entry in entries)
    names = [caregiver.name.casefold() for caregiver in caregivers]
    if len(set(names)) < len(names):
        raise _WrongError("two caregivers have the same name; give each a name of their own")
    health_detail, rhythmic = (_choice(content, key) for key in ("health_detail", "rhythmic"))
    return Household(caregivers, _watchdog(content.get("watchdog", "")), health_detail, rhythmic)


def _choice(content: dict[str, Any], key: str) -> bool:
    chosen = content.get(key, False)
    if not isinstance(chosen, bool):
        raise _WrongError(f"{key}: expected true or false, got {chosen!r}")
    return chosen


def _caregiver(entry: object) -> Caregiver:
    if not isinstance(entry, dict):
        raise _WrongError("expected sections [[caregiver]] with name and channels")
    _only(entry, {"name", "channels", "quiet"}, "a caregiver")
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _WrongError(f"name: expected 1 to 40 letters, digits, spaces, got {name!r}")
    urls = _texts(entry.get("channels"), f"channels of {name}")
    if not 1 <= len(urls) <= _MOST_CHANNELS:
        raise _WrongError(f"channels of {name}: expected 1 to {_MOST_CHANNELS} URLs, got {len(urls)}")
    channels = tuple(Channel(name, number, _checked(url, name)) for number, url in enumerate(urls, 1))
    quiet = tuple(_quiet(text, name) for text in _texts(entry.get("quiet", []), f"quiet of {name}"))
    return Caregiver(name, channels, quiet)


def _only(content: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(content.keys() - known)
    if unknown:
        raise _WrongError(f"{where} has unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def _texts(values: object, what: str) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _WrongError(f"{what}: expected a list of texts in quotes")
    return values


def _checked(url: str, name: str) -> str:
    """Return the URL if nothing in it gives up what keeps it safe."""
    scheme, separator, _ = url.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        raise _WrongError(f"channels of {name}: expected URLs such as ntfys://…, got one without a scheme")
    parts = _parts_of(url)
    if parts is None:
        raise _WrongError(
            f"channels of {name}: expected URLs such as ntfys://…, got one that no program reads"
        )
    verify = parse_qs(parts.query).get("verify", ["yes"])[-1]
    if verify.casefold() in _NO:
        raise _WrongError(
            f"channels of {name}: verify={verify} would hand the push to whoever answers; "
            "have the system trust the server's certificate instead"
        )
    return url


def _quiet(text: str, name: str) -> QuietHours:
    found = _HOURS.fullmatch(text)
    try:
        if found:
            return QuietHours(time.fromisoformat(found[1]), time.fromisoformat(found[2]))
    except ValueError:
        # A 25th hour is told in the same words as no hour at all.
        found = None
    raise _WrongError(f'quiet of {name}: expected hours such as "13:00-15:00", got {text!r}')


def _watchdog(url: object) -> str:
    if url == "":
        return ""
    parts = _parts_of(url) if isinstance(url, str) else None
    if parts is None or not _is_guarded(parts):
        raise _WrongError("watchdog: expected an https:// URL")
    return str(url)


def _is_guarded(parts: SplitResult) -> bool:
    """Tell whether nobody else can answer there: encrypted, or on this machine."""
    try:
        encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
        return encrypted and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # A port that cannot be one.
        return False


def _parts_of(url: str) -> SplitResult | None:
    """Return the parts of a URL; None where it is none: an open bracket, a line's end."""
    try:
        # Control characters would be left out in silence by one program and sent by another.
        return urlsplit(url) if url.isprintable() and " " not in url else None
    except ValueError:
        return None
