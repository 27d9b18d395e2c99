"""The tables of clinic days: outcomes, empty slots, attendance and its distributions, time, and extra bookings."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.decisions.clinic_days import ClinicDays, SessionTimes
from workbench.no_show.decisions.outcomes import LabelScores
from workbench.no_show.decisions.overbooking import GroupWait, Policy
from workbench.no_show.decisions.pit import BINS
from workbench.no_show.scores.estimates import Estimate
from workbench.present import numbers
from workbench.present.no_show.words import BY_WORDS, group_words
from workbench.present.result import Cell, Column, Table


def clinic_day_tables(analysis: Analysis) -> list[Table]:
    """Every table of clinic days, before small cells are hidden."""
    found = analysis.clinic_days
    tables = [outcomes_table(found), empty_table(found)]
    if found.attendance:
        tables += [attendance_table(found), transform_table(found)]
    if found.times is not None:
        tables.append(times_table(found.times))
    if found.policies:
        tables += [overbooking_table(found), waiting_table(found)]
    return tables


def outcomes_table(found: ClinicDays) -> Table:
    """What became of appointments still booked at the moment of prediction."""
    rows: list[list[Cell]] = [
        [each.period, each.patients, sum(each.counts), *(count / sum(each.counts) for count in each.counts)]
        for each in found.outcomes
    ]
    return Table(
        id="outcomes",
        caption="What became of appointments that were still booked at the moment of prediction",
        columns=[
            Column(name="period", title="Weeks of", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="attended", title="Attended", kind="share"),
            Column(name="no_show", title="No-show", kind="share"),
            Column(name="late_cancellation", title="Called off late", kind="share"),
            Column(name="early_cancellation", title="Called off early", kind="share"),
        ],
        rows=rows,
        groups="arm",
        note="All of it after the moment of prediction. What is late, the source says; early ones may have "
        "been moved. Empty stay the slots of "
        "no-shows "
        "and of those called off late.",
    )


def empty_table(found: ClinicDays) -> Table:
    """How empty slots, and patients who are not there, are predicted on the test."""
    rows: list[list[Cell]] = [
        [name, scores.expected, scores.observed, *_told(scores)]
        for name, scores in (("empty", found.empty), ("absent", found.away))
    ]
    return Table(
        id="empty_slots",
        caption="Empty slots and absences, predicted by models of the same kind as the no-show's",
        columns=[
            Column(name="event", title="Event", kind="label"),
            Column(name="expected", title="Expected", kind="estimate", digits=0),
            Column(name="observed", title="Found", kind="estimate", digits=0),
            Column(name="intercept", title="In the large", kind="interval"),
            Column(name="slope", title="Slope", kind="interval"),
            Column(name="auroc", title="AUROC", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="On the test, with 95 % intervals clustered by patient; 0 (log odds) and 1 are best. Empty: "
        "no-show, or called "
        "off late. Absent: these, or called off or moved in time.",
    )


def attendance_table(found: ClinicDays) -> Table:
    """Totals by level: how much they vary, and how often intervals hold them."""
    rows: list[list[Cell]] = [
        [
            f"{numbers.count(each.groups)} {each.level}s",
            each.attended / each.groups,
            each.expected / each.groups,
            numbers.interval(each.effect.spread.low, each.effect.spread.high, 2),
            each.ratio,
            each.expected_ratio,
            each.independent.covered,
            each.with_effect.covered,
        ]
        for each in found.attendance
    ]
    return Table(
        id="attendance",
        caption="How many came, of those booked: totals of the test beside what was predicted of each",
        columns=[
            Column(name="level", title="Totals of", kind="label"),
            Column(name="attended", title="Came", kind="estimate"),
            Column(name="expected", title="Expected", kind="estimate"),
            Column(name="spread", title="Effect", kind="interval"),
            Column(name="ratio", title="Varied, times", kind="estimate", digits=2),
            Column(name="expected_ratio", title="Foretold, times", kind="estimate", digits=2),
            Column(name="independent", title="Held, alone", kind="share", digits=0),
            Column(name="covered", title="Held, with effect", kind="share", digits=0),
        ],
        rows=rows,
        groups="none",
        note="Came, expected: on average. Effect: standard deviation of what all patients of a day (clinic "
        "day, session) "
        "have in common, log odds, learned from the days of calibration, as a 95 % credible interval. Varied, "
        "foretold: "
        "variance of totals around what was expected, in times that of independent patients. Held: totals "
        "within their "
        "95 % prediction interval, without an effect (alone) and with; of few patients it holds more.",
    )


def transform_table(found: ClinicDays) -> Table:
    """The probability integral transform of clinic days."""
    told = next(each for each in found.attendance if each.level == told_level(found))
    tenths = zip(told.independent.shares, told.with_effect.shares, strict=True)
    width = 100 // BINS
    rows: list[list[Cell]] = [
        [f"{width * place} to {width * (place + 1)} %", *shares] for place, shares in enumerate(tenths)
    ]
    return Table(
        id="attendance_transform",
        caption=f"Where the total of each {told_level(found)} lay in its predicted distribution",
        columns=[
            Column(name="place", title="Place in the distribution", kind="label"),
            Column(name="independent", title="Independent", kind="share"),
            Column(name="with_effect", title="With effect", kind="share"),
        ],
        rows=rows,
        groups="none",
        note="Where the distributions hold, 10 % lie in each tenth; many in the first and the last: too narrow.",
    )


def told_level(found: ClinicDays) -> str:
    """The level that is drawn: clinic days, or the first there is."""
    levels = [each.level for each in found.attendance]
    return "clinic day" if "clinic day" in levels else levels[0]


def times_table(times: SessionTimes) -> Table:
    """Idle time and overtime of sessions, as expected and with those who came."""
    rows: list[list[Cell]] = [
        [name, times.expected[place], times.found[place]] for place, name in enumerate(("idle", "overtime"))
    ]
    return Table(
        id="session_times",
        caption="Minutes of a session, on average: by the risks, and with those who came",
        columns=[
            Column(name="what", title="Minutes", kind="label"),
            Column(name="expected", title="Expected", kind="estimate"),
            Column(name="found", title="With those who came", kind="estimate"),
        ],
        rows=rows,
        groups="none",
        note="Of the book as it stood at the moment of prediction: what was booked later is not in it, and a "
        "slot called "
        "off in time counts as given to somebody else.",
    )


def overbooking_table(found: ClinicDays) -> Table:
    """Every policy of extra bookings."""
    rows: list[list[Cell]] = [
        [
            policy_name(policy),
            policy.added,
            policy.idle,
            policy.overtime,
            policy.wait,
            policy.extra_wait,
            policy.late,
            _with_interval(policy.gain, 1),
        ]
        for policy in found.policies
    ]
    return Table(
        id="overbooking",
        caption="Extra bookings in full sessions, simulated",
        columns=[
            Column(name="policy", title="Extra bookings", kind="label"),
            Column(name="added", title="Added, mean", kind="estimate", digits=2),
            Column(name="idle", title="Idle", kind="estimate", unit="min"),
            Column(name="overtime", title="Overtime", kind="estimate", unit="min"),
            Column(name="wait", title="Wait", kind="estimate", unit="min"),
            Column(name="extra_wait", title="Wait, extra", kind="estimate", unit="min"),
            Column(name="late", title="End late", kind="share", digits=0),
            Column(name="gain", title="Saved", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Idle, overtime: per session. Wait: of those who come, and of extra patients among them. End "
        "late: visits that "
        "end after the session. Saved: per session, in idle minutes, with the 95 % interval of the sessions "
        "drawn. By risk: "
        "beside the highest risks, shown for what it does and not recommended.",
    )


def waiting_table(found: ClinicDays) -> Table:
    """Waiting of regular patients by group: without extra bookings, with one by lot, and with one by risk."""
    none = next(policy for policy in found.policies if policy.extra == 0)
    one = {policy.beside: policy for policy in found.policies if policy.extra == 1}
    rows: list[list[Cell]] = []
    for group in none.groups:
        rows.append(
            [
                BY_WORDS[group.by],
                group_words(group.by, group.group),
                group.patients,
                group.appointments,
                group.wait,
                _wait_of(one["by lot"], group),
                _wait_of(one["by risk"], group),
                group.late,
            ]
        )
    return Table(
        id="overbooking_groups",
        caption="Who would wait: minutes of regular patients in full sessions, by group",
        columns=[
            Column(name="by", title="By", kind="label"),
            Column(name="group", title="Group", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="none", title="None extra", kind="estimate"),
            Column(name="by_lot", title="One, by lot", kind="estimate"),
            Column(name="by_risk", title="One, by risk", kind="estimate"),
            Column(name="late", title="End late, none extra", kind="share", digits=0),
        ],
        rows=rows,
        groups="attributes",
    )


def policy_name(policy: Policy) -> str:
    """Such as "1, by lot"."""
    return f"{policy.extra}, {policy.beside}" if policy.extra else "none"


def _wait_of(policy: Policy, group: GroupWait) -> float | None:
    return next((each.wait for each in policy.groups if (each.by, each.group) == (group.by, group.group)), None)


def _told(scores: LabelScores) -> list[Cell]:
    found = (scores.intercept, scores.slope, scores.auroc)
    return [None if each is None else _with_interval(each) for each in found]


def _with_interval(found: Estimate, digits: int = 2) -> str:
    return f"{numbers.number(found.value, digits)} ({numbers.interval(found.low, found.high, digits)})"
