"""Bring uPlot into `dashboard/static/vendor`, checked by SHA-256, its script without comments and blanks.

No third-party source is committed. The two files come out of the PyPI package `uplot-python` and are packed by
`rjsmin`; both are needed while building only: what they depend on never reaches whoever installs crampwatch.
Where the files are there already, as in an unpacked source distribution, nothing is asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "dashboard" / "static" / "vendor"
UPLOT_REQUIREMENT = "uplot-python==1.1.1"
PACKER_REQUIREMENT = "rjsmin==1.2.5"
# File name to SHA-256: uPlot 1.6.16, as that package carries it.
UPLOT_SHA256 = {
    "uPlot.iife.js": "655bc8aa33781e8721c5af6b59f1699c03c9bda951aa74a6ab518ac20cc4326d",
    "uPlot.min.css": "3f121cd4a997b634e07a887658850018e475c26f0bddd874109a8d382c19de87",
}
# Likewise, of what is not served as it comes: a third of the script is comments and blanks.
PACKED_SHA256 = {"uPlot.iife.js": "b96aa013397839727112440d2c2c91c0c09051f4f793f9ba21c2f18be6041492"}


class VendorError(Exception):
    """uPlot cannot be brought in: its package is absent, or a file of it is not the one expected."""


def is_vendored(folder: Path = VENDOR) -> bool:
    """Tell whether `folder` holds every uPlot file with the hash expected."""
    return all(
        (folder / name).is_file() and _sha256((folder / name).read_bytes()) == expected
        for name, expected in (UPLOT_SHA256 | PACKED_SHA256).items()
    )


def vendor_uplot(folder: Path = VENDOR, origin: Path | None = None) -> None:
    """Copy uPlot into `folder` unless it is there, checking each file by SHA-256.

    Args:
        folder: where the files go; made when absent.
        origin: folder that holds them; by default the installed package's.

    Raises:
        VendorError: the package is absent, or a file is missing or differs; nothing is written then.
    """
    if is_vendored(folder):
        return
    source = origin or _installed_static_folder()
    contents = {name: _packed(name, _checked(source / name, sha)) for name, sha in UPLOT_SHA256.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        # Beside, then over: two builds at once never let a third read half a file.
        beside = folder / f".{name}.{os.getpid()}"
        beside.write_bytes(content)
        beside.replace(folder / name)


def requirements() -> list[str]:
    """Name what the build environment must hold for `vendor_uplot`: nothing, where the files are there."""
    return [] if is_vendored() else [UPLOT_REQUIREMENT, PACKER_REQUIREMENT]


def _installed_static_folder() -> Path:
    # Found, not imported: importing the package would need what it depends on.
    package = importlib.util.find_spec("uplot")
    if package is None or package.origin is None:
        raise VendorError(
            f"uPlot for the pages: {VENDOR} is empty and the build environment has no {UPLOT_REQUIREMENT}; "
            "build with isolation (plain `pip install .`), or install that package there first"
        )
    return Path(package.origin).parent / "static"


def _checked(path: Path, expected: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise VendorError(f"uPlot for the pages: cannot read {path}: {error.strerror}") from error
    got = _sha256(content)
    if got != expected:
        raise VendorError(
            f"uPlot for the pages: {path} is not the file expected: SHA-256 {expected}, got {got}; "
            f"build with {UPLOT_REQUIREMENT}, or change the hash in {__file__} on purpose"
        )
    return content


def _packed(name: str, content: bytes) -> bytes:
    """Return a file as it is served."""
    if name not in PACKED_SHA256:
        return content
    try:
        from rjsmin import jsmin
    except ImportError as error:
        raise VendorError(
            f"uPlot for the pages: the build environment has no {PACKER_REQUIREMENT}; build with isolation "
            "(plain `pip install .`), or install that package there first"
        ) from error
    packed: bytes = jsmin(content)
    if _sha256(packed) != PACKED_SHA256[name]:
        raise VendorError(
            f"uPlot for the pages: {name} is packed into another file than expected: SHA-256 "
            f"{PACKED_SHA256[name]}, got {_sha256(packed)}; build with {PACKER_REQUIREMENT}"
        )
    return packed


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
