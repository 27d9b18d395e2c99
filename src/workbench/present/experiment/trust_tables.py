"""The tables by which an A/B analysis may be trusted: by cluster, early and late, other priors."""

import math

import pandas as pd

from workbench.experiments.analysis import Analysis
from workbench.experiments.models.clusters import ClusterPosterior
from workbench.present import numbers
from workbench.present.experiment.words import identifier
from workbench.present.result import Cell, Column, Table


def clusters_table(analysis: Analysis, found: ClusterPosterior) -> Table:
    """Each arm against the control, where members of a cluster are taken for alike."""
    rows: list[list[Cell]] = [
        [
            arm,
            1000 * told.mean,
            numbers.interval(told.low, told.high, scale=1000),
            told.above_zero,
            found.design_effect[arm],
        ]
        for arm, told in found.differences.items()
    ]
    return Table(
        id="clusters",
        caption=f"Additional {analysis.settings.primary.name} per 1,000 {analysis.settings.people_noun}, by cluster",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="more", title="More per 1,000", kind="estimate", digits=0),
            Column(name="interval", title="95 % credible interval", kind="interval"),
            Column(name="above", title="P(more)", kind="probability"),
            Column(name="design_effect", title="Design effect", kind="estimate", digits=2),
        ],
        rows=rows,
        groups="none",
        note="Members of a cluster, such as a household, are taken for alike. The design effect is how many times "
        "fewer people would tell as much had they been assigned one by one.",
    )


def fading_table(analysis: Analysis) -> Table:
    """Each arm's effect among those enrolled early and late."""
    rows: list[list[Cell]] = [
        [
            found.arm,
            1000 * found.early.mean,
            numbers.interval(found.early.low, found.early.high, scale=1000),
            1000 * found.late.mean,
            numbers.interval(found.late.low, found.late.high, scale=1000),
            found.shrinking,
        ]
        for found in analysis.fading
    ]
    return Table(
        id="fading",
        caption=f"Additional {analysis.settings.primary.name} per 1,000 {analysis.settings.people_noun}, by enrollment",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="early", title="First third of the weeks", kind="estimate", digits=0),
            Column(name="early_interval", title="95 % credible interval", kind="interval"),
            Column(name="late", title="Last third", kind="estimate", digits=0),
            Column(name="late_interval", title="95 % credible interval", kind="interval"),
            Column(name="shrinking", title="P(it shrinks)", kind="probability"),
        ],
        rows=rows,
        groups="none",
        note="By a model in which the effect changes evenly from week to week; it describes, and does not decide.",
    )


def prior_table(analysis: Analysis) -> Table:
    """The leading arm under other priors."""
    leader = analysis.leader
    arm = leader.arm if leader else ""
    settings = analysis.settings
    checks = [
        (settings.log_ratio_sd, leader.better, leader.difference) if leader else None,
        *((check.log_ratio_sd, check.better, check.difference) for check in analysis.prior_checks),
    ]
    rows: list[list[Cell]] = [
        [
            _prior_words(width),
            1000 * difference.mean,
            numbers.interval(difference.low, difference.high, scale=1000),
            better,
        ]
        for width, better, difference in sorted(check for check in checks if check)
    ]
    return Table(
        id="priors",
        caption=f"“{arm}” against “{settings.control}” under other priors",
        columns=[
            Column(name="prior", title="Prior on the rate ratio (95 %)", kind="label"),
            Column(name="more", title="More per 1,000", kind="estimate", digits=0),
            Column(name="interval", title="95 % credible interval", kind="interval"),
            Column(name="better", title="P(better)", kind="probability"),
        ],
        rows=rows,
        groups="none",
    )


def _prior_words(width: float) -> str:
    """The central 95 % of the prior on the rate ratio."""
    return numbers.interval(math.exp(-1.96 * width), math.exp(1.96 * width), 2)


def enrollment_table(analysis: Analysis) -> Table:
    """People enrolled, and those whose window has closed, summed up by week."""
    enrolled = closed = 0
    rows: list[list[Cell]] = []
    for week in analysis.counts.enrollment:
        enrolled, closed = enrolled + week.enrolled, closed + week.closed
        rows.append([week.week.isoformat(), enrolled, closed])
    return Table(
        id="enrollment",
        caption="People enrolled up to each week, and those of them whose window has closed",
        columns=[
            Column(name="week", title="Week beginning", kind="label"),
            Column(name="enrolled", title="Enrolled", kind="people"),
            Column(name="closed", title="Window closed", kind="people"),
        ],
        rows=rows,
        groups="arm",
    )


def delay_table(analysis: Analysis) -> Table:
    """The cumulative share with the outcome by day since assignment, of whole arms."""
    counts, settings = analysis.counts, analysis.settings
    columns = [Column(name="day", title="Day", kind="label")]
    shares: dict[str, list[float]] = {}
    for arm in counts.arms:
        columns.append(Column(name=f"people_{identifier(arm.arm)}", title=arm.arm, kind="people"))
        columns.append(Column(name=f"share_{identifier(arm.arm)}", title=f"{arm.arm}, share", kind="share"))
        shares[arm.arm] = cumulative_shares(counts.delays, arm.arm, arm.closed, settings.primary.window_days)
    rows: list[list[Cell]] = []
    for day in range(settings.primary.window_days + 1):
        row: list[Cell] = [str(day)]
        for arm in counts.arms:
            row += [arm.closed, shares[arm.arm][day]]
        rows.append(row)
    return Table(
        id="delays",
        caption=f"Share with {settings.primary.name} up to each day since assignment",
        columns=columns,
        rows=rows,
        groups="arm",
    )


def cumulative_shares(delays: pd.DataFrame, arm: str, people: int, window: int) -> list[float]:
    """Share of people with the outcome by the end of day 0, 1, …, window since assignment."""
    found = delays[delays["arm"] == arm].groupby("day")["events"].sum()
    total, shares = 0, [0.0]
    for day in range(window):
        total += int(found.get(day, 0))
        shares.append(total / people if people else 0.0)
    shares[-1] += int(found.get(window, 0)) / people if people else 0.0
    return shares
