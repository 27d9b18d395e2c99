"""The tables of groups of patients: calibration within each, ranks, access to reminders, and what the label rests
on."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.labels import LabelCounts
from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.no_show.score_tables import INTERVAL
from workbench.present.no_show.words import BY_WORDS, group_words
from workbench.present.result import Cell, Column, Table


def group_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """Every table of groups, before small cells are hidden."""
    labels = analysis.appointments.labels
    return [
        calibration_by_group(analysis),
        access_table(analysis),
        ranks_by_group(analysis),
        *([labels_table(labels, profile)] if labels else []),
    ]


def calibration_by_group(analysis: Analysis) -> Table:
    """Calibration of the chosen model within every group."""
    rows: list[list[Cell]] = [
        [
            BY_WORDS[group.by],
            group_words(group.by, group.group),
            group.patients,
            group.appointments,
            group.missed / group.appointments,
            numbers.interval(group.excess.low, group.excess.high, 1, scale=100),
            with_interval(group.intercept),
            with_interval(group.slope),
        ]
        for group in analysis.groups
    ]
    return Table(
        id="subgroups",
        caption="Whether it holds for everybody: calibration within each group of patients",
        columns=[
            *_grouped(),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title="Missed", kind="share"),
            Column(name="excess", title="Off by, points", kind="interval"),
            Column(name="intercept", title="In the large", kind="interval"),
            Column(name="slope", title="Slope", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
        note="Off by: missed less predicted, as a 95 % interval; above 0 the risk is understated, below 0 overstated. "
        "In the large (log odds) and slope with 95 % intervals, where enough missed and came; 0 and 1 are "
        "best.",
    )


def access_table(analysis: Analysis) -> Table:
    """Who of those who missed would have been called, by group."""
    rows: list[list[Cell]] = [
        [
            BY_WORDS[access.by],
            group_words(access.by, access.group),
            access.missed_patients,
            access.missed,
            access.missed_called / access.missed if access.missed else None,
            interval_of(access.reached),
            access.came,
            access.came_called / access.came if access.came else None,
        ]
        for access in analysis.access
    ]
    calls = numbers.count(analysis.settings.calls_per_day)
    return Table(
        id="access",
        caption=f"Access to reminders by need: whom the {calls} highest risks of each day hold",
        columns=[
            *_grouped(),
            Column(name="missed_patients", title="Patients who missed", kind="people"),
            Column(name="missed", title="No-shows", kind="people"),
            Column(name="reached", title="Called", kind="share", digits=0),
            Column(name="interval", title=f"Called, {INTERVAL}", kind="interval"),
            Column(name="came", title="Kept visits", kind="people"),
            Column(name="needless", title="Called needlessly", kind="share", digits=0),
        ],
        rows=rows,
        groups="attributes",
        note="One list for all, and no threshold of a group's own. A group of whose no-shows a smaller share "
        "is called has less access to reminders.",
    )


def ranks_by_group(analysis: Analysis) -> Table:
    """AUROC within every group."""
    rows: list[list[Cell]] = [
        [
            BY_WORDS[group.by],
            group_words(group.by, group.group),
            group.patients,
            group.appointments,
            group.missed / group.appointments,
            with_interval(group.auroc),
            group.unscored,
        ]
        for group in analysis.groups
    ]
    return Table(
        id="group_ranks",
        caption="How well it tells missed appointments from kept ones within each group",
        columns=[
            *_grouped(),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title="Missed", kind="share"),
            Column(name="auroc", title="AUROC", kind="interval"),
            Column(name="unscored", title="Not told", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
    )


def labels_table(labels: tuple[LabelCounts, ...], profile: Profile) -> Table:
    """What becomes of the label, by group; shares in whole percents, so that no few can be worked out."""
    rows: list[list[Cell]] = [
        [
            BY_WORDS[counts.by],
            group_words(counts.by, counts.group),
            counts.patients,
            *(
                _coarse(count, of, counts.patients, profile)
                for count, of in (
                    (counts.unrecorded, counts.appointments),
                    (counts.called_off, counts.appointments),
                    (counts.missed, counts.appointments),
                    (counts.told_before, counts.missed),
                )
            ),
        ]
        for counts in labels
    ]
    return Table(
        id="labels",
        caption="What the label rests on: past appointments that were in the book at the moment of prediction",
        columns=[
            *_grouped(),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="unrecorded", title="No outcome", kind="interval"),
            Column(name="called_off", title="Called off later", kind="interval"),
            Column(name="missed", title="Recorded as missed", kind="interval"),
            Column(name="told_before", title="Of these, wrote before", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
        note="Called off later counts as not missed. Wrote before: the patient had texted in the three days "
        "before that she would not come or asked to move it, so that a late cancellation may be recorded as a "
        "no-show. Where a group's share differs, its risk is partly that of how outcomes are recorded.",
    )


def with_interval(estimate: Estimate | None, digits: int = 2) -> str | None:
    """An estimate with its interval in one cell."""
    if estimate is None:
        return None
    return f"{numbers.number(estimate.value, digits)} ({interval_of(estimate, digits, scale=1)})"


def interval_of(estimate: Estimate | None, digits: int = 0, scale: float = 100) -> str | None:
    """The interval alone; of shares, in percent."""
    if estimate is None:
        return None
    unit = "%" if scale == 100 else ""
    return numbers.interval(estimate.low, estimate.high, digits, scale=scale, unit=unit)


def _grouped() -> tuple[Column, Column]:
    return Column(name="by", title="By", kind="label"), Column(name="group", title="Group", kind="label")


def _coarse(count: int | None, of: int, patients: int, profile: Profile) -> str:
    """A share in whole percents, in words: "none", "few", "4 %", "nearly all"."""
    if count is None:
        return "not recorded"
    if count == 0:
        return "none"
    if profile.is_few(patients) or profile.is_few(count):
        return "few"
    if of - count <= profile.few:
        return "nearly all"
    share = count / of
    return "under 1 %" if share < 0.01 else numbers.percent(share, 0)
