"""Ceilings: the arms of an experiment on frequency, or the experiment that would tell one."""

from workbench.message_load.causal.results import Ceiling, FrequencyArm, ProposedExperiment
from workbench.message_load.estimate import Estimate
from workbench.present import numbers
from workbench.present.disclosure import Profile, may_show
from workbench.present.result import Cell, Column, Table

FEW = "few people"


def arms_table(ceiling: Ceiling, profile: Profile) -> Table:
    """The arms as randomized."""
    rows: list[list[Cell]] = [
        [
            each.arm,
            each.people,
            each.texts_a_week,
            _share(each, each.booked, each.booking, profile),
            _share(each, each.opted_out, each.opt_out, profile),
        ]
        for each in ceiling.arms
    ]
    return Table(
        id="frequency_arms",
        caption=f"How often people were texted by lot, and what came of it within {ceiling.window_days} days",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="texts", title="Texts a week", kind="estimate", digits=1),
            Column(name="booked", title="Booked", kind="interval"),
            Column(name="opted_out", title="Opted out", kind="interval"),
        ],
        rows=rows,
        groups="arm",
        note=f"With {numbers.percent(ceiling.level, 0)} exact intervals, by the arm that was drawn.",
    )


def steps_table(ceiling: Ceiling) -> Table:
    """Each arm against the next that was sent more."""
    return Table(
        id="frequency_steps",
        caption="What each step up in frequency brings and costs, per 1,000 people",
        columns=[
            Column(name="step", title="From, to", kind="label"),
            Column(name="booking", title="Further bookings", kind="interval"),
            Column(name="opt_out", title="Further opt-outs", kind="interval"),
            Column(name="net", title="Net, in bookings", kind="interval"),
        ],
        rows=[
            [f"{each.lower}, {each.higher}", *(_points(x) for x in (each.booking, each.opt_out, each.net))]
            for each in ceiling.steps
        ],
        groups="none",
        note=f"Net: bookings less {numbers.number(ceiling.worth)} times opt-outs. Intervals hold at "
        f"{numbers.percent(ceiling.level, 0)} for all steps together.",
    )


def ceiling_in_words(ceiling: Ceiling) -> str:
    """The ceiling, or what is in its place."""
    match ceiling.answer:
        case "ceiling":
            at_most = numbers.number(ceiling.texts_a_week or 0.0, 1)
            return (
                f"**At most about {at_most} texts a week**: by lot, the next step up was shown to cost more "
                "in opt-outs "
                f"than it brings in bookings, where an opt-out is worth {numbers.number(ceiling.worth)} bookings."
            )
        case "none_found":
            return (
                "No ceiling was found: no step up in frequency was shown, by lot, to cost more than it brings."
            )
        case _:
            return (
                "**A ceiling is a hypothesis to test**: nobody drew lots for how often people are texted, and a limit "
                "that rests on who happened to get many texts may keep care from those whom texts help."
            )


def proposal_in_words(proposed: ProposedExperiment) -> str:
    """The experiment that would tell it."""
    loads = [numbers.number(each, 0 if float(each).is_integer() else 1) for each in proposed.texts_a_week]
    return (
        f"The experiment that would tell: {len(loads)} arms of {', '.join(loads[:-1])} and {loads[-1]} texts a week, "
        f"{numbers.count(proposed.people)} people in each, {proposed.window_days} days. With so many, a rise "
        "of opt-outs "
        f"from {numbers.percent(proposed.opt_out, 1)} to {numbers.percent(proposed.detectable, 1)} at one "
        "step is found "
        f"with a chance of {numbers.percent(proposed.power, 0)}."
    )


def _share(arm: FrequencyArm, events: int, share: Estimate, profile: Profile) -> str:
    if not may_show(arm.people, events, profile):
        return FEW
    return f"{numbers.percent(share.value, 1)} ({numbers.interval(share.low, share.high, 1, scale=100)})"


def _points(estimate: Estimate) -> str:
    value = numbers.number(1_000 * estimate.value, 1)
    return f"{value} ({numbers.interval(estimate.low, estimate.high, 1, scale=1_000)})"
