"""From a template and the catalogue to a page."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from dashboard.texts import Texts
from dashboard.visitors import visitor

# The pages, in the order in which the menu lists them: what each is called in the catalogue, and where it is.
MENU = (
    ("bedside", "/"),
    ("now", "/now"),
    ("care", "/care"),
    ("setup", "/setup"),
    ("nights", "/nights"),
    ("trends", "/trends"),
    ("diary", "/diary"),
    ("lab", "/lab"),
)
# What a caregiver finds there; the others would only be refused.
_CAREGIVERS_MENU = tuple(entry for entry in MENU if entry[1] == "/care")
_TEMPLATES = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined
)


def page(texts: Texts, template: str, says: str, here: str, **values: object) -> Response:
    """Return a page.

    Args:
        texts: What pages say.
        template: File in `dashboard/templates`.
        says: The page's file in the catalogue.
        here: Which page of the menu this is.
        values: What else the template shows; ``title`` always.
    """
    words = texts.page(says)
    came = visitor.get()
    menu = _CAREGIVERS_MENU if came is not None and came.role == "caregiver" else MENU
    told = {"t": words, "here": here, "menu": menu, "visitor": came, "texts": texts, **values}
    return HTMLResponse(_environment.get_template(template).render(told))


def rendered(texts: Texts, template: str, says: str, **values: object) -> str:
    """Return a document that is no page of the pages: without their menu, and all in one file.

    Args:
        texts: What it says.
        template: File in `dashboard/templates`.
        says: Its file in the catalogue.
        values: What else the template shows.
    """
    told = {"t": texts.page(says), "language": texts.language, **values}
    return _environment.get_template(template).render(told)
