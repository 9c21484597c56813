"""Which broker a session speaks to, and with which login each of its processes does.

BrokerExposedError (a BrokerError)    others could read or forge what goes to the broker: the reason is in the text
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from crampwatch.access_list import ROLES
from crampwatch.broker import BrokerError, PrivateBroker
from crampwatch.settings import BrokerSettings, SettingsError
from detector.broker_address import BrokerAddress, parse_broker_url
from detector.roles import Role
from firmware_bridge.toml_text import toml_of

_SAFER = "`crampwatch setup --mosquitto --host NAME` writes a broker with logins, access list and TLS"


class BrokerExposedError(BrokerError):
    """Others than this computer could read or forge what goes to the broker."""


def private_broker(settings: BrokerSettings, folder: Path, *, port: int | None = None) -> PrivateBroker:
    """Return the private broker that the settings ask for, not started.

    Args:
        settings: Which kind, and where it listens.
        folder: Its own.
        port: Instead of the one in the settings.

    Raises:
        BrokerExposedError: it is to listen on another address than this computer's own.
        BrokerMissingError: the kind asked for is not installed.
    """
    if not is_loopback(settings.host):
        raise BrokerExposedError(
            f"broker.host: expected an address of this computer alone, got {settings.host!r}: the private broker "
            f"encrypts nothing, and the embedded one holds no role to its own; {_SAFER}"
        )
    wanted = settings.port if port is None else port
    return PrivateBroker(folder, port=wanted, prefer=settings.prefer)


def own_addresses(settings: BrokerSettings) -> Mapping[Role, BrokerAddress]:
    """Return the address of a broker that is not ours to start, with each role's login; empty where none is named.

    Raises:
        BrokerAddressError: a URL cannot be used.
        BrokerExposedError: the way to it is open to others.
        SettingsError: the folder of logins does not hold them.
    """
    if settings.credentials:
        folder = Path(settings.credentials).expanduser()
        addresses = {role: parse_broker_url(_url_in(folder / f"{role}.toml")) for role in ROLES}
    elif settings.url:
        addresses = dict.fromkeys(ROLES, parse_broker_url(settings.url))
    else:
        return {}
    for address in addresses.values():
        refuse_open_way(address)
    return addresses


def refuse_open_way(address: BrokerAddress) -> None:
    """Refuse a broker beyond this computer without encryption and a login.

    Raises:
        BrokerExposedError: it is one; the text says what is missing.
    """
    if is_loopback(address.host):
        return
    lacks = [
        *(() if address.tls else ("TLS (mqtts://)",)),
        *(() if address.username and address.password else ("a login (USER:PASSWORD@)",)),
    ]
    if lacks:
        raise BrokerExposedError(
            f"broker {address}: expected {' and '.join(lacks)}, since it is not on this computer: whoever is on the "
            f"way could read the night and forge alarms and answers; {_SAFER}"
        )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this computer, whatever a name server says."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url_in(file: Path) -> str:
    try:
        content = toml_of(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"broker.credentials: expected {file} as `crampwatch setup --mosquitto` writes it, got: {error}"
        ) from error
    match content:
        case {"url": str(url)}:
            return url
    raise SettingsError(f'broker.credentials: {file}: expected a line url = "mqtts://…", got none')
