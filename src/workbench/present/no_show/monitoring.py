"""How the model is watched: the calibration alarm run over the test, and where it has to run once the model is used."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.oversight.rehearsal import Rehearsal
from workbench.no_show.parameters import NoShow
from workbench.present import numbers
from workbench.present.blocks import Block, FigureBlock, ProseBlock, folded, tables_of
from workbench.present.no_show.words import MODEL_WORDS
from workbench.present.prediction_figures import Line, lines_figure
from workbench.present.result import Cell, Column, Metric, StudyResult, Table

ONLY_ON_THE_HOLDOUT = (
    "**In use the alarm must run on the un-acted holdout alone**: patients drawn by lot, whom nobody calls by their "
    "risk. Among those who are called, calls that work keep visits that would have been missed, outcomes fall below "
    "the predictions, and success looks like drift."
)


def how_it_is_watched(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The alarm over the test's weeks, and what holds of it in use."""
    figure = evidence_figure(analysis.alarm, result)
    return (
        ProseBlock(text=alarm_in_words(analysis)),
        *((figure,) if figure else ()),
        ProseBlock(text=f"{ONLY_ON_THE_HOLDOUT} {holdout_in_words(analysis.settings)}"),
        *folded("The evidence week by week", tables_of(result, "alarm_weeks")),
    )


def alarm_words(alarm: Rehearsal) -> str:
    """Whether the alarm was given over the test, as in "no alarm in 16 weeks"."""
    weeks = len(alarm.weeks)
    watched = f"{numbers.count(weeks)} {'week' if weeks == 1 else 'weeks'}"
    if alarm.given_in is None or alarm.given_on is None:
        return f"no alarm in {watched}"
    return f"alarm in week {alarm.given_in} of {watched}, on {numbers.day(alarm.given_on.date())}"


def alarm_in_words(analysis: Analysis) -> str:
    """What the alarm found over the test, how often it would be false, and what its silence means."""
    alarm = analysis.alarm
    rate = numbers.percent(alarm.alpha, 0)
    found = alarm_words(alarm)
    return (
        f"**{found[0].upper()}{found[1:]}.** The calibration alarm was run over the weeks of the test, day after day, "
        "on risks told before their outcomes; nobody had been called by them, though calls by an earlier model, if "
        "there was one, are in the outcomes. If the risks are right it is ever given, "
        f"however long and often one looks, with a probability of at most {rate}: its false-alarm rate. It is given "
        f"once the evidence against calibration reaches {numbers.number(1 / alarm.alpha)} times its start. Silence is "
        "no proof that the risks are right: small drifts take months to be heard."
    )


def holdout_in_words(settings: NoShow) -> str:
    """Who is held out, by whose leave; without either, that drift cannot be told from success."""
    if not settings.holdout_share:
        return (
            "Nobody is held out here (`holdout_share` is 0): **the model cannot be watched once it is used.**"
        )
    share = numbers.percent(settings.holdout_share)
    if settings.ethics_reference is None:
        return (
            f"Planned is a holdout of {share} of the patients. No decision that allows it is named "
            "(`ethics_reference`), and without one no list is made."
        )
    return (
        f"Held out are {share} of the patients, allowed by the decision {plain(settings.ethics_reference)}. Lists "
        "leave them out, and `workbench model watch` runs the alarm on what became of them."
    )


def plain(text: str) -> str:
    """Text of a parameter, in which no sign is taken for Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#~" else sign for sign in text)


def evidence_figure(alarm: Rehearsal, result: StudyResult) -> FigureBlock | None:
    """The evidence after each week that the table shows, against the threshold; None where it shows none."""
    table = result.table("alarm_weeks")
    at = [column.name for column in table.columns].index("evidence")
    cells = ((row[0], row[at]) for row in table.rows)
    shown = [(float(week), float(log)) for week, log in cells if week is not None and log is not None]
    if not shown:
        return None
    weeks, evidence = [0.0, *(week for week, _ in shown)], [0.0, *(found for _, found in shown)]
    threshold = [alarm.threshold] * len(weeks)
    return lines_figure(
        id="alarm_figure",
        title="Evidence against calibration "
        + (f"reaches the alarm in week {alarm.given_in}" if alarm.given_in else "stays below the alarm"),
        caption="Evidence against calibration after each week of the test, as a power of ten: 0 is none, at "
        f"{numbers.number(alarm.threshold, 1)} the alarm is given ({numbers.number(1 / alarm.alpha)} times the start).",
        source=["alarm_weeks"],
        lines=[
            Line(label="evidence", x=weeks, y=evidence),
            Line(label="alarm", x=weeks, y=threshold, series=1),
        ],
        axis="weeks of the test",
        measure="log₁₀ of the evidence (e-value)",
        x_words=numbers.number,
        y_words=lambda value: numbers.number(value, 1),
        lowest=min(0.0, 1.15 * min(evidence)),
    )


def alarm_table(analysis: Analysis) -> Table:
    """The evidence after each week of the test, before small cells are hidden."""
    rows: list[list[Cell]] = [
        [
            str(week.number),
            f"{numbers.short_day(week.first.date())} to {numbers.day(week.last.date())}",
            week.patients,
            week.appointments,
            week.evidence,
            week.in_the_large,
            week.slope,
        ]
        for week in analysis.alarm.weeks
    ]
    return Table(
        id="alarm_weeks",
        caption=f"Evidence against the calibration of {MODEL_WORDS[analysis.chosen]}, after each week of the test",
        columns=[
            Column(name="week", title="Week", kind="label"),
            Column(name="days", title="Days", kind="text"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="evidence", title="Evidence", kind="estimate", digits=2),
            Column(name="in_the_large", title="Of the level", kind="estimate", digits=2),
            Column(name="slope", title="Of the slope", kind="estimate", digits=2),
        ],
        rows=rows,
        groups="attributes",
        note=f"As decimal logarithms: 0 at the start, alarm from {numbers.number(analysis.alarm.threshold, 2)} on. The "
        "evidence is the mean of both kinds: that all risks are too low or too high, and that they are too extreme or "
        "too alike. It is looked at after every day; the table shows the last of each week.",
    )


def alarm_metrics(analysis: Analysis) -> list[Metric]:
    """The evidence at the end of the test, the largest probability of a false alarm, and the week of an alarm."""
    alarm = analysis.alarm
    of = {"model": analysis.chosen, "watched": "test"}
    last = alarm.weeks[-1].evidence
    return [
        Metric(name="alarm_evidence", of=of, value=last, direction="lower_is_better", unit="log10 e-value"),
        Metric(name="alarm_threshold", of=of, value=alarm.threshold, unit="log10 e-value"),
        Metric(name="false_alarm_rate", of=of, value=alarm.alpha, unit="probability"),
        Metric(name="alarm_week", of=of, value=alarm.given_in, unit="week of the test"),
    ]
