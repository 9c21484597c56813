"""Pictures as SVG, drawn on the server: escaped shapes with classes, which the page's scheme colours."""

from dataclasses import dataclass, field

from markupsafe import Markup, escape


@dataclass(slots=True)
class Picture:
    """A picture that is being drawn; lengths in its own units, which are pixels where it is not scaled.

    Attributes:
        width: Of the picture.
        height: Likewise.
        title: What it shows, in a sentence: for whoever does not see it.
    """

    width: float
    height: float
    title: str
    _shapes: list[Markup] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, kind: str, tip: str = "") -> None:
        """Draw a box of a kind; a tip says what it is."""
        self._add("rect", tip, x=x, y=y, width=max(0.5, width), height=height, **{"class": kind})

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a line of a kind."""
        self._add("line", "", x1=x1, y1=y1, x2=x2, y2=y2, **{"class": kind})

    def dot(self, x: float, y: float, radius: float, kind: str, tip: str = "") -> None:
        """Draw a dot of a kind; a tip says what it is."""
        self._add("circle", tip, cx=x, cy=y, r=radius, **{"class": kind})

    def text(self, x: float, y: float, words: str, kind: str = "label", anchor: str = "start") -> None:
        """Write words, their baseline at y."""
        attributes = _attributes({"x": x, "y": y, "class": kind, "text-anchor": anchor})
        self._shapes.append(Markup("<text {}>{}</text>").format(attributes, words))

    def markup(self) -> Markup:
        """Return the picture."""
        size = _attributes({"viewBox": f"0 0 {self.width:g} {self.height:g}", "role": "img"})
        head = Markup('<svg {} aria-label="{}">').format(size, self.title)
        return head + Markup("").join(self._shapes) + Markup("</svg>")

    def _add(self, tag: str, tip: str, **attributes: float | str) -> None:
        inside = Markup("<title>{}</title>").format(tip) if tip else Markup("")
        shape = Markup("<{0} {1}>{2}</{0}>").format(Markup(tag), _attributes(attributes), inside)  # noqa: S704
        self._shapes.append(shape)


def _attributes(values: dict[str, float | str]) -> Markup:
    told = (f'{name}="{escape(_told(value))}"' for name, value in values.items())
    return Markup(" ".join(told))  # noqa: S704 - each value is escaped above, names are ours


def _told(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
