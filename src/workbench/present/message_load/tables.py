"""The tables of a study of message load, with small cells hidden."""

from collections.abc import Sequence

from workbench.message_load.analysis import Analysis, Risk
from workbench.message_load.bands import LOAD
from workbench.message_load.causal.analysis import CausalAnalysis
from workbench.message_load.consents import REASONS, ROUTES
from workbench.message_load.counts import BORNE
from workbench.message_load.curve import GroupRisk
from workbench.message_load.estimate import Estimate
from workbench.present import numbers
from workbench.present.disclosure import (
    PROFILES,
    FlowStep,
    Profile,
    cohort_flow,
    hide_small_cells,
    may_show,
)
from workbench.present.group_shares import coarse_share
from workbench.present.message_load.ceilings import arms_table, steps_table
from workbench.present.message_load.kept_up import effects_table, saturation_table, support_table
from workbench.present.result import Cell, Column, Table

ROUTE_WORDS = {
    "keyword": "a word such as STOP, by text",
    "platform_block": "blocked at the platform",
    "staff": "told to staff",
    "web": "on the web",
    "guardian": "by a guardian",
    "intake_prompt": "at an intake prompt",
}
SEGMENT_WORDS = {
    "diagnosis_group": "diagnosis",
    "treatment_phase": "treatment phase",
    "therapy_type": "therapy",
}
FEW = "few opted out"


def message_load_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """Every table of the analysis, in the order of the report."""
    counts = analysis.counts
    flow = cohort_flow([FlowStep(step.label, step.left) for step in counts.flow], profile, counted="texts")
    tables = [opt_outs_table(analysis), reasons_table(analysis), borne_table(analysis)]
    tables += [margin_table(analysis, "load", LOAD.labels)]
    if analysis.risk is not None:
        risk = analysis.risk
        tables += [
            curve_table(analysis, risk),
            risks_table(analysis, risk.kinds, "kinds", "kind of text", "Kind"),
            risks_table(analysis, risk.hours, "hours", "part of the day", "Sent"),
            risks_table(analysis, risk.segments, "segments", segment_words(analysis), "Group"),
        ]
    return [flow, *(hide_small_cells(table, profile) for table in tables)]


def causal_tables(causal: CausalAnalysis, profile: Profile) -> list[Table]:
    """The tables of what a load kept up does, of saturation, and of the arms of an experiment on frequency."""
    tables = [
        support_table(causal.effects),
        effects_table(causal.effects, profile),
        saturation_table(causal.saturation),
    ]
    if causal.ceiling.arms:
        tables += [arms_table(causal.ceiling, profile), steps_table(causal.ceiling)]
    return [hide_small_cells(table, profile) for table in tables]


def segment_words(analysis: Analysis) -> str:
    """What people are told apart by, in words."""
    groups = analysis.counts.groups
    return SEGMENT_WORDS[analysis.settings.segment_by] if groups is None else groups.in_words


def segment_known(analysis: Analysis) -> str:
    """What people are told apart by, and as known when."""
    groups = analysis.counts.groups
    known = "at the text" if groups is None else f"on {numbers.day(groups.as_of)}"
    return f"{segment_words(analysis)} as known {known}"


def spoken(word: str) -> str:
    """A word of the data as a reader reads it."""
    words = {"re_engagement": "re-engagement"}.get(word, word).replace("_", " ")
    return words[:1].upper() + words[1:]


def margin_table(analysis: Analysis, by: str, labels: Sequence[str]) -> Table:
    """People, texts and opt-outs at each load, as counted."""
    margins = analysis.counts.margins
    found = margins[margins["by"] == by].set_index("place")
    rows: list[list[Cell]] = []
    for place, label in enumerate(labels):
        if str(place) in found.index:
            row = found.loc[str(place)]
            risk = 1000 * row["opt_outs"] / row["texts"]
            rows.append([label, int(row["people"]), int(row["opt_outs"]), float(risk)])
    return Table(
        id=f"by_{by}",
        caption="Opt-outs after a text, by the texts of the seven days up to it, as counted",
        columns=[
            Column(name="load", title="Texts in seven days", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="opt_outs", title="Opted out", kind="events"),
            Column(name="risk", title="Opt-outs per 1,000 texts", kind="estimate", digits=1),
        ],
        rows=rows,
        groups="attributes",
        note="The text itself counts along. A person stands in every row that one of her texts belongs to. As counted, "
        "rows compare other people at other times: the model's curve does not.",
    )


def curve_table(analysis: Analysis, risk: Risk) -> Table:
    """The risk at each load by the model."""
    return Table(
        id="curve",
        caption="Risk of opting out after a text, by the texts of the seven days up to it",
        columns=[
            Column(name="load", title="Texts in seven days", kind="label"),
            Column(name="risk", title="Opt-outs per 1,000 texts", kind="interval"),
            Column(name="ratio", title="Times that of a single text", kind="interval"),
        ],
        rows=[
            [
                point.band,
                spoken_estimate(point.risk, 1, 1000),
                spoken_estimate(point.ratio, 2) if place else "1",
            ]
            if may_tell(analysis, "load", str(place))
            else [point.band, FEW, FEW]
            for place, point in enumerate(risk.curve)
        ],
        groups="none",
        note="By the model, other things alike: earlier load, texts and time since the consent, campaign and hour, "
        "group, and the frailty of those who are left.",
    )


def risks_table(analysis: Analysis, groups: Sequence[GroupRisk], id: str, words: str, title: str) -> Table:
    """The risk per text of each kind, part of the day or segment, to the mean over all texts."""
    return Table(
        id=id,
        caption=f"Risk of opting out after a text, by {words}",
        columns=[
            Column(name="group", title=title, kind="label"),
            Column(name="ratio", title="Times the mean", kind="interval"),
        ],
        rows=[
            [
                spoken(group.label),
                spoken_estimate(group.ratio, 2) if may_tell(analysis, group.by, group.place) else FEW,
            ]
            for group in groups
        ],
        groups="none",
        note="Drawn toward the mean the more, the fewer opt-outs there are.",
    )


def borne_table(analysis: Analysis) -> Table:
    """How many texts came in four weeks to those who agree to them today, by segment."""
    borne = analysis.counts.borne
    counts = borne.pivot_table(index="segment", columns="texts", values="people", aggfunc="sum", fill_value=0)
    profile = PROFILES[analysis.settings.disclosure]
    rows: list[list[Cell]] = []
    for segment, row in counts.iterrows():
        numbers_at = [int(row.get(place, 0)) for place in range(len(BORNE))]
        people = sum(numbers_at)
        told = (numbers_at[0], sum(numbers_at[2:]), sum(numbers_at[3:]))
        rows.append([spoken(str(segment)), people, *(coarse_share(each, people, profile) for each in told)])
    return Table(
        id="borne",
        caption="Texts in the last four weeks to people who agree to them",
        columns=[
            Column(name="group", title=segment_words(analysis).capitalize(), kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="none", title="None", kind="interval"),
            Column(name="above_one", title="More than one a week", kind="interval"),
            Column(name="above_two", title="More than two a week", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
        note="People once texted, in care and agreed on the day the study looks from; every text that arrived counts. "
        "Shares near none and all are told as such.",
    )


def opt_outs_table(analysis: Analysis) -> Table:
    """How people opted out, and whether it answers a text."""
    counts = analysis.counts.opt_outs
    hours = numbers.count(analysis.settings.attribution_hours)
    by_answer = {"text": f"within {hours} hours of a text", "other": "answering no text"}
    rows: list[list[Cell]] = []
    for answered, told in by_answer.items():
        for route in (*ROUTES, "not recorded"):
            chosen = counts[(counts["answered"] == answered) & (counts["route"] == route)]
            if len(chosen):
                label = ROUTE_WORDS.get(route, "how is not recorded")
                rows.append([f"{label[0].upper()}{label[1:]}, {told}", int(chosen["people"].sum())])
    return Table(
        id="opt_outs",
        caption=f"First opt-outs in the {analysis.settings.lookback_days} days studied",
        columns=[
            Column(name="how", title="How", kind="label"),
            Column(name="people", title="People", kind="people"),
        ],
        rows=rows,
        groups="attributes",
        note="Of people who had got a text since they agreed. What is told to somebody, or comes later, is no risk "
        "of a text.",
    )


def reasons_table(analysis: Analysis) -> Table:
    """Why people opted out, from a closed list."""
    counts = analysis.counts.opt_outs.groupby("reason")["people"].sum()
    return Table(
        id="reasons",
        caption="Reasons given for opting out",
        columns=[
            Column(name="reason", title="Reason", kind="label"),
            Column(name="people", title="People", kind="people"),
        ],
        rows=[
            [spoken(reason), int(counts[reason])]
            for reason in (*REASONS, "not recorded")
            if reason in counts.index
        ],
        groups="attributes",
        note=""
        if analysis.settings.reasons_from
        else "Nobody is asked: a word such as STOP gives no reason, and no table holds another.",
    )


def spoken_estimate(estimate: Estimate, digits: int, scale: float = 1.0) -> str:
    """An estimate with its interval: "1.2 (0.9 to 1.6)"."""
    value = numbers.number(scale * estimate.value, digits)
    return f"{value} ({numbers.interval(estimate.low, estimate.high, digits, scale=scale)})"


def may_tell(analysis: Analysis, by: str, place: str) -> bool:
    """Whether what the model says of a band, kind, part of the day or segment rests on more than few opt-outs."""
    margins = analysis.counts.margins
    found = margins[(margins["by"] == by) & (margins["place"] == place)]
    profile = PROFILES[analysis.settings.disclosure]
    return any(
        row.opt_outs > 0 and may_show(int(row.people), int(row.opt_outs), profile) for row in found.itertuples()
    )


def tells_high_load(analysis: Analysis) -> bool:
    """The same of the high load that the verdict is about."""
    return may_tell(analysis, "load", str(LOAD.place_of(analysis.settings.high_load)))
