"""Where the broker is and how to log in, read from a URL such as ``mqtt://user:password@host:1883``.

No text that this module makes, neither a ``repr`` nor an error, shows a password.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from ssl import SSLContext

# Scheme to (encrypted, the port IANA gave it).
_SCHEMES = {"mqtt": (False, 1883), "mqtts": (True, 8883)}
_HIGHEST_PORT = 65535


class BrokerAddressError(ValueError):
    """A text that is not the address of an MQTT broker."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker and the login for it.

    Attributes:
        host: name or IP address.
        port: TCP port.
        username: empty for none.
        password: never shown.
        tls: whether the connection is encrypted and the broker's certificate checked.
        ca_file: PEM file with the authority that the certificate is checked against; None means the system's.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: Path | None = None

    def url(self) -> str:
        """Return the URL *with* the login, percent-encoded: for private files, never for messages."""
        login = quote(self.username, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        scheme, _, place = str(self).partition("://")
        query = f"?{urlencode({'ca': self.ca_file})}" if self.ca_file else ""
        return f"{scheme}://{login}{'@' if login else ''}{place}{query}"

    def tls_context(self) -> "SSLContext":
        """Return what an encrypted connection checks the broker with: TLS 1.2 at least, and always its name.

        Raises:
            BrokerAddressError: the file of certificates cannot be used.
        """
        import ssl

        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise BrokerAddressError(
                f"broker address {self}: expected a PEM file of certificates in {self.ca_file}, got: {error}"
            ) from error

    def __str__(self) -> str:
        """Return the address as a URL without the login."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def parse_broker_url(url: str) -> BrokerAddress:
    """Read ``mqtt://[user[:password]@]host[:port]`` or ``mqtts://…[?ca=FILE]``, percent-encoded.

    >>> parse_broker_url("mqtt://night@example.net")
    BrokerAddress(host='example.net', port=1883, username='night', tls=False, ca_file=None)

    Raises:
        BrokerAddressError: the URL cannot be used; the text says why, and shows no login.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _error("a host name, or an IPv6 address in brackets", url) from None
    if parts.scheme not in _SCHEMES or not url.startswith(f"{parts.scheme}://"):
        raise _error("a URL that begins with mqtt:// or mqtts://", url)
    if parts.path not in {"", "/"} or parts.fragment:
        raise _error("nothing after the port (write / # ? @ in a password as %2F %23 %3F %40)", url)
    tls, default_port = _SCHEMES[parts.scheme]
    return BrokerAddress(
        host=_host(parts, url),
        port=_port(parts, default_port, url),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        ca_file=_ca_file(parts, url, tls=tls),
    )


def _host(parts: SplitResult, url: str) -> str:
    host = parts.hostname or ""
    try:
        # The form in which a name server is asked; an empty or over-long label has none.
        host.encode("idna")
    except UnicodeError:
        host = ""
    if not host:
        raise _error("a host name", url) from None
    return host


def _port(parts: SplitResult, default: int, url: str) -> int:
    try:
        port = default if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not 0 < port <= _HIGHEST_PORT:
        raise _error(f"a port from 1 to {_HIGHEST_PORT}", url) from None
    return port


def _ca_file(parts: SplitResult, url: str, *, tls: bool) -> Path | None:
    query = parse_qs(parts.query, keep_blank_values=True)
    if not query:
        return None
    if not tls or set(query) != {"ca"} or not query["ca"][0]:
        raise _error("no parameter but ca=FILE, and that with mqtts:// only", url)
    return Path(query["ca"][0])


def _error(expected: str, url: str) -> BrokerAddressError:
    """Return the error; whatever stands before the last @ may be a password, so it is left out."""
    scheme, slashes, _ = url.partition("://")
    _, at, rest = url.rpartition("@")
    shown = f"{scheme if slashes else ''}{slashes}…@{rest}" if at else url
    return BrokerAddressError(
        f"broker address: expected {expected}, got {shown!r}; example: mqtt://user:password@192.168.1.5:1883"
    )
