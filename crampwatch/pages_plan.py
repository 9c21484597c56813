"""What a session's pages are told: in which words, who reaches them, and where the night log is."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.settings import Settings, SettingsError

if TYPE_CHECKING:
    from dashboard.elsewhere import Elsewhere
    from dashboard.texts import Hours

# Rights of the group and of others.
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class PagesPlan:
    """The pages of a session.

    Attributes:
        language: What they speak.
        hours: How they write the time.
        host: Address that others reach them at; empty for nobody.
        port: TCP port there.
        name: What others call this computer.
        certificate: File of the certificate.
        key: File of its key.
        night_log_url: Of a PostgreSQL database; empty for a file in the session's folder.
        night_log_password: Of the user there.
    """

    language: str = "en"
    hours: "Hours" = "24"
    host: str = ""
    port: int = 0
    name: str = ""
    certificate: str = ""
    key: str = ""
    night_log_url: str = ""
    night_log_password: str = ""

    def elsewhere(self, folder: Path) -> "Elsewhere | None":
        """Return how they are reached from beyond this machine; None where they are not.

        Args:
            folder: Where accounts and invitations are kept.
        """
        from dashboard.elsewhere import Elsewhere

        if not self.host:
            return None
        names = tuple(name for name in (part.strip() for part in self.name.split(",")) if name)
        return Elsewhere(self.host, self.port, names, Path(self.certificate), Path(self.key), folder)


def pages_plan(settings: Settings) -> PagesPlan:
    """Return what the settings say of the pages.

    Raises:
        SettingsError: the language is none, or the password's file cannot be used.
    """
    from dashboard.texts import UnknownLanguageError, texts_in

    said, log = settings.dashboard, settings.night_log
    try:
        texts_in(said.language)
    except UnknownLanguageError as error:
        raise SettingsError(f"dashboard.{error}") from error
    return PagesPlan(
        language=said.language,
        hours=said.hours,
        host=said.host,
        port=said.tls_port,
        name=said.name,
        certificate=said.certificate,
        key=said.key,
        night_log_url=log.url,
        night_log_password=_secret(Path(log.password_file).expanduser()) if log.password_file else "",
    )


def _secret(path: Path) -> str:
    """Return the first line of a file that nobody else may read."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise SettingsError(f"night_log.password_file: expected {path} for you alone: chmod 600 {path}")
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"night_log.password_file: {path} cannot be read ({error})") from error
