"""How a report looks: inside its own page, so that one file is all there is; black on white, made for paper."""

import base64
import hashlib
from pathlib import Path

STYLE = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
# What the policy of the pages lets in besides files of our own: this style and no other (CSP level 2).
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
