"""Run the whole suite where nothing but loopback can be reached.

``python -m tests.offline [what pytest takes]``; `make offline` prepares what it needs before the network goes.
"""

from __future__ import annotations

import os
import socket
import sys

from tests.offline.namespace import leave

# Nobody's (RFC 5737); without a route the kernel says so at once.
_ELSEWHERE = ("192.0.2.1", 9)


def main() -> None:
    """Leave the network, make sure that it is gone, and become pytest."""
    try:
        leave()
    except OSError as error:
        sys.exit(f"make offline: {error}; it wants Linux, and root or user namespaces")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.sendto(b"", _ELSEWHERE)
        except OSError as error:
            print(f"nothing but loopback can be reached ({error.strerror})", flush=True)
        else:
            sys.exit("make offline: a way out is there")
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])


if __name__ == "__main__":
    main()
