"""From one draw function to a figure in two forms: for a wide page and for a phone.

The function draws on a plain matplotlib `Figure` with the colors named here; what comes back is SVG whose text
stays text and whose colors are the page's variables, so that dark mode, print and search work. No global
setting of matplotlib is read or changed, and the same input gives the same bytes.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

from workbench.present.blocks import FigureBlock
from workbench.present.svg import compact
from workbench.refusal import Fault, Refused

# Placeholders: each is replaced by the page's variable of that name; the values are those of a light page.
INK = "#1a2224"
SOFT = "#55626a"
LINE = "#d9dedb"
BAND = "#e2e9e6"
PAPER = "#ffffff"
SERIES = ("#0a5f63", "#b4560a", "#5b4fa2", "#a8326e", "#3f6b1f", "#46535a")
PALETTE = {INK: "ink", SOFT: "soft", LINE: "line", BAND: "band", PAPER: "paper"} | {
    color: f"s{place}" for place, color in enumerate(SERIES, start=1)
}
# A series is told by its mark and dashes as well as by its color.
MARKS = ("o", "s", "D", "^", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (7, 3)), (0, (2, 2)), (0, (8, 2, 2, 2)), (0, (12, 3)), (0, (1, 3)))


@dataclass(frozen=True)
class Form:
    """A size a figure is drawn in: width and text size in px as shown at that width."""

    name: Literal["wide", "narrow"]
    width: float
    text: float

    @property
    def is_wide(self) -> bool:
        """Whether labels have room beside the plot instead of above it."""
        return self.name == "wide"


# The page shows the wide form from 600 px on and shrinks the narrow one to 288 px at most: text stays at 11 px.
WIDE = Form("wide", 720, 13.5)
NARROW = Form("narrow", 340, 13)

Draw = Callable[[Any, Form], None]


def draw_figure(
    *, id: str, title: str, alt: str, caption: str, source: Sequence[str], draw: Draw
) -> FigureBlock:
    """A figure block from a function that draws it on the given matplotlib `Figure` in the given `Form`.

    `draw` takes its axes from `plot_area` (or sets the figure's size itself, 72 px an inch) and uses the colors
    of this module alone.

    Raises:
        Refused: without title or alternative text, or for colors, text sizes and images a page cannot show.
    """
    for what, text in (("title", title), ("alternative text", alt)):
        if not text.strip():
            raise Refused(
                Fault(
                    f"figure {id}",
                    f"it has no {what}.",
                    "Say in words what is seen, for those who cannot see it.",
                )
            )
    wide, narrow = (
        compact(
            _drawn(id, draw, form),
            name=f"{id}-{form.name}",
            css_class=form.name,
            alt=alt,
            text_size=form.text,
            colors=PALETTE,
        )
        for form in (WIDE, NARROW)
    )
    return FigureBlock(
        id=id, title=title, alt=alt, caption=caption, source=list(source), wide=wide, narrow=narrow
    )


def plot_area(
    figure: Any, form: Form, *, height: float, left: float, right: float, top: float, bottom: float
) -> Any:
    """Axes within margins, all in px: no frame, no tick marks, vertical grid behind, room for text around."""
    figure.set_size_inches(form.width / 72, height / 72)
    axes = figure.add_axes(
        (
            left / form.width,
            bottom / height,
            (form.width - left - right) / form.width,
            (height - top - bottom) / height,
        )
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_facecolor("none")
    axes.tick_params(length=0, pad=7, colors=SOFT)
    axes.set_axisbelow(True)
    axes.margins(0)
    return axes


def write(figure: Any, x: float, y: float, text: str, **style: Any) -> None:
    """Text with its baseline at x, y in px from the figure's upper left corner."""
    width, height = 72 * figure.get_size_inches()
    style.setdefault("color", INK)
    figure.text(x / width, 1 - y / height, text, va="baseline", **style)


def area(axes: Any, x: Any, y: Any, base: float, **style: Any) -> None:
    """Fill between y and a straight base; x and y are sequences of equal length."""
    # One polygon: matplotlib writes it shorter than the collection that fill_between makes.
    axes.fill([x[0], *x, x[-1]], [base, *y, base], linewidth=0, **style)


def mark(axes: Any, x: float, y: float, series: int) -> None:
    """The mark of a series at a point, over everything else."""
    axes.plot(
        [x],
        [y],
        marker=MARKS[series % len(MARKS)],
        markersize=11,
        color=SERIES[series % len(SERIES)],
        markeredgecolor=PAPER,
        markeredgewidth=1.5,
        linestyle="none",
        clip_on=False,
        zorder=5,
    )


def text_width(text: str, form: Form) -> float:
    """About how wide text is in px, in the widest of the fonts a page falls back on."""
    return 0.6 * form.text * len(text)


def _drawn(name: str, draw: Draw, form: Form) -> str:
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.fonttype": "none",
                # A dollar sign is money here, never mathematics.
                "text.parse_math": False,
                "svg.hashsalt": f"{name}-{form.name}",
                "font.size": form.text,
                "text.color": INK,
                "axes.labelcolor": SOFT,
                "axes.edgecolor": LINE,
                "axes.labelsize": form.text,
                "axes.titlesize": form.text,
                "xtick.labelsize": form.text,
                "ytick.labelsize": form.text,
                "xtick.color": SOFT,
                "ytick.color": SOFT,
                "grid.color": LINE,
                "legend.fontsize": form.text,
                "legend.edgecolor": LINE,
                "legend.facecolor": PAPER,
                "axes.facecolor": PAPER,
                "axes.prop_cycle": cycler(color=SERIES),
                "lines.solid_capstyle": "butt",
            }
        )
        figure = Figure(figsize=(form.width / 72, form.width / 120), dpi=72)
        FigureCanvasSVG(figure)
        figure.patch.set_visible(False)
        draw(figure, form)
        file = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=nothing, dpi=72)
    return file.getvalue()
