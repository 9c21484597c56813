"""TOML that a person or a disk may have spoilt: whatever its parser raises is one error.

TomlError    the text is no TOML
"""

import tomllib
from typing import Any


class TomlError(ValueError):
    """A text is no TOML; the error says where it stops being one."""


def toml_of(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises:
        TomlError: it is none; nor are a number of thousands of digits, and lists a thousand deep, of which the
            standard library's parser raises errors that are not its own.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TomlError("nested lists or tables, too deep") from error
    except ValueError as error:
        raise TomlError(str(error)) from error
