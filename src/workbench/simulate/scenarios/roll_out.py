"""Experiments in stages: a program that grows, and a base rate that moves while the allocation does."""

from workbench.simulate.experiments import Arm, Experiment, Stage, re_engaging
from workbench.simulate.scenarios.declaration import ELIGIBLE, Changes, Estimand, Scenario
from workbench.simulate.scenarios.default import INVITING, MILD, MOTIVATING

BOOKS = "share who book any appointment within 14 days of the assignment"
# Of a provider of 24,000 patients: 500 people, then 1,000, 2,500 and 5,000 in all.
GROWTH = (500, 500, 1_500, 2_500)
STARTS = (-133, -112, -91, -70)
PROGRAM = tuple(
    Stage(first, first + 20, people / 24_000, allocation=(1, 4))
    for first, people in zip(STARTS, GROWTH, strict=True)
)

STAGED_ROLLOUT = Scenario(
    name="staged_rollout",
    title="A program grown in stages from 500 to 5,000 patients, its response holding 9 %",
    question="Does the response hold from stage to stage, and does a study see that it does?",
    changed="Four stages, each an epoch of the assignments; one in five stays with the usual text throughout.",
    expected="adopt; the response is the same in every stage",
    experiments=(
        Experiment(
            "program",
            (
                Arm(
                    "usual",
                    re_engaging("program", "usual", "neutral", "generic", 138),
                    11,
                    INVITING,
                    MILD,
                    booking=(0.06,),
                ),
                Arm(
                    "program",
                    re_engaging("program", "program", "motivational", "personalized", 157),
                    11,
                    MOTIVATING,
                    MILD,
                    booking=(0.09,) * len(GROWTH),
                ),
            ),
            share=sum(GROWTH) / 24_000,
            first_day=PROGRAM[0].first_day,
            last_day=PROGRAM[-1].last_day,
            stages=PROGRAM,
        ),
    ),
    truth=(
        Estimand("booking", BOOKS, ELIGIBLE, "program", "booking", "usual", "program", 0.06, 0.09),
        *(
            Estimand(
                f"booking_stage_{place}",
                BOOKS,
                f"assigned in stage {place}: {ELIGIBLE}",
                "program",
                "booking",
                "usual",
                "program",
                rate=0.09,
                days=(stage.first_day, stage.last_day),
            )
            for place, stage in enumerate(PROGRAM, 1)
        ),
    ),
)

RAMP = (
    Stage(-133, -92, 0.06, allocation=(9, 1)),
    Stage(-91, -50, 0.06, allocation=(1, 1)),
)

DRIFTING_BASE = Scenario(
    name="drifting_base",
    title="A base rate that rises from 3 to 6 % while the allocation goes from 10:90 to 50:50, and no effect",
    question="Is a study misled by pooling epochs in which chances and base rates differ?",
    changed="The base rate of bookings doubles with the second epoch; both arms do the same.",
    expected="invalid, or no effect where it compares within epochs; never adopt",
    changes=Changes(lapsed_bookings=0.3),
    experiments=(
        Experiment(
            "ramped_wording",
            tuple(
                Arm(
                    name,
                    re_engaging("ramped_wording", name, "neutral", "generic", 138),
                    11,
                    INVITING,
                    MILD,
                    booking=(0.03, 0.06),
                )
                for name in ("old", "new")
            ),
            share=0.12,
            first_day=RAMP[0].first_day,
            last_day=RAMP[-1].last_day,
            phases=("lapsed",),
            stages=RAMP,
        ),
    ),
    truth=(
        *(
            Estimand(
                f"booking_epoch_{place}",
                BOOKS,
                f"lapsed patients assigned in epoch {place}: {ELIGIBLE}",
                "ramped_wording",
                "booking",
                "old",
                "new",
                base=base,
                rate=base,
                days=(stage.first_day, stage.last_day),
            )
            for place, (stage, base) in enumerate(zip(RAMP, (0.03, 0.06), strict=True))
        ),
        Estimand(
            "pooled_without_regard_to_epochs",
            "difference to be expected between the people of either arm, where there is no effect",
            f"lapsed patients: {ELIGIBLE}",
            "ramped_wording",
            "booking",
            "old",
            "new",
            naive=True,
        ),
    ),
)
