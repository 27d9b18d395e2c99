"""The tables of a plan. What counts people passes disclosure control; planned numbers count nobody."""

from dataclasses import dataclass

from workbench.experiments.planning.analysis import Plan, PlannedSize
from workbench.experiments.planning.assurance import EXPECTED, HARM, NO_EFFECT, SMALLEST, Chances, SizeChances
from workbench.experiments.planning.duration import Duration
from workbench.experiments.verdict import ArmDecision
from workbench.present import numbers
from workbench.present.disclosure import FlowStep, Profile, cohort_flow, hide_small_cells
from workbench.present.result import Cell, Column, ColumnKind, Table

VERDICT_WORDS: dict[ArmDecision, str] = {
    "adopt": "Adopt",
    "equivalent": "No difference that matters",
    "reject": "Do not adopt",
    "harmful": "Harmful",
    "inconclusive": "Not conclusive",
}


def plan_tables(plan: Plan, profile: Profile) -> list[Table]:
    """Every table of the plan, in the order of the report."""
    flow = cohort_flow([FlowStep(step.label, step.left) for step in plan.traffic.flow], profile)
    tables = [
        sizes_table(plan),
        verdicts_table(plan),
        truths_table(plan),
        looking_table(plan),
        factorial_table(plan),
    ]
    counted = [hide_small_cells(base_rates_table(plan), profile)] if plan.traffic.texted else []
    if plan.reach:
        counted.append(hide_small_cells(reach_table(plan), profile))
    return [flow, *tables, *counted]


def sizes_table(plan: Plan) -> Table:
    """How many people each size takes, and how long."""
    settings = plan.settings
    return Table(
        id="sizes",
        caption="How many, and how long",
        columns=[
            Column(name="size", title=f"{settings.people_noun.capitalize()} per arm", kind="label"),
            _number("people", "In all"),
            _text("enrolling", "Days until all are texted"),
            _text("days", "Days to the planned look"),
            _chance("assurance", "Assurance of adoption"),
            _chance("conclusive", "Any conclusion"),
        ],
        rows=[
            [
                numbers.count(size.chances.people_per_arm),
                size.chances.people,
                _days(size.duration.enrolling),
                days_in_words(size.duration, settings.longest_days),
                size.chances.assurance.verdicts["adopt"],
                size.chances.assurance.conclusive,
            ]
            for size in plan.sizes
        ],
        groups="none",
        note=f"Per arm: in the smallest treated arm. In all: eligible {settings.people_noun} it takes, the control"
        f"{' and the holdout' if settings.holdout else ''} included. Days count the window of {settings.window_days} "
        f"and {settings.recording_lag_days} for recording. Assurance is averaged over the design prior.",
    )


def verdicts_table(plan: Plan) -> Table:
    """The probability of each verdict, averaged over the design prior."""
    return Table(
        id="assurance",
        caption="How the experiment would end, averaged over the design prior",
        columns=[
            Column(name="size", title=f"{plan.settings.people_noun.capitalize()} per arm", kind="label"),
            *(_chance(verdict, words) for verdict, words in VERDICT_WORDS.items()),
            _chance("safe", "Opt-outs shown within the margin"),
            Column(name="overstated", title="Adopted effects as told, of the true", kind="estimate", digits=2),
        ],
        rows=[
            [
                numbers.count(size.chances.people_per_arm),
                *_verdicts(size.chances.assurance),
                size.chances.assurance.safe,
                size.chances.assurance.overstated,
            ]
            for size in plan.sizes
        ],
        groups="none",
        note=f"From {numbers.count(plan.settings.simulated_experiments)} experiments of each size, drawn from the "
        "design prior of the effect and of the rise in opt-outs together; the shipped rule was applied to each.",
    )


@dataclass(frozen=True)
class Showing:
    """Something an experiment can show: at which truth, and by which verdict; None for opt-outs within the margin."""

    words: str
    truth: str
    verdict: ArmDecision | None

    def chance(self, size: SizeChances) -> float:
        """How often it is shown."""
        chances = size.when(self.truth)
        return chances.safe if self.verdict is None else chances.verdicts[self.verdict]


def showings(plan: Plan) -> tuple[Showing, ...]:
    """What a plan is asked to show, each where it is true."""
    settings = plan.settings
    rise = numbers.points(2 * settings.guardrail_margin)
    return (
        Showing(f"an effect of {numbers.points(settings.expected_effect)}, as expected", EXPECTED, "adopt"),
        Showing(
            f"an effect of {numbers.points(settings.smallest_effect)}, the smallest that matters",
            SMALLEST,
            "adopt",
        ),
        Showing(
            f"that there is no difference beyond {numbers.points(settings.smallest_effect)}",
            NO_EFFECT,
            "equivalent",
        ),
        Showing(
            f"that opt-outs rise by less than {numbers.points(settings.guardrail_margin)}", NO_EFFECT, None
        ),
        Showing(f"the harm of {rise} more opt-outs", HARM, "harmful"),
    )


def errors(plan: Plan) -> tuple[Showing, ...]:
    """What would be wrong to say, each where it is."""
    rise = numbers.points(2 * plan.settings.guardrail_margin)
    return (
        Showing("adopted without any effect", NO_EFFECT, "adopt"),
        Showing(f"adopted in spite of {rise} more opt-outs", HARM, "adopt"),
    )


def truths_table(plan: Plan) -> Table:
    """What each size shows where it is true, and how often each goes wrong."""
    rows: list[list[Cell]] = [
        [f"{kind}: {each.words}", *(each.chance(size.chances) for size in plan.sizes)]
        for kind, all_of_them in (("Shows", showings(plan)), ("Error", errors(plan)))
        for each in all_of_them
    ]
    return Table(
        id="truths",
        caption=f"What it shows where that is the truth, by {plan.settings.people_noun} per arm",
        columns=[
            Column(name="what", title="What", kind="label"),
            *(
                _chance(f"per_arm_{size.chances.people_per_arm}", numbers.count(size.chances.people_per_arm))
                for size in plan.sizes
            ),
        ],
        rows=rows,
        groups="none",
        note="Base rates are held at their means. Opt-outs are shown within the margin where they do not rise at all; "
        "harm is looked for beside the expected effect.",
    )


def looking_table(plan: Plan) -> Table:
    """What looking every day costs."""
    looking = plan.looking
    return Table(
        id="looking",
        caption=f"What looking early costs, with {numbers.count(looking.people_per_arm)} per arm",
        columns=[
            Column(name="looks", title="Looks", kind="label"),
            _chance("null", "Adopted without any effect"),
            _chance("expected", "Adopted at the expected effect"),
            Column(name="people", title="People until decided, of all", kind="estimate", unit="%", digits=0),
        ],
        rows=[[way.way, way.null, way.expected, 100 * way.people] for way in looking.ways],
        groups="none",
        note=f"Every day: 28 looks while people come evenly, adopting on an e-value of "
        f"{numbers.number(plan.settings.adopt_evidence)}; then the planned look. The last row errs as often as that by "
        f"one look alone. Standard error at most {numbers.points(looking.error)}.",
    )


def factorial_table(plan: Plan) -> Table:
    """People for two to four questions: at once, or one at a time."""
    return Table(
        id="factorial",
        caption="Several questions at once, each as precisely as "
        f"{numbers.count(plan.factorial[0].people_per_arm)} against {numbers.count(plan.factorial[0].people_per_arm)}",
        columns=[
            Column(name="factors", title="Questions of two answers", kind="label"),
            _number("factorial", "Factorial"),
            _number("common", "Arms beside one control"),
            _number("separate", "One experiment each"),
            _number("cell", "Factorial, per combination"),
            _number("interaction", "To tell an interaction as well"),
        ],
        rows=[
            [str(d.factors), d.factorial, d.common_control, d.separate, d.cell, d.interaction]
            for d in plan.factorial
        ],
        groups="none",
        note="For main effects, where effects add up. An interaction of the same size takes four times the people.",
    )


def base_rates_table(plan: Plan) -> Table:
    """What past texts tell of the rates under control."""
    traffic = plan.traffic
    return Table(
        id="base_rates",
        caption=f"Past {plan.settings.message_kind.replace('_', '-')} texts",
        columns=[
            Column(name="who", title="People", kind="label"),
            Column(name="people", title="Texted", kind="people"),
            Column(name="booked", title=plan.settings.outcome_noun.capitalize(), kind="events"),
            Column(name="opted_out", title="Opt-outs", kind="events"),
        ],
        rows=[["texted with consent, window closed", traffic.texted, traffic.booked, traffic.opted_out]],
        groups="arm",
        note=f"Each person's first such text of {plan.settings.lookback_days} days, and what followed within "
        f"{plan.settings.window_days} days.",
    )


def reach_table(plan: Plan) -> Table:
    """Each segment's people, and when it would have a sentence of its own."""
    settings = plan.settings
    return Table(
        id="reach",
        caption="Segments, and when each would have enough people for its own sentence",
        columns=[
            Column(name="segment", title="Segment", kind="label"),
            Column(name="people", title="Eligible now", kind="people"),
            Column(name="arrived", title=f"Came in {settings.arrival_weeks} weeks", kind="events"),
            _text("days", "Own sentence after"),
        ],
        rows=[
            [
                each.segment.replace("_", " "),
                each.people,
                each.arrived,
                days_in_words(each.duration, settings.longest_days),
            ]
            for each in plan.reach
        ],
        groups="attributes",
        note="Own sentence: the expected effect would be adopted in the segment alone with 80 %.",
    )


def days_in_words(duration: Duration, longest: int) -> str:
    """Days to the planned look; what lies beyond the longest time is not told in days."""
    if duration.days is None:
        return "never"
    return f"{numbers.count(duration.days)} days" if duration.within(longest) else f"not within {longest} days"


def size_in_words(size: PlannedSize, plan: Plan) -> str:
    """Such as "2,000 patients in each arm (4,000 in all)"."""
    chances, settings = size.chances, plan.settings
    each = "each arm" if len(set(settings.shares.values())) == 1 else "the smallest treated arm"
    return (
        f"{numbers.count(chances.people_per_arm)} {settings.people_noun} in {each} "
        f"({numbers.count(chances.people)} in all)"
    )


def _verdicts(chances: Chances) -> list[Cell]:
    return [chances.verdicts[verdict] for verdict in VERDICT_WORDS]


def _days(days: int | None) -> str:
    return "never" if days is None else numbers.count(days)


def _number(name: str, title: str) -> Column:
    return Column(name=name, title=title, kind="estimate", digits=0)


def _chance(name: str, title: str) -> Column:
    return Column(name=name, title=title, kind="probability", digits=0)


def _text(name: str, title: str, kind: ColumnKind = "interval") -> Column:
    return Column(name=name, title=title, kind=kind)
