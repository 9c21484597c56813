"""A port on which only so many connections are open at once, and only so many of them from one place.

Whoever holds connections open without asking for anything would else take every descriptor of this process, without a
login: the pages by the bed and the night log live in it, too.
"""

import logging
import socket
from ipaddress import ip_address
from typing import Any

from dashboard.places import place_of

_log = logging.getLogger(__name__)

# Half of what a process may have open by default, for two ports; a household's pages need some dozens.
MOST_OPEN = 250
# A browser opens six and a socket or two for each page it shows.
MOST_OF_ONE_PLACE = 50


class BoundedListener(socket.socket):
    """A listening socket. Use it from one thread.

    Attributes:
        refused: How many connections were closed at once.
    """

    def __init__(self, family: int) -> None:
        # By its full name: only of such a one does asyncio send what is small at once, not 40 ms later.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.refused = 0
        self._open: dict[socket.socket, str] = {}

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the next connection.

        Raises:
            ConnectionAbortedError: there are too many, and it was closed.
            OSError: as of any socket.
        """
        connection, address = super().accept()
        self._open = {one: place for one, place in self._open.items() if one.fileno() >= 0}
        place = place_of(address[0])
        # This machine's own pages all come from one place.
        most = MOST_OPEN if ip_address(place.partition("/")[0]).is_loopback else MOST_OF_ONE_PLACE
        if len(self._open) >= MOST_OPEN or list(self._open.values()).count(place) >= most:
            connection.close()
            self._refuse(place)
        self._open[connection] = place
        return connection, address

    def _refuse(self, place: str) -> None:
        self.refused += 1
        # Told seldom: whoever does this does it by thousands.
        if self.refused & (self.refused - 1) == 0:
            _log.warning("pages: %s asks for too many connections; %d were closed", place, self.refused)
        raise ConnectionAbortedError
