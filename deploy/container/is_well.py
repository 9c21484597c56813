"""Whether the pages answer: what the container's health check runs. Exit code 0 if they do, 1 if not."""

import sys
import urllib.error
import urllib.request
from http import HTTPStatus

PAGE = "http://127.0.0.1:8460/"
PATIENCE_S = 4.0


def is_well(page: str = PAGE) -> bool:
    """Tell whether the page is served."""
    try:
        with urllib.request.urlopen(page, timeout=PATIENCE_S) as answer:  # noqa: S310 - this computer's own page
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, TimeoutError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_well() else 1)
