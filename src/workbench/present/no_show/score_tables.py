"""The tables of what predictions are worth, in the order that matters: calibration, net benefit, ranks, accuracy."""

from collections.abc import Sequence

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.present import numbers
from workbench.present.no_show.words import MODEL_WORDS
from workbench.present.result import Cell, Column, Table

INTERVAL = "95 % interval"


def score_tables(analysis: Analysis) -> list[Table]:
    """Every table of scores, before small cells are hidden."""
    evaluation = analysis.evaluation
    return [
        calibration_table(analysis),
        *([distances_table(analysis)] if evaluation.eavg else []),
        tenths_table(analysis),
        benefit_table(analysis),
        *([capacity_table(analysis)] if evaluation.capacity else []),
        *([] if evaluation.one_class else [ranks_table(analysis)]),
        gains_table(analysis),
        *([apart_table(analysis)] if analysis.apart else []),
        accuracy_table(analysis),
    ]


def calibration_table(analysis: Analysis) -> Table:
    """Calibration intercept and slope of every model."""
    rows: list[list[Cell]] = [
        [MODEL_WORDS[scores.model], *cells(scores.intercept, 2), *cells(scores.slope, 2)]
        for scores in analysis.evaluation.scores
    ]
    low, high = analysis.settings.slope_within
    return Table(
        id="calibration",
        caption="Whether the numbers mean what they say: calibration on the later weeks",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *scored("intercept", "In the large", 2),
            *scored("slope", "Slope", 2),
        ],
        rows=rows,
        groups="none",
        note="In the large (intercept in log odds, slope held at 1): 0 is best, above 0 more miss than "
        f"predicted; declared bound ±{numbers.number(analysis.settings.largest_miscalibration, 2)}. Slope: 1 "
        f"is best, under 1 predictions are too extreme; declared {numbers.number(low, 2)} to "
        f"{numbers.number(high, 2)}. A model outside these bounds is used for no decision.",
    )


def distances_table(analysis: Analysis) -> Table:
    """Eavg and E90 beside what they would be under perfect calibration."""
    evaluation = analysis.evaluation
    rows: list[list[Cell]] = [
        [words, 100 * distance.value, 100 * distance.expected, 100 * distance.upper]
        for words, distance in (("Eavg, the mean", evaluation.eavg), ("E90, nine in ten below", evaluation.e90))
        if distance is not None
    ]
    return Table(
        id="distances",
        caption="How far the calibration curve lies from the predictions, in percentage points",
        columns=[
            Column(name="distance", title="Distance", kind="label"),
            Column(name="found", title="Found", kind="estimate", digits=2),
            Column(name="expected", title="If calibration were perfect", kind="estimate", digits=2),
            Column(name="upper", title="Then below, in 19 of 20", kind="estimate", digits=2),
        ],
        rows=rows,
        groups="none",
        note="Chance alone keeps a curve off the predictions: so the distance stands beside that of outcomes "
        "drawn from the predicted risks themselves, as like within a patient as the real ones. Bootstrap "
        "intervals of these distances do not cover, and none are given.",
    )


def tenths_table(analysis: Analysis) -> Table:
    """Predicted and observed shares by tenth of predicted risk."""
    rows: list[list[Cell]] = [
        [
            _ordinal(place),
            tenth.patients,
            tenth.appointments,
            tenth.missed / tenth.appointments,
            100 * tenth.predicted,
            numbers.interval(tenth.observed.low, tenth.observed.high, 1, scale=100, unit="%"),
        ]
        for place, tenth in enumerate(analysis.evaluation.tenths, 1)
    ]
    return Table(
        id="calibration_curve",
        caption=f"Predicted and observed, by tenth of predicted risk ({MODEL_WORDS[analysis.chosen]})",
        columns=[
            Column(name="tenth", title="Group by risk", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="observed", title="Missed", kind="share"),
            Column(name="predicted", title="Predicted, %", kind="estimate"),
            Column(name="interval", title=f"Missed, {INTERVAL}", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
    )


def benefit_table(analysis: Analysis) -> Table:
    """Net benefit over the plausible range of the threshold, per 1,000 appointments."""
    asked = analysis.settings.threshold
    low, high = analysis.settings.plausible_thresholds
    rows: list[list[Cell]] = [
        [
            numbers.percent(benefit.threshold) + (" (the clinic's)" if benefit.threshold == asked else ""),
            *cells(benefit.model, 0, 1000),
            1000 * benefit.everybody,
            *cells(benefit.gain, 0, 1000),
            *cells(benefit.standardized, 0, 100),
        ]
        for benefit in analysis.evaluation.benefits
        if low <= benefit.threshold <= high
    ]
    return Table(
        id="net_benefit",
        caption="Net benefit of calling by the model, per 1,000 appointments, over the thresholds that are plausible",
        columns=[
            Column(name="threshold", title="Call from a risk of", kind="label"),
            *scored("model", "By the model", 0),
            Column(name="everybody", title="Calling everybody", kind="estimate", digits=0),
            *scored("gain", "Beyond everybody or nobody", 0),
            *scored("standardized", "Of the most there is, %", 0),
        ],
        rows=rows,
        groups="none",
        note="In no-shows called without a needless call: each needless call is charged at the odds of the threshold. "
        "Calling nobody has 0. The most there is: every no-show called, and nobody else.",
    )


def capacity_table(analysis: Analysis) -> Table:
    """Net benefit at the clinic's capacity and threshold, per 1,000 appointments."""
    evaluation = analysis.evaluation
    capacity, asked = evaluation.capacity, evaluation.benefit_at(analysis.settings.threshold)
    if capacity is None:
        raise ValueError("no lists were scored")
    calls = numbers.count(analysis.settings.calls_per_day)
    rows: list[list[Cell]] = [
        [f"the {calls} highest risks of each day", *cells(capacity.model, 0, 1000)],
        ["of these, only who reaches the threshold", *cells(capacity.worth_calling, 0, 1000)],
        ["everybody who reaches the threshold", *cells(asked.model, 0, 1000)],
        ["as many a day, by lot", 1000 * capacity.chance, None],
        ["everybody", 1000 * asked.everybody, None],
        ["nobody", 0.0, None],
    ]
    return Table(
        id="capacity_benefit",
        caption=f"Net benefit with {calls} calls a day, per 1,000 appointments, a needless call charged at the "
        f"threshold of {numbers.percent(capacity.threshold)}",
        columns=[Column(name="called", title="Called", kind="label"), *scored("benefit", "Net benefit", 0)],
        rows=rows,
        groups="none",
        note=f"So many calls reach {numbers.percent(capacity.called)} of all appointments; on the middle day "
        f"the last one called has a risk of {numbers.percent(capacity.implied)}, which is the threshold this "
        "capacity implies.",
    )


def ranks_table(analysis: Analysis) -> Table:
    """AUROC and average precision of every model."""
    rows: list[list[Cell]] = [
        [MODEL_WORDS[scores.model], *cells(scores.auroc, 3), *cells(scores.average_precision, 2)]
        for scores in analysis.evaluation.scores
    ]
    check = analysis.evaluation.of(analysis.chosen).auroc_check
    checked = f" ({numbers.interval(check.low, check.high, 3)} for the chosen model)" if check else ""
    return Table(
        id="scores",
        caption="How well each model tells missed appointments from kept ones, on the later weeks",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *scored("auroc", "AUROC", 3),
            *scored("average_precision", "Average precision", 2),
        ],
        rows=rows,
        groups="none",
        note="Higher is better; a useless model has an AUROC of .5 and the rate of no-shows as average precision. The "
        f"AUROC's interval is in closed form; the bootstrap{checked} is its check.",
    )


def accuracy_table(analysis: Analysis) -> Table:
    """Brier score, scaled Brier score and log loss of every model."""
    rows: list[list[Cell]] = [
        [
            MODEL_WORDS[scores.model],
            *cells(scores.brier, 3),
            *cells(scores.scaled_brier, 1, 100),
            *cells(scores.log_loss, 3),
        ]
        for scores in analysis.evaluation.scores
    ]
    return Table(
        id="accuracy",
        caption="How far the risks are from what happened, on the later weeks",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *scored("brier", "Brier score", 3),
            *scored("scaled_brier", "Scaled Brier, %", 1),
            *scored("log_loss", "Log loss", 3),
        ],
        rows=rows,
        groups="none",
        note="Brier score and log loss: lower is better. Scaled Brier: 0 is telling everybody the rate of "
        "these weeks, which nobody knew before; 100 is knowing.",
    )


def gains_table(analysis: Analysis) -> Table:
    """The chosen model against each baseline."""
    rows: list[list[Cell]] = [
        [MODEL_WORDS[gain.baseline], *cells(gain.auroc, 3), *cells(gain.brier, 4), *cells(gain.log_loss, 4)]
        for gain in analysis.evaluation.gains
    ]
    return Table(
        id="gains",
        caption=f"What {MODEL_WORDS[analysis.chosen]} adds to each baseline",
        columns=[
            Column(name="baseline", title="Against", kind="label"),
            *scored("auroc_gain", "AUROC higher by", 3),
            *scored("brier_gain", "Brier score lower by", 4),
            *scored("log_loss_gain", "Log loss lower by", 4),
        ],
        rows=rows,
        groups="none",
        note="Paired: the same appointments, scored by both.",
    )


def apart_table(analysis: Analysis) -> Table:
    """AUROC of all appointments, of same-day bookings and of the others."""
    rows: list[list[Cell]] = [
        [
            apart.among,
            apart.patients,
            apart.appointments,
            apart.missed / apart.appointments,
            *cells(apart.auroc[analysis.chosen], 3),
            apart.auroc["lead_time"].value,
        ]
        for apart in analysis.apart
    ]
    told_apart = len(rows) > 1
    return Table(
        id="apart",
        caption="Same-day bookings told apart: how well the model does among each"
        if told_apart
        else "How well the model does: none of these visits was booked for the same day",
        columns=[
            Column(name="among", title="Among", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="share", title="Missed", kind="share", digits=2),
            *scored("auroc", "AUROC", 3),
            Column(name="lead_auroc", title="By lead alone", kind="estimate", digits=3),
        ],
        rows=rows,
        groups="arm",
        note="Telling same-day bookings, which are seldom missed, from the others is easy and helps nobody choose whom "
        "to call."
        if told_apart
        else "",
    )


def scored(name: str, title: str, digits: int) -> Sequence[Column]:
    """The columns of an estimate and of its interval."""
    return (
        Column(name=name, title=title, kind="estimate", digits=digits),
        Column(name=f"{name}_interval", title=INTERVAL, kind="interval"),
    )


def cells(estimate: Estimate | None, digits: int, scale: float = 1.0) -> list[Cell]:
    """An estimate and its interval, both times scale; empty where it is undefined."""
    if estimate is None:
        return [None, None]
    if estimate.low == estimate.high:
        return [scale * estimate.value, "–"]
    return [scale * estimate.value, numbers.interval(estimate.low, estimate.high, digits, scale=scale)]


def _ordinal(place: int) -> str:
    return {1: "lowest tenth", 10: "highest tenth"}.get(place, f"tenth {place}")
