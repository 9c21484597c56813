"""The lab's live page: the samples as they come, and what they tell of the electrodes."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.doors import OWNER, Door
from dashboard.live import Live
from dashboard.rendering import page
from dashboard.viewing import Viewing
from detector.personal_fit import SQUEEZE_RISE_UV, SQUEEZE_TIMES

# Pages that look at samples at once; a household has one.
MOST_VIEWERS = 20
# How often a page is told how things stand beside the samples.
_TICK_S = 1.0
_TRY_AGAIN_LATER = 1013


class LabPages:
    """The handlers, and what they share.

    Args:
        live: What is known now.
        viewing: Where samples come from; None where there are none.
    """

    def __init__(self, live: Live, viewing: Viewing | None = None) -> None:
        self._live = live
        self._viewing = viewing
        self._viewers = 0

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [Door("/lab", self.lab, OWNER), Door("/ws/wave", self.socket, OWNER, is_socket=True)]

    async def lab(self, _request: Request) -> Response:
        """Show the samples as they come."""
        texts = self._live.texts
        seen = {"squeeze_times": SQUEEZE_TIMES, "squeeze_rise_uv": SQUEEZE_RISE_UV}
        return page(texts, "lab.html", "lab", "lab", title=texts("menu.lab"), **seen)

    async def socket(self, socket: WebSocket) -> None:
        """Pass samples of ``sensor`` on; without one, tell which there are."""
        if self._viewers >= MOST_VIEWERS:
            await socket.close(_TRY_AGAIN_LATER)
            return
        await socket.accept()
        wanted = socket.query_params.get("sensor", "")
        viewer = self._viewing.look(wanted) if self._viewing and self._live.knows(wanted) else None
        self._viewers += 1
        hearing = asyncio.create_task(_hear(socket))
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        try:
            while not hearing.done():
                if loop.time() >= due_s:
                    due_s = loop.time() + _TICK_S
                    told = self._standing(wanted) | {"dropped": viewer.dropped if viewer else 0}
                    await socket.send_text(json.dumps(told, ensure_ascii=False))
                if viewer is None:
                    await asyncio.sleep(_TICK_S)
                    continue
                for chunk in await viewer.chunks(due_s - loop.time()):
                    await socket.send_bytes(chunk)
        except (WebSocketDisconnect, RuntimeError):
            # The page has gone; there is nobody to show anything to.
            pass
        finally:
            self._viewers -= 1
            if viewer is not None:
                viewer.leave()
            hearing.cancel()

    def _standing(self, wanted: str) -> dict[str, Any]:
        live, texts = self._live, self._live.texts
        standing = live.standing()
        sensors = {sensor["name"]: sensor for sensor in standing["sensors"]}
        own = sensors.get(wanted)
        return {
            "now": live.clock.wall().timestamp(),
            "sensors": sorted(sensors),
            "contact": own["facts"]["contact"] if own else texts("contact_is.unknown"),
            "light": own["light"] if own else None,
            "trouble": live.trouble() or (self._viewing.trouble if self._viewing else ""),
        }


async def _hear(socket: WebSocket) -> None:
    """Wait until a page goes; it has nothing to say."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
