"""Trials that went wrong or are read too soon: a broken randomizer, late outcomes, households that talk."""

from typing import Literal

from workbench.simulate.experiments import Arm, Experiment, re_engaging
from workbench.simulate.scenarios.declaration import ELIGIBLE, Estimand, Scenario
from workbench.simulate.scenarios.default import INVITING, MILD

BOOKS = "share who book any appointment within {} days of the assignment"


def _arm(experiment: str, name: str, booking: float, slowness: float = 1.0) -> Arm:
    template = re_engaging(experiment, name, "neutral", "generic", 138)
    return Arm(name, template, 11, INVITING, MILD, booking=(booking,), slowness=slowness)


BROKEN_RANDOMIZER = Scenario(
    name="broken_randomizer",
    title="A broken randomizer: the engaged land in one arm, more than its half, and the text does nothing",
    question="Does a study notice that its arms are not what the table says?",
    changed="The coin is loaded toward the engaged; the table still says that the chances are equal.",
    expected="invalid",
    experiments=(
        Experiment(
            "loaded_coin",
            tuple(_arm("loaded_coin", name, 0.07) for name in ("control", "treated")),
            share=0.25,
            first_day=-133,
            last_day=-50,
            coin="loaded",
        ),
    ),
    truth=(
        Estimand(
            "booking",
            BOOKS.format(14),
            ELIGIBLE,
            "loaded_coin",
            "booking",
            "control",
            "treated",
            0.07,
            0.07,
        ),
        Estimand(
            "naive_difference",
            "difference to be expected between the people of either arm; all of it is bias",
            ELIGIBLE,
            "loaded_coin",
            "booking",
            "control",
            "treated",
            naive=True,
        ),
    ),
)

LATE_OUTCOMES = Scenario(
    name="late_outcomes",
    title="Late outcomes: one text that is merely faster, and one that works but takes weeks",
    question="Does a study wait until the outcomes are in, over the window that matters?",
    changed="Two experiments with a window of 42 days; a slow text is acted on after 10 days (median), not after 2.6.",
    expected="no effect (merely_faster) and adopt (slow_and_better), over a window of 42 days",
    experiments=(
        Experiment(
            "merely_faster",
            (
                _arm("merely_faster", "slow", 0.19, slowness=4.0),
                _arm("merely_faster", "fast", 0.19),
            ),
            share=0.2,
            first_day=-112,
            last_day=-50,
            window_days=42,
            shorter_windows=(14,),
        ),
        Experiment(
            "slow_and_better",
            (
                _arm("slow_and_better", "usual", 0.19),
                _arm("slow_and_better", "better", 0.23, slowness=4.0),
            ),
            share=0.2,
            first_day=-112,
            last_day=-50,
            window_days=42,
            shorter_windows=(14,),
        ),
    ),
    truth=tuple(
        Estimand(
            f"{experiment}{suffix}",
            BOOKS.format(days),
            ELIGIBLE,
            experiment,
            outcome,
            control,
            treated,
            base=0.19 if days == 42 else None,
            rate=rate if days == 42 else None,
        )
        for experiment, control, treated, rate in (
            ("merely_faster", "slow", "fast", 0.19),
            ("slow_and_better", "usual", "better", 0.23),
        )
        for days, suffix, outcome in ((42, "", "booking"), (14, "_after_14_days", "booking_within_14_days"))
    ),
)

ALONE, TOTAL = 0.09, 0.11
UNITS: dict[str, Literal["person", "household"]] = {"by_person": "person", "by_household": "household"}

HOUSEHOLDS = Scenario(
    name="households",
    title="Interference: who is texted, speaks of it to others in the household",
    question="Does a study that randomizes persons miss what the text does to those beside them?",
    changed="People live in households; another's invitation moves a person too. Two experiments, by person and by "
    "household.",
    expected="adopt in both; by person the effect is understated, by household intervals must be clustered",
    experiments=tuple(
        Experiment(
            name,
            (_arm(name, "plain", 0.07), _arm(name, "inviting", ALONE)),
            share=0.2,
            first_day=-133,
            last_day=-50,
            unit=unit,
            everybody=TOTAL,
        )
        for name, unit in UNITS.items()
    ),
    truth=tuple(
        Estimand(
            f"{name}_{effect}",
            f"{BOOKS.format(14)}: {words}",
            ELIGIBLE,
            name,
            "booking",
            control,
            treated,
            base=base,
            rate=rate,
            naive=effect == "naive_difference",
        )
        for name in UNITS
        for effect, words, control, treated, base, rate in (
            (
                "direct",
                "own text inviting or plain, everybody else's plain",
                "plain, others plain",
                "inviting, others plain",
                0.07,
                ALONE,
            ),
            (
                "total",
                "everybody's text inviting, or everybody's plain",
                "plain, others plain",
                "inviting, others inviting",
                0.07,
                TOTAL,
            ),
            (
                "naive_difference",
                "difference to be expected between the people of either arm, as they were randomized",
                "plain",
                "inviting",
                None,
                None,
            ),
        )
    ),
)
