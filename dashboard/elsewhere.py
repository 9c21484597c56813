"""The pages reached from beyond this machine: what that takes, and the application that answers there.

NotExposedError    they cannot be reached from elsewhere as asked; the text says why, and what to do
"""

import ipaddress
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from dashboard.access import Access
from dashboard.access_store import FILE_NAME as ACCOUNTS
from dashboard.access_store import AccessStore
from dashboard.doors import Door
from dashboard.exposed import build_exposed
from dashboard.invitations import FILE_NAME as INVITATIONS
from dashboard.invitations import Invitations
from dashboard.texts import Texts
from detector.durable_sqlite import DurableFileError


class NotExposedError(Exception):
    """The pages cannot be reached from elsewhere as asked."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How the pages are reached from beyond this machine.

    Attributes:
        host: Address that they are served on.
        port: TCP port there.
        names: What people write in its place, such as ``crampwatch.local``.
        certificate: File of the certificate, and of those that vouch for it (PEM).
        key: File of its key (PEM).
        folder: Where accounts and invitations are kept.
    """

    host: str
    port: int
    names: tuple[str, ...]
    certificate: Path
    key: Path
    folder: Path

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name that addresses may begin with."""
        own = f"[{self.host}]" if ":" in self.host else self.host
        return tuple(dict.fromkeys((*self.names, *(() if self._stands_for_all else (own,)))))

    @property
    def _stands_for_all(self) -> bool:
        """Whether the address is every one of this machine's, and so no name of it."""
        try:
            return ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            return False

    @property
    def store(self) -> AccessStore:
        """Who has an account."""
        return AccessStore(self.folder / ACCOUNTS)

    def check(self) -> None:
        """See that everything is there.

        Raises:
            NotExposedError: nobody would be held back, nobody could come in, or nothing would be encrypted.
        """
        if not self.hosts:
            raise NotExposedError(
                f"dashboard.name: expected what others call this computer, such as crampwatch.local, since "
                f"{self.host} stands for every address; got nothing"
            )
        if not self.certificate.name or not self.key.name:
            raise NotExposedError(
                "dashboard.certificate and dashboard.key: expected both, since nights are not sent unencrypted; "
                "`crampwatch tls init` makes them"
            )
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ValueError) as error:
            raise NotExposedError(
                f"{self.certificate} and {self.key}: expected a certificate and its key, got: {error}; "
                "`crampwatch tls init` makes them"
            ) from error
        try:
            accounts = self.store.accounts()
        except DurableFileError as error:
            raise NotExposedError(str(error)) from error
        if not accounts:
            raise NotExposedError(
                "accounts: expected at least one before others can reach the pages, got none; "
                "`crampwatch account add NAME --role sleeper` makes it"
            )

    def app(self, doors: Iterable[Door], texts: Texts) -> Starlette:
        """Return what answers there."""
        access = Access(self.store, Invitations(self.folder / INVITATIONS), texts)
        return build_exposed(doors, access, texts, self.hosts, lambda: self.port)
