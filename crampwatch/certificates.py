"""A household's own certificate authority, and a certificate for the pages, made by openssl.

CertificateError    openssl is not there, or the files cannot be made
"""

import ipaddress
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crampwatch.broker_login import PRIVATE_FILE, private_folder

# Longest that browsers take for a server's certificate (Apple's limit of 2020 for what somebody installs), days.
_SERVER_DAYS = 825
# An authority that has to be installed on each phone by hand should last.
_AUTHORITY_DAYS = 3650
_OPENSSL_S = 30.0
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class CertificateError(Exception):
    """The certificate cannot be made; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the files are.

    Attributes:
        authority: What phones and browsers are told to trust; it is no secret.
        certificate: For the pages.
        key: Of the certificate; it stays here.
    """

    authority: Path
    certificate: Path
    key: Path


def certificate_in(folder: Path) -> Certificate:
    """Return where a folder's certificate is, or will be."""
    return Certificate(folder / "ca.crt", folder / "server.crt", folder / "server.key")


def make_certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """Make a certificate for some names and addresses; the authority in the folder is used where there is one.

    Args:
        folder: Where to; made where absent, for its owner alone.
        names: What people write in the browser's address line; the first is the main one.

    Raises:
        CertificateError: openssl is not installed, or refuses.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise CertificateError(
            "openssl: expected it to be installed for the certificates, found none; install it"
        )
    made = certificate_in(folder)
    try:
        private_folder(folder)
        if not made.authority.exists():
            own = (
                "-keyout",
                "ca.key",
                "-out",
                "ca.crt",
                "-days",
                str(_AUTHORITY_DAYS),
                "-subj",
                "/CN=crampwatch home",
            )
            _run(folder, (openssl, "req", "-x509", *_CURVE, *own))
        asked = ("-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={names[0]}")
        _run(folder, (openssl, "req", *_CURVE, *asked))
        (folder / "names").write_text(f"subjectAltName={_alternatives(names)}\n", encoding="utf-8")
        signing = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(_SERVER_DAYS))
        signed = ("-in", "server.csr", "-out", "server.crt", "-extfile", "names")
        _run(folder, (openssl, "x509", "-req", *signed, *signing))
        for name in ("server.csr", "names", "ca.srl"):
            (folder / name).unlink(missing_ok=True)
        for name in ("ca.key", "ca.crt", "server.key", "server.crt"):
            (folder / name).chmod(PRIVATE_FILE)
    except OSError as error:
        raise CertificateError(f"folder {folder}: cannot be written ({error.strerror})") from error
    return made


def _alternatives(names: Sequence[str]) -> str:
    return ",".join(f"IP:{name}" if _is_address(name) else f"DNS:{name}" for name in names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _run(folder: Path, command: Sequence[str]) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_OPENSSL_S)
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise CertificateError(f"openssl: {said[-1] if said else 'failed'}") from error
    except subprocess.TimeoutExpired as error:
        raise CertificateError(f"openssl: no answer within {_OPENSSL_S:g} s") from error
