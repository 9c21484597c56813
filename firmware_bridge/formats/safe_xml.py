"""XML out of recordings, read without what makes XML dangerous: no document types, so no entities, and no depth."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from firmware_bridge.formats.columns import BrokenFileError

# Descriptions of devices and streams take some ten kilobytes, those of 400 channels some hundred.
_LARGEST_BYTES = 8 << 20
_DEEPEST = 64


def xml_of(content: bytes, what: str) -> Element:
    """Return the root of a document.

    Raises:
        BrokenFileError: too large, too deep, with a document type, or not well formed.
    """
    if len(content) > _LARGEST_BYTES:
        raise BrokenFileError(
            f"{what}: expected XML below {_LARGEST_BYTES >> 20} MiB, got {len(content)} bytes"
        )
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise BrokenFileError(f"{what}: expected XML of at most {_DEEPEST} levels, got more")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise BrokenFileError(
            f"{what}: expected XML without a document type, got one: it could declare entities"
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003
        return builder.close()
    except (expat.ExpatError, AssertionError) as error:
        raise BrokenFileError(f"{what}: expected XML, got something else: {error}") from error


def text_in(element: Element | None, path: str) -> str:
    """Return the text of what lies at a path below an element; empty where there is none."""
    found = element.findtext(path) if element is not None else None
    return (found or "").strip()
