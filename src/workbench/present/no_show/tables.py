"""The tables of a no-show study, with small cells hidden."""

from collections.abc import Sequence

from workbench.no_show.analysis import CHANCE_LIST, LEAD_LIST, MODEL_LIST, Analysis
from workbench.no_show.estimates import Estimate
from workbench.present import numbers
from workbench.present.disclosure import FlowStep, Profile, cohort_flow, hide_small_cells
from workbench.present.no_show.validation_tables import validation_tables
from workbench.present.no_show.words import BY_WORDS, MODEL_WORDS
from workbench.present.result import Cell, Column, Table

INTERVAL = "95 % interval"


def no_show_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """Every table of the study, in the order of the report."""
    steps = [FlowStep(step.label, step.left) for step in analysis.appointments.flow]
    tables = [
        scores_table(analysis),
        gains_table(analysis),
        apart_table(analysis),
        calibration_table(analysis),
        curve_table(analysis),
        groups_table(analysis),
        reminders_table(analysis),
        benefit_table(analysis),
        *([reminded_table(analysis)] if analysis.paradox else []),
        periods_table(analysis),
        *validation_tables(analysis),
    ]
    return [cohort_flow(steps, profile, "appointments"), *(hide_small_cells(t, profile) for t in tables)]


def scores_table(analysis: Analysis) -> Table:
    """AUROC, average precision and Brier score of every model."""
    rows: list[list[Cell]] = [
        [
            MODEL_WORDS[scores.model],
            *_cells(scores.auroc, 3),
            *_cells(scores.average_precision, 2),
            *_cells(scores.brier, 3),
        ]
        for scores in analysis.evaluation.scores
    ]
    return Table(
        id="scores",
        caption="How well each model tells missed appointments from kept ones, on the later weeks",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *_scored("auroc", "AUROC", 3),
            *_scored("average_precision", "Average precision", 2),
            *_scored("brier", "Brier score", 3),
        ],
        rows=rows,
        groups="none",
        note="AUROC and average precision: higher is better; a useless model has an AUROC of .5 and the rate of "
        "no-shows as average precision. Brier score: lower is better. Intervals are clustered by patient.",
    )


def gains_table(analysis: Analysis) -> Table:
    """The chosen model against each baseline."""
    rows: list[list[Cell]] = [
        [MODEL_WORDS[gain.baseline], *_cells(gain.auroc, 3), *_cells(gain.brier, 4)]
        for gain in analysis.evaluation.gains
    ]
    return Table(
        id="gains",
        caption=f"What {MODEL_WORDS[analysis.chosen]} adds to each baseline",
        columns=[
            Column(name="baseline", title="Against", kind="label"),
            *_scored("auroc_gain", "AUROC higher by", 3),
            *_scored("brier_gain", "Brier score lower by", 4),
        ],
        rows=rows,
        groups="none",
        note="Paired: the same appointments, scored by both.",
    )


def apart_table(analysis: Analysis) -> Table:
    """AUROC of all appointments, of same-day bookings and of the others."""
    rows: list[list[Cell]] = []
    for apart in analysis.apart:
        rows.append(
            [
                apart.among,
                apart.patients,
                apart.appointments,
                apart.missed / apart.appointments,
                *_cells(apart.auroc[analysis.chosen], 3),
                apart.auroc["lead_time"].value,
            ]
        )
    return Table(
        id="apart",
        caption="Same-day bookings told apart: how well the model does among each"
        if len(rows) > 1
        else "How well the model does: none of these visits was booked for the same day",
        columns=[
            Column(name="among", title="Among", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="share", title="Missed", kind="share", digits=2),
            *_scored("auroc", "AUROC", 3),
            Column(name="lead_auroc", title="By lead alone", kind="estimate", digits=3),
        ],
        rows=rows,
        groups="arm",
        note="Telling same-day bookings, which are seldom missed, from the others is easy and helps nobody choose whom "
        "to call."
        if len(rows) > 1
        else "",
    )


def calibration_table(analysis: Analysis) -> Table:
    """Calibration intercept and slope of every model."""
    rows: list[list[Cell]] = [
        [MODEL_WORDS[scores.model], *_cells(scores.intercept, 2)]
        + (_cells(scores.slope, 2) if scores.slope else [None, None])
        for scores in analysis.evaluation.scores
    ]
    low, high = analysis.settings.slope_within
    return Table(
        id="calibration",
        caption="Whether the numbers mean what they say: calibration on the later weeks",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *_scored("intercept", "Intercept", 2),
            *_scored("slope", "Slope", 2),
        ],
        rows=rows,
        groups="none",
        note="Intercept (log odds, slope held at 1): 0 is best, above 0 more miss than predicted; declared bound "
        f"±{numbers.number(analysis.settings.largest_miscalibration, 2)}. Slope: 1 is best, under 1 predictions are "
        f"too extreme; declared {numbers.number(low, 2)} to {numbers.number(high, 2)}.",
    )


def curve_table(analysis: Analysis) -> Table:
    """Predicted and observed shares by tenth of predicted risk."""
    rows: list[list[Cell]] = [
        [
            _ordinal(place),
            point.patients,
            point.appointments,
            point.missed / point.appointments,
            100 * point.predicted,
            numbers.interval(point.observed.low, point.observed.high, 1, scale=100, unit="%"),
        ]
        for place, point in enumerate(analysis.evaluation.curve, 1)
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


def groups_table(analysis: Analysis) -> Table:
    """The chosen model by subgroup."""
    rows: list[list[Cell]] = [
        [
            BY_WORDS[group.by],
            group.group,
            group.patients,
            group.appointments,
            group.missed / group.appointments,
            100 * group.predicted,
            numbers.interval(group.excess.low, group.excess.high, 1, scale=100),
            *(_cells(group.auroc, 2) if group.auroc else [None, group.unscored]),
        ]
        for group in analysis.groups
    ]
    return Table(
        id="subgroups",
        caption="Whether it holds for everybody: the model by group of patients",
        columns=[
            Column(name="by", title="By", kind="label"),
            Column(name="group", title="Group", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title="Missed", kind="share"),
            Column(name="predicted", title="Predicted, %", kind="estimate"),
            Column(name="excess", title="Missed less predicted, points", kind="interval"),
            *_scored("auroc", "AUROC", 2),
        ],
        rows=rows,
        groups="attributes",
        note="Missed less predicted, as a 95 % interval: above 0 the risk is understated, below 0 overstated.",
    )


def reminders_table(analysis: Analysis) -> Table:
    """Caught and missed no-shows by calls per day."""
    reminders = analysis.reminders
    rows: list[list[Cell]] = []
    for model in reminders.by_rule[MODEL_LIST]:
        lead, chance = (reminders.at(rule, model.calls_per_day) for rule in (LEAD_LIST, CHANCE_LIST))
        rows.append(
            [
                numbers.count(model.calls_per_day),
                model.calls,
                model.caught,
                model.missed,
                model.precision,
                100 * model.share_caught,
                100 * lead.share_caught,
                100 * chance.share_caught,
                model.gain / reminders.days,
            ]
        )
    return Table(
        id="reminders",
        caption="What a list of the highest risks of each day would have held",
        columns=[
            Column(name="calls_per_day", title="Calls per day", kind="label"),
            Column(name="calls", title="Called", kind="people"),
            Column(name="caught", title="Caught", kind="events"),
            Column(name="not_caught", title="Not caught", kind="estimate", digits=0),
            Column(name="precision", title="Share of calls", kind="share", digits=0),
            Column(name="share_caught", title="Of all, %", kind="estimate", digits=0),
            Column(name="lead_caught", title="By lead, %", kind="estimate", digits=0),
            Column(name="chance_caught", title="By chance, %", kind="estimate", digits=0),
            Column(name="gain", title="Net worth a day", kind="estimate", digits=0),
        ],
        rows=rows,
        groups="arm",
        note="Caught: no-shows on the list, under the care of that time. By lead, by chance: what lists of the longest "
        "leads, or made by lot, would have caught. Net worth: of slots kept, less the cost of calls; that a call turns "
        f"{numbers.percent(analysis.settings.call_keeps, 0)} of them into visits is an assumption.",
    )


def benefit_table(analysis: Analysis) -> Table:
    """Net benefit by threshold, per 1,000 appointments."""
    asked = analysis.settings.threshold
    chosen = [
        benefit
        for benefit in analysis.evaluation.benefits
        if benefit.threshold == asked or round(100 * benefit.threshold) % 10 == 0
    ]
    rows: list[list[Cell]] = [
        [
            numbers.percent(benefit.threshold, 0) + (" (asked about)" if benefit.threshold == asked else ""),
            1000 * benefit.model.value,
            numbers.interval(benefit.model.low, benefit.model.high, scale=1000),
            1000 * benefit.everybody,
            1000 * benefit.gain.value,
            numbers.interval(benefit.gain.low, benefit.gain.high, scale=1000),
        ]
        for benefit in chosen
    ]
    return Table(
        id="net_benefit",
        caption="Net benefit of calling by the model, per 1,000 appointments",
        columns=[
            Column(name="threshold", title="Call from a risk of", kind="label"),
            *_scored("model", "By the model", 0),
            Column(name="everybody", title="Calling everybody", kind="estimate", digits=0),
            *_scored("gain", "Beyond everybody or nobody", 0),
        ],
        rows=rows,
        groups="none",
        note="In no-shows called without a needless call: each needless call is charged at the odds of the threshold.",
    )


def reminded_table(analysis: Analysis) -> Table:
    """Shares missed by reminder and lead."""
    groups = analysis.paradox.groups if analysis.paradox else ()
    rows: list[list[Cell]] = [
        [
            group.leads,
            "reminded" if group.reminded else "not reminded",
            group.patients,
            group.appointments,
            group.missed / group.appointments,
            numbers.interval(group.share.low, group.share.high, 1, scale=100, unit="%"),
        ]
        for group in groups
    ]
    return Table(
        id="reminded",
        caption="Missed appointments of the reminded and the others, over all weeks studied: no effect of reminders",
        columns=[
            Column(name="leads", title="Lead", kind="label"),
            Column(name="reminded", title="Text", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title="Missed", kind="share"),
            Column(name="interval", title=INTERVAL, kind="interval"),
        ],
        rows=rows,
        groups="arm",
    )


def periods_table(analysis: Analysis) -> Table:
    """Patients, appointments and no-shows of training, calibration and test."""
    rows: list[list[Cell]] = [
        [period.name, period.patients, period.appointments, period.missed, period.missed / period.appointments]
        for period in analysis.periods
    ]
    return Table(
        id="periods",
        caption="Weeks that train, calibrate and test, one after the other",
        columns=[
            Column(name="period", title="Weeks of", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title="Missed", kind="events"),
            Column(name="rate", title="Rate", kind="share", digits=2),
        ],
        rows=rows,
        groups="arm",
        note="A patient may be in several.",
    )


def _scored(name: str, title: str, digits: int) -> Sequence[Column]:
    return (
        Column(name=name, title=title, kind="estimate", digits=digits),
        Column(name=f"{name}_interval", title=INTERVAL, kind="interval"),
    )


def _cells(estimate: Estimate, digits: int) -> list[Cell]:
    if estimate.low == estimate.high:
        return [estimate.value, "–"]
    return [estimate.value, numbers.interval(estimate.low, estimate.high, digits)]


def _ordinal(place: int) -> str:
    return {1: "lowest tenth", 10: "highest tenth"}.get(place, f"tenth {place}")
