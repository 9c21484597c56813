"""What the settings say of where nights are kept, and how many."""

from typing import Annotated

from pydantic import Field

from crampwatch.pages_settings import Section

# Twenty years of nights, and a disk of the largest kind.
MOST_NIGHTS, MOST_GB = 7300, 100_000
_BYTES_PER_GB = 1_000_000_000


class StorageSettings(Section):
    """Where nights are kept."""

    folder: Annotated[
        str,
        Field(description="folder of recordings, night log and logins; empty: the platform's data folder"),
    ] = ""
    nights_kept: Annotated[
        int,
        Field(
            ge=0,
            le=MOST_NIGHTS,
            description="nights of each sensor whose recordings are kept, 0 for all; events stay for ever",
        ),
    ] = 14
    quota_gb: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_GB,
            description="GB that all of it may take before the oldest recordings go; a night is 0.1 to 0.4",
        ),
    ] = 20

    @property
    def quota_bytes(self) -> int:
        """The quota as disks count."""
        return self.quota_gb * _BYTES_PER_GB
