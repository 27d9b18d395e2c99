"""The tables of a no-show study, with small cells hidden."""

from workbench.no_show.analysis import CHANCE_LIST, LEAD_LIST, MODEL_LIST, Analysis
from workbench.present import numbers
from workbench.present.disclosure import FlowStep, Profile, cohort_flow, hide_small_cells
from workbench.present.no_show.decisions_tables import clinic_day_tables
from workbench.present.no_show.effect_tables import effect_tables
from workbench.present.no_show.group_tables import group_tables
from workbench.present.no_show.monitoring import alarm_table
from workbench.present.no_show.score_tables import INTERVAL, score_tables
from workbench.present.no_show.validation_tables import validation_tables
from workbench.present.result import Cell, Column, Table


def no_show_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """Every table of the study, in the order of the report."""
    steps = [FlowStep(step.label, step.left) for step in analysis.appointments.flow]
    tables = [
        *score_tables(analysis),
        *group_tables(analysis, profile),
        reminders_table(analysis),
        *clinic_day_tables(analysis),
        *([reminded_table(analysis)] if analysis.paradox else []),
        *effect_tables(analysis),
        periods_table(analysis),
        *validation_tables(analysis),
        alarm_table(analysis),
    ]
    return [cohort_flow(steps, profile, "appointments"), *(hide_small_cells(t, profile) for t in tables)]


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
