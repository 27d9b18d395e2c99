"""How an experiment of each size would end, as bars."""

from collections.abc import Sequence
from typing import Any

from workbench.experiments.planning.analysis import Plan
from workbench.experiments.verdict import ArmDecision
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.drawing import (
    BAND,
    INK,
    PAPER,
    SERIES,
    SOFT,
    Form,
    draw_figure,
    plot_area,
    text_width,
    write,
)
from workbench.present.experiment_plan.tables import VERDICT_WORDS

COLORS: dict[ArmDecision, str] = {
    "adopt": SERIES[0],
    "equivalent": SERIES[2],
    "reject": SERIES[5],
    "harmful": SERIES[3],
    "inconclusive": BAND,
}


def endings(plan: Plan) -> FigureBlock:
    """A bar for each size, parted by how probable each verdict is."""
    settings = plan.settings
    rows = [
        (numbers.count(size.chances.people_per_arm), size.chances.assurance.verdicts) for size in plan.sizes
    ]

    def draw(figure: Any, form: Form) -> None:
        step, tall = 40.0, 28.0
        entries = _legend_lines(form)
        top = 22.0 * len(entries) + 12
        left = 84 if form.is_wide else 66
        height = top + step * len(rows) + 44
        axes = plot_area(figure, form, height=height, left=left, right=12, top=top, bottom=44)
        axes.set_xlim(0, 100)
        axes.set_ylim(step * len(rows), 0)
        axes.set_yticks([])
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.set_xlabel("% of experiments", labelpad=6)
        for place, (label, verdicts) in enumerate(rows):
            y = step * place + step / 2
            write(figure, 0, top + y + 5, label)
            start = 0.0
            for verdict, color in COLORS.items():
                width = 100 * verdicts[verdict]
                axes.barh(y, width, left=start, height=tall, color=color, linewidth=0)
                text = numbers.number(width)
                room = width / 100 * (form.width - left - 12)
                if room > text_width(text, form) + 8:
                    ink = INK if color == BAND else PAPER
                    axes.text(start + width / 2, y, text, ha="center", va="center_baseline", color=ink)
                start += width
        for line, names in enumerate(entries):
            x = float(0)
            for verdict in names:
                y = 14 + 22 * line
                write(figure, x, y, "■", color=COLORS[verdict])
                write(figure, x + 18, y, VERDICT_WORDS[verdict], color=SOFT)
                x += 18 + text_width(VERDICT_WORDS[verdict], form) + 14

    return draw_figure(
        id="endings",
        title=f"How it would end, by {settings.people_noun} per arm",
        caption="Probability of each verdict at the planned look, averaged over what is believed of the effect and of "
        "opt-outs before the experiment.",
        alt=_alt(rows),
        source=["assurance"],
        draw=draw,
    )


def _legend_lines(form: Form) -> list[list[ArmDecision]]:
    """The verdicts in as many lines as they need."""
    lines: list[list[ArmDecision]] = [[]]
    x = 0.0
    for verdict, words in VERDICT_WORDS.items():
        width = 18 + text_width(words, form) + 14
        if lines[-1] and x + width > form.width:
            lines.append([])
            x = 0.0
        lines[-1].append(verdict)
        x += width
    return lines


def _alt(rows: Sequence[tuple[str, Any]]) -> str:
    told = "; ".join(
        f"{label} per arm: "
        + ", ".join(
            f"{VERDICT_WORDS[verdict].lower()} {numbers.percent(verdicts[verdict], 0)}" for verdict in COLORS
        )
        for label, verdicts in rows
    )
    return f"Stacked bars of the probability of each verdict. {told}."
