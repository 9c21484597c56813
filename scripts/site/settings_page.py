"""The settings reference, made from the settings themselves."""

from crampwatch.settings import Settings
from crampwatch.settings_text import settings_text

_INTRODUCTION = """# Settings

One TOML file in your configuration folder; `crampwatch settings` prints it, and where it lies. Every key may be left
out: these are the defaults, each with its unit and its reason.

"""


def settings_page() -> str:
    """Return the page: the file with every key, as the program would write it."""
    return f"{_INTRODUCTION}```toml\n{settings_text(Settings())}```\n"
