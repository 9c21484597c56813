"""The application on a recorded night, as the tests of the pages have it."""

from tests.dashboard.conftest import app, client, live, log, told

__all__ = ["app", "client", "live", "log", "told"]
