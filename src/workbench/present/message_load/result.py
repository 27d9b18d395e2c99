"""The typed result: tables with small cells hidden, and what they say in words."""

from workbench.message_load.counts import NOT_RECORDED, Counts
from workbench.present import numbers
from workbench.present.disclosure import PROFILES, FlowStep, cohort_flow, hide_metrics, hide_small_cells
from workbench.present.result import Check, Column, Fact, Metric, StudyResult, Table, Verdict


def study_result(counts: Counts) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        counts: from `count_people`.
    """
    settings = counts.settings
    profile = PROFILES[settings.disclosure]
    flow = cohort_flow([FlowStep(step.label, step.left) for step in counts.flow], profile)
    groups = hide_small_cells(groups_table(counts), profile)
    tables = [flow, groups]
    return StudyResult(
        study="message_load",
        as_of=settings.as_of.isoformat(),
        verdict=_verdict(counts, groups),
        metrics=hide_metrics(_metrics(counts, groups), tables, profile),
        checks=[_completeness(counts)],
        tables=tables,
        # The metric whose history the catalogue draws, as a HeadlineMetric; none yet.
        headline_metric=None,
    )


def groups_table(counts: Counts) -> Table:
    """People of each group, as counted: to be shown only once small cells are hidden."""
    words = group_words(counts)
    return Table(
        id="groups",
        caption=f"People in care by {words}, {numbers.day(counts.settings.as_of)}",
        columns=[
            Column(name="group", title=words.capitalize(), kind="label"),
            Column(name="people", title="People", kind="people"),
        ],
        rows=[[group.label.replace("_", " "), group.people] for group in counts.groups],
        groups="attributes",
    )


def group_words(counts: Counts) -> str:
    """What people are told apart by, in words."""
    return counts.settings.group_by.removesuffix("_id").replace("_", " ")


def shown_groups(groups: Table) -> list[tuple[str, int]]:
    """Label and people of the groups that may be shown, the largest first."""
    shown = [(str(label), int(people)) for label, people in groups.rows if people is not None]
    return sorted(shown, key=lambda group: -group[1])


def _verdict(counts: Counts, groups: Table) -> Verdict:
    settings = counts.settings
    return Verdict(
        decision="describe",
        headline=headline(counts, groups),
        reasons=[
            f"Everybody in care was counted as of {numbers.day(settings.as_of)}, in the {group_words(counts)} "
            "known by then."
        ],
        facts=[
            Fact(label="What to do", text="Nothing by this alone: it describes, and compares nothing."),
            Fact(label="How sure", text="A full count, not a sample: as good as what was recorded."),
            Fact(label="Who must act", text=settings.who_must_act),
        ],
    )


def headline(counts: Counts, groups: Table) -> str:
    """The largest group in one sentence, from the numbers that may be shown."""
    shown = [group for group in shown_groups(groups) if group[0] != NOT_RECORDED]
    if not shown:
        return f"No {group_words(counts)} is recorded of enough people to be shown."
    label, people = shown[0]
    return f"The largest {group_words(counts)} is “{label}”, with {numbers.count(people)} people in care."


def _metrics(counts: Counts, groups: Table) -> list[Metric]:
    """The numbers of the table, as others may read them from `results.json`."""
    return [
        Metric(name="people", of={counts.settings.group_by: str(label)}, value=people, unit="people")
        for label, people in shown_groups(groups)
    ]


def _completeness(counts: Counts) -> Check:
    required = numbers.percent(counts.settings.required_recorded, 0)
    passed = counts.recorded >= counts.settings.required_recorded
    return Check(
        name=f"{group_words(counts).capitalize()} recorded",
        passed=passed,
        detail=f"It is recorded of {'at least' if passed else 'less than'} {required} of the people.",
    )
