"""Writes everything that a mosquitto of one's own needs: configuration, a login for each role, who may do what, TLS.

MosquittoSetupError    the folder cannot be written, holds files already, or no certificate can be made
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crampwatch.access_list import ROLES, access_list
from crampwatch.broker_kinds import LARGEST_PAYLOAD, LOOPBACK, own_name
from crampwatch.broker_login import Login, private_folder, write_private
from crampwatch.certificates import CertificateError, certificate_in, make_certificate
from detector.broker_address import BrokerAddress

CONFIGURATION, ACCESS_LIST, PASSWORDS = "mosquitto.conf", "acl", "passwords"
CREDENTIALS = "credentials"
_PASSWORD_BYTES = 32
_TOPIC_BYTES = 1024
# A name of the DNS, or an address of either kind.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")


class MosquittoSetupError(RuntimeError):
    """Nothing usable could be written; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """What lies in the folder now.

    Attributes:
        folder: Where; ``credentials/<role>.toml`` holds each role's URL.
        command: How to start mosquitto with it.
        notes: What a person should know.
    """

    folder: Path
    command: str
    notes: tuple[str, ...]


def set_up(
    folder: Path, *, host: str, port: int, tls: bool, force: bool, say: Callable[[str], None]
) -> Written:
    """Write the files, every one of them for its owner alone.

    Args:
        folder: Where; made where absent.
        host: The name or address by which others reach it.
        port: TCP port.
        tls: Whether to encrypt; without it nothing but loopback is listened on.
        force: Replace what lies there, the old logins included.
        say: Given a line for each step.

    Raises:
        MosquittoSetupError: it cannot be done; the text says why and what to do.
    """
    if not _HOST.fullmatch(host):
        raise MosquittoSetupError(f"host: expected a name or an address of this computer, got {host!r:.80}")
    if not tls and host not in {LOOPBACK, "localhost", "::1"}:
        raise MosquittoSetupError(
            f"{host}: expected an address of this computer alone, since nothing is encrypted without TLS; "
            "leave --no-tls away, or use --host 127.0.0.1"
        )
    if (folder / CONFIGURATION).exists() and not force:
        raise MosquittoSetupError(
            f"{folder / CONFIGURATION}: is there already; --force replaces it and every login beside it"
        )
    try:
        private_folder(folder)
        private_folder(folder / CREDENTIALS)
        private_folder(folder / "store")
        logins = {role: Login(role, secrets.token_urlsafe(_PASSWORD_BYTES)) for role in ROLES}
        say("access list")
        write_private(folder / ACCESS_LIST, access_list())
        say("a login for each role")
        write_private(folder / PASSWORDS, "".join(login.mosquitto_line() for login in logins.values()))
        if tls:
            say("certificates")
            _make_certificate(folder, host)
        for role, login in logins.items():
            url = _address(login, host, port, folder if tls else None).url()
            write_private(folder / CREDENTIALS / f"{role}.toml", f'# For {role} alone.\nurl = "{url}"\n')
        write_private(folder / CONFIGURATION, configuration(folder, port=port, tls=tls))
    except OSError as error:
        raise MosquittoSetupError(
            f"{folder}: cannot be written ({error.strerror}); choose another with --out, or look who owns it"
        ) from error
    return Written(folder, f"mosquitto -c {folder / CONFIGURATION}", _notes(tls))


def configuration(folder: Path, *, port: int, tls: bool) -> str:
    """Return mosquitto's configuration."""
    settings = {
        "listener": str(port) if tls else f"{port} {LOOPBACK}",
        "allow_anonymous": "false",
        "password_file": folder / PASSWORDS,
        "acl_file": folder / ACCESS_LIST,
        # Started as root it would become another user, who could read none of these files.
        "user": own_name(),
        "persistence": "true",
        "persistence_location": f"{folder / 'store'}/",
        "autosave_interval": "60",
        "max_packet_size": LARGEST_PAYLOAD + _TOPIC_BYTES,
        "set_tcp_nodelay": "true",
        "log_dest": "stderr",
    }
    if tls:
        settings |= {
            "certfile": certificate_in(folder).certificate,
            "keyfile": certificate_in(folder).key,
            "tls_version": "tlsv1.2",
        }
    return "".join(f"{key} {value}\n" for key, value in settings.items())


def _address(login: Login, host: str, port: int, folder: Path | None) -> BrokerAddress:
    authority = certificate_in(folder).authority if folder else None
    return BrokerAddress(
        host, port, login.username, login.password, tls=folder is not None, ca_file=authority
    )


def _notes(tls: bool) -> tuple[str, ...]:  # noqa: FBT001 - two texts
    notes = [
        "Each file in credentials/ is for one role; give a phone caregiver.toml's login, never another's."
    ]
    if tls:
        notes.append("Copy ca.crt to whoever connects, by hand; keep ca.key away from the network.")
    return tuple(notes)


def _make_certificate(folder: Path, host: str) -> None:
    """Make a new authority, and a certificate for the broker, valid for ``host`` and loopback."""
    certificate_in(folder).authority.unlink(missing_ok=True)
    try:
        make_certificate(folder, list(dict.fromkeys([host, "localhost", LOOPBACK])))
    except CertificateError as error:
        raise MosquittoSetupError(str(error)) from error
