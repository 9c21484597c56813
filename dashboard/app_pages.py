"""What makes the pages an app on a phone: its manifest, its worker, and the page that it shows without a connection."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from dashboard.doors import OPEN, Door
from dashboard.rendering import page
from dashboard.texts import Texts

_WORKER = Path(__file__).parent / "static" / "sw.js"
_GROUND = "#0b0a09"


class AppPages:
    """The handlers, and what they share.

    Args:
        texts: What the pages say.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/manifest.webmanifest", self.manifest, OPEN),
            Door("/sw.js", self.worker, OPEN),
            Door("/offline", self.offline, OPEN),
        ]

    async def manifest(self, _request: Request) -> Response:
        """Return what the app is called and looks like (W3C Web Application Manifest)."""
        told = {
            "name": "crampwatch",
            "short_name": "crampwatch",
            "description": self._texts("disclaimer"),
            "lang": self._texts.language,
            "start_url": "/care",
            "scope": "/",
            "display": "standalone",
            "background_color": _GROUND,
            "theme_color": _GROUND,
            "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        }
        return JSONResponse(told, media_type="application/manifest+json")

    async def worker(self, _request: Request) -> Response:
        """Return the worker; it stands at the root, since it may keep only what lies below it."""
        return FileResponse(_WORKER, media_type="text/javascript")

    async def offline(self, _request: Request) -> Response:
        """Show that there is no connection."""
        return page(self._texts, "offline.html", "standing", "offline", title=self._texts("offline"))
