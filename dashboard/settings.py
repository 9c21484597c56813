"""What the night log and its pages are told.

DashboardError    the pages cannot be served as asked: a port that is taken, an address that is not this
machine's
"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from dashboard.elsewhere import Elsewhere
from dashboard.texts import ENGLISH, Hours
from detector.broker_address import BrokerAddress

LOOPBACK = "127.0.0.1"


class DashboardError(Exception):
    """The pages cannot be served as asked; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class DashboardSettings:
    """Where the night log reads, writes and serves.

    Attributes:
        database: The night log's SQLite file.
        nights: Folder of recordings.
        broker: Where the messages come from, with the night log's login.
        port: TCP port of the pages.
        host: Address they are served on; only this machine's own.
        clock: The session's clock, as text; empty for ordinary time.
        elsewhere: How they are reached from beyond this machine; None where they are not.
        night_log_url: Of a PostgreSQL database that holds the night log in place of the file; empty for the file.
        night_log_password: Of the user there, where the address has none.
        language: What the pages speak.
        hours: How they write the time.
        pages_broker: The same with the login of the pages, who may ask but not log; None for the night log's.

    Raises:
        DashboardError: the address is not a loopback one.
    """

    database: Path
    nights: Path
    broker: BrokerAddress
    port: int = 8460
    host: str = LOOPBACK
    clock: str = ""
    pages_broker: BrokerAddress | None = None
    elsewhere: Elsewhere | None = None
    night_log_url: str = ""
    night_log_password: str = ""
    language: str = ENGLISH
    hours: Hours = "24"

    def __post_init__(self) -> None:
        """Refuse to show a night to the network: there is no login at this address."""
        try:
            own = ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            own = False
        if not own:
            raise DashboardError(
                f"pages: expected an address of this machine alone, such as {LOOPBACK}, got {self.host!r}; "
                "there the pages have no login; how others reach them is told by `elsewhere`"
            )

    @property
    def overviews(self) -> Path:
        """Where what is worked out from recordings is kept; it may be thrown away."""
        return self.database.parent / "overviews"

    @property
    def page(self) -> str:
        """The address of the first page."""
        return f"http://{self.host}:{self.port}/"
