"""The sections of a plan's report, each as the blocks it shows."""

from workbench.experiments.planning.analysis import Plan
from workbench.present import numbers
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.experiment_plan.figures import endings
from workbench.present.experiment_plan.sentences import cost_in_words, factorial_in_words, reach_in_words
from workbench.present.result import Fact, StudyResult


def how_it_would_end(plan: Plan, result: StudyResult) -> tuple[Block, ...]:
    """The probability of each verdict by size, and how long each size takes."""
    return (endings(plan), TableBlock(table=result.table("sizes")), TableBlock(table=result.table("assurance")))


def what_it_can_show(result: StudyResult) -> tuple[Block, ...]:
    """What each size shows where the truth is a fixed one, in words and in numbers."""
    _, can, cannot = result.verdict.reasons
    return (ProseBlock(text=f"{can} {cannot}"), TableBlock(table=result.table("truths")))


def what_looking_costs(plan: Plan, result: StudyResult) -> tuple[Block, ...]:
    """Daily looks beside one planned look."""
    return (ProseBlock(text=cost_in_words(plan)), TableBlock(table=result.table("looking")))


def several_questions(plan: Plan, result: StudyResult) -> tuple[Block, ...]:
    """A factorial experiment beside one question at a time."""
    return (ProseBlock(text=factorial_in_words(plan)), TableBlock(table=result.table("factorial")))


def for_whom(plan: Plan, result: StudyResult) -> tuple[Block, ...]:
    """Segments that will have a sentence of their own, and those that never will."""
    if not plan.reach:
        return (ProseBlock(text="The effect is not told apart by segment."),)
    table = result.table("reach")
    longest = plan.settings.longest_days
    shown = sum(
        row[1] is not None and each.duration.within(longest)
        for row, each in zip(table.rows, plan.reach, strict=True)
    )
    return (ProseBlock(text=reach_in_words(plan, shown, len(table.rows))), TableBlock(table=table))


def can_it_be_trusted(result: StudyResult) -> tuple[Block, ...]:
    """The checks, and the past that base rates come from."""
    rates = (TableBlock(table=result.table("base_rates")),) if result.has_table("base_rates") else ()
    return (ChecksBlock(checks=result.checks), *rates)


def who_could_take_part(plan: Plan, result: StudyResult) -> tuple[Block, ...]:
    """The flow that leads to the eligible, and the estimand of the experiment planned."""
    terms = [Fact(label=label, text=text) for label, text in estimand(plan).items()]
    return (TableBlock(table=result.table("cohort_flow")), TermsBlock(terms=terms))


def estimand(plan: Plan) -> dict[str, str]:
    """What the experiment would estimate, and by which rule it would be judged."""
    settings = plan.settings
    shares = ", ".join(
        f"“{arm}” {numbers.percent(share, 0)}{' (control)' if arm == settings.control else ''}"
        for arm, share in settings.shares.items()
    )
    held = (
        f"; {numbers.percent(settings.holdout, 0)} of the eligible are held out of all"
        if settings.holdout
        else ""
    )
    phases = f" in phase {', '.join(settings.treatment_phases)}" if settings.treatment_phases else ""
    unit = (settings.cluster_by or "each person").removesuffix("_id")
    return {
        "Population": f"{settings.people_noun}{phases} who may be texted for {settings.consent_purpose}",
        "Time zero": "the moment of assignment",
        "Arms": f"{shares}{held}; randomized by {unit}",
        "Outcome": f"{settings.outcome_noun}: at least one within {settings.window_days} days, however made",
        "Guardrail": f"opt-outs within {settings.window_days} days; a rise of more than "
        f"{numbers.points(settings.guardrail_margin)} is harm",
        "Rule": "at the planned look, adopt where P(better) is above "
        f"{numbers.percent(settings.adopt_probability, 0)} and the effect more likely than not exceeds "
        f"{numbers.points(settings.smallest_effect)}; before it, on an e-value of "
        f"{numbers.number(settings.adopt_evidence)}",
        "Design prior": f"difference in {settings.outcome_noun} normal, {numbers.points(settings.expected_effect)} ± "
        f"{numbers.points(settings.effect_sd)} (standard deviation); rise of opt-outs normal, "
        f"{numbers.points(settings.expected_rise)} ± {numbers.points(settings.rise_sd, 2)}",
        "Would break it": "traffic that ends, an effect unlike what was believed, slots that are scarce, and people "
        "who share a phone or a household",
    }
