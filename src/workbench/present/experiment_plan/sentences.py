"""What a plan says in words: whether to run it, with how many, how long, what it can show, and what it cannot."""

from workbench.experiments.planning.analysis import Plan, PlannedSize
from workbench.experiments.planning.duration import days_needed
from workbench.experiments.planning.verdict import (
    FEWEST_TEXTED,
    LARGEST_ERROR,
    PlanDecision,
    base_rates_known,
    largest_error,
    precise,
)
from workbench.present import numbers
from workbench.present.experiment_plan.tables import showings, size_in_words
from workbench.present.result import Check, Fact, Verdict

# From this probability on a size is said to show something; a size that shows it less often does not.
SHOWS = 0.8


def verdict_in_words(plan: Plan, decision: PlanDecision) -> Verdict:
    """The verdict with its headline, reasons and facts."""
    return Verdict(
        decision=decision,
        headline=_headline(plan, decision),
        reasons=[_assurance(plan), can_show(plan), cannot_show(plan)],
        facts=[
            Fact(label="With how many", text=_how_many(plan)),
            Fact(label="How long", text=_how_long(plan)),
            Fact(label="Opt-outs", text=_opt_outs(plan)),
            Fact(label="Who must act", text=plan.settings.who_must_act),
        ],
    )


def _headline(plan: Plan, decision: PlanDecision) -> str:
    settings = plan.settings
    if decision == "invalid":
        return "Past texts or the experiments drawn are too few to plan by; see the checks that failed."
    if plan.chosen is not None:
        chances = plan.chosen.chances
        return (
            f"Run it with {size_in_words(plan.chosen, plan)}: the planned look comes after "
            f"{numbers.count(plan.chosen.duration.days or 0)} days, and ends in adoption with a probability of "
            f"{numbers.probability(chances.assurance.verdicts['adopt'], 0)}."
        )
    target = numbers.percent(settings.target_assurance, 0)
    if not plan.within:
        return f"Not as planned: no size has its planned look within {settings.longest_days} days."
    largest = plan.within[-1]
    return (
        f"Not as planned: even {size_in_words(largest, plan)}, the largest size within {settings.longest_days} days, "
        f"reaches {numbers.probability(largest.chances.assurance.verdicts['adopt'], 0)} assurance of adoption, below "
        f"the {target} that was set."
    )


def _assurance(plan: Plan) -> str:
    settings = plan.settings
    return (
        f"The effect is believed to be {numbers.points(settings.expected_effect)}, give or take "
        f"{numbers.points(settings.effect_sd)}: it matters with {numbers.probability(plan.ceiling, 0)}, and no "
        f"number of {settings.people_noun} makes adoption much more probable than that."
    )


def can_show(plan: Plan) -> str:
    """What the size spoken of shows where it is true."""
    size = plan.spoken_of
    shown = [each for each in showings(plan) if each.chance(size.chances) >= SHOWS]
    with_how_many = f"With {size_in_words(size, plan)}"
    if not shown:
        return (
            f"{with_how_many} it can be counted on to show nothing: whatever the truth, it would often miss it."
        )
    told = [f"{each.words} ({numbers.probability(each.chance(size.chances), 0)})" for each in shown]
    return f"{with_how_many} it shows, where true: {'; '.join(told)}."


def cannot_show(plan: Plan) -> str:
    """What the size spoken of may well miss even where it is true, with what it would take."""
    size = plan.spoken_of
    missed = [each for each in showings(plan) if each.chance(size.chances) < SHOWS]
    if not missed:
        return "Nothing of what was asked is beyond it."
    told = []
    for each in missed:
        enough = next((one for one in plan.sizes if each.chance(one.chances) >= SHOWS), None)
        told.append(
            f"{each.words} ({numbers.probability(each.chance(size.chances), 0)}; {_would_take(enough, plan)})"
        )
    return f"It cannot be counted on to show: {'; '.join(told)}."


def _would_take(size: PlannedSize | None, plan: Plan) -> str:
    if size is None:
        return f"more than {numbers.count(plan.sizes[-1].chances.people_per_arm)} per arm"
    return f"takes about {numbers.count(size.chances.people_per_arm)} per arm"


def _how_many(plan: Plan) -> str:
    settings = plan.settings
    told = f"{size_in_words(plan.spoken_of, plan)}."
    if plan.chosen is None:
        told = "No number within reach."
    return (
        f"{told} Within {settings.longest_days} days at most about {numbers.count(_coarse(plan.most_people))} "
        f"eligible {settings.people_noun} are there."
    )


def _coarse(count: int) -> int:
    """Two digits of a number: what is planned by is no more exact."""
    step = 10 ** max(len(str(count)) - 2, 0)
    return count // step * step


def _how_long(plan: Plan) -> str:
    settings, size = plan.settings, plan.spoken_of
    if size.duration.days is None:
        return f"Too few {settings.people_noun} are there, and none come."
    waiting = size.duration.enrolling or 0
    first = (
        "All can be texted at once" if waiting == 0 else f"{numbers.count(waiting)} days until all are texted"
    )
    after = settings.window_days + settings.recording_lag_days
    return f"{first}, then {after} until outcomes are in: {numbers.count(size.duration.days)} days."


def _opt_outs(plan: Plan) -> str:
    size = plan.spoken_of
    both, adopted = size.chances.assurance.safe_and_adopted, size.chances.assurance.verdicts["adopt"]
    return (
        f"Adopted with opt-outs shown within the margin: {numbers.probability(both, 0)}; adopted for a stage with "
        f"monitoring: {numbers.probability(max(adopted - both, 0.0), 0)}; stopped as harmful: "
        f"{numbers.probability(size.chances.assurance.verdicts['harmful'], 0)}."
    )


def cost_in_words(plan: Plan) -> str:
    """What looking every day costs in power, and what it saves in people."""
    none, daily, equal = plan.looking.ways
    lost = max(equal.expected - daily.expected, 0.0)
    within = lost <= 2 * plan.looking.error
    cost = (
        "costs no power beyond the noise of these numbers"
        if within
        else f"costs {numbers.points(lost)} of power at equal error"
    )
    return (
        f"Looking every day for strong evidence {cost}; an effect of "
        f"{numbers.points(plan.settings.expected_effect)} would be decided with "
        f"{numbers.percent(daily.people, 0)} of the people on average. Without an effect it adopts in "
        f"{numbers.probability(daily.null)} of experiments, without early looks in {numbers.probability(none.null)}."
    )


def factorial_in_words(plan: Plan) -> str:
    """What is saved by asking several questions at once."""
    three = next(design for design in plan.factorial if design.factors == 3)
    days = days_needed(three.factorial, plan.traffic.supply(plan.settings), plan.settings).days
    told = "" if days is None else f", in {numbers.count(days)} days at this traffic"
    return (
        f"Three questions of two answers (such as tone, time and length) take {numbers.count(three.factorial)} people "
        f"in one factorial experiment{told}, and {numbers.count(three.separate)} in three experiments, for main "
        "effects of the same precision. It holds where effects add up; each combination needs a text of its own."
    )


def reach_in_words(plan: Plan, shown: int, total: int) -> str:
    """How many segments will have a sentence of their own.

    Args:
        plan: the plan.
        shown: segments that will, as the table tells.
        total: segments in all.
    """
    if plan.enough_for_itself is None:
        return (
            "No size looked at is enough for a segment by itself: the effect can be told apart by segment only by what "
            "segments have in common."
        )
    needed = numbers.count(plan.enough_for_itself.people)
    some = "None" if shown == 0 else "All" if shown == total else f"{shown}"
    return (
        f"A segment needs about {needed} people of its own. {some} of {total} will have them within "
        f"{plan.settings.longest_days} days; of a segment without them the report tells only an estimate that is drawn "
        "toward the whole."
    )


def checks_in_words(plan: Plan) -> list[Check]:
    """The conditions a plan rests on, and what is noted beside them."""
    settings = plan.settings
    error = numbers.points(largest_error(plan))
    checks = [
        Check(
            name="Base rates known",
            passed=base_rates_known(plan),
            detail="Both rates are given by the parameters."
            if settings.base_rate is not None and settings.guardrail_rate is not None
            else f"Rates under control are taken from past texts of "
            f"{'at least' if base_rates_known(plan) else 'fewer than'} {FEWEST_TEXTED} people.",
        ),
        Check(
            name="Experiments enough",
            passed=precise(plan),
            detail=f"The standard error of every probability is at most {error}; "
            f"{numbers.points(LARGEST_ERROR)} is allowed.",
        ),
        Check(
            name="Other experiments",
            passed=None,
            detail=_overlap(plan),
        ),
    ]
    if plan.design_effect > 1:
        checks.append(
            Check(
                name="Clusters",
                passed=None,
                detail=f"Randomized by {(settings.cluster_by or '').removesuffix('_id')}: "
                f"{numbers.number(plan.design_effect, 1)} people tell as much as one by themselves would, if outcomes "
                f"within a cluster correlate by {numbers.number(settings.cluster_correlation, 2)}.",
            )
        )
    checks.append(
        Check(
            name="Ethics reference",
            passed=None,
            detail=f"Given: {settings.ethics_reference}."
            if settings.ethics_reference
            else "None yet: nobody can be randomized until the parameters name one.",
        )
    )
    return checks


def _overlap(plan: Plan) -> str:
    days = plan.settings.overlap_days
    kept = "are kept out" if plan.settings.overlap == "keep_out" else "take part all the same"
    return f"People assigned in another experiment within {days} days {kept}."
