"""The settings of the pages and of the night log: every key with its unit and its reason."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Outside the ranges that other local services use; written in the README.
DEFAULT_PORT = 8460
# The same pages for others, by TLS.
DEFAULT_TLS_PORT = 8461
# Ports below need privileges, and none exists above.
FIRST_USER_PORT, LAST_PORT = 1024, 65535


class Section(BaseModel):
    """A section of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DashboardSettings(Section):
    """The pages."""

    port: Annotated[
        int,
        Field(ge=FIRST_USER_PORT, le=LAST_PORT, description="TCP port of the pages, on this machine only"),
    ] = DEFAULT_PORT
    open_browser: Annotated[bool, Field(description="open the page in the default browser at start")] = True
    language: Annotated[str, Field(description="two letters: what the pages speak; en or de")] = "en"
    hours: Annotated[Literal["24", "12"], Field(description="how the pages write the time of day")] = "24"
    host: Annotated[
        str,
        Field(
            description="address at which others reach the pages, by TLS and with a login: 0.0.0.0 for every one"
            " of this computer's; empty: nobody but this computer does"
        ),
    ] = ""
    tls_port: Annotated[
        int, Field(ge=FIRST_USER_PORT, le=LAST_PORT, description="TCP port of the pages for others")
    ] = DEFAULT_TLS_PORT
    name: Annotated[
        str,
        Field(
            description="what others call this computer in the address line, such as crampwatch.local; several"
            " with commas"
        ),
    ] = ""
    certificate: Annotated[
        str, Field(description="file of the certificate for it; `crampwatch tls init` makes one")
    ] = ""
    key: Annotated[str, Field(description="file of the certificate's key")] = ""


class NightLogSettings(Section):
    """Where the night log is kept."""

    url: Annotated[
        str,
        Field(
            description="a PostgreSQL database for a clinic, postgresql://USER@HOST:PORT/NAME;"
            " empty: a file in the folder of the recordings"
        ),
    ] = ""
    password_file: Annotated[
        str, Field(description="file with the password of that user in its first line, for you alone (0600)")
    ] = ""
