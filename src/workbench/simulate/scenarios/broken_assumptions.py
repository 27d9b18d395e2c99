"""Worlds that break what the models assume: effects that fade, heavy tails, people who leave because of a text."""

from dataclasses import replace

from workbench.simulate.experiments import Arm, Experiment, re_engaging
from workbench.simulate.scenarios.declaration import ELIGIBLE, Changes, Estimand, Scenario
from workbench.simulate.scenarios.default import INVITING, MILD

BOOKS = "share who book any appointment within 14 days of the assignment"


def _two_arms(name: str, treated: str, base: float, rate: float) -> Experiment:
    arms = tuple(
        Arm(arm, re_engaging(name, arm, "neutral", "generic", 138), 11, INVITING, MILD, booking=(booking,))
        for arm, booking in (("plain", base), (treated, rate))
    )
    return Experiment(name, arms, share=0.3, first_day=-133, last_day=-50)


NOVEL = _two_arms("novel_wording", "novel", 0.07, 0.095)

FADING_EFFECT = Scenario(
    name="fading_effect",
    title="An effect of novelty that is nearly gone when the experiment ends",
    question="Does a study promise an effect that no longer exists?",
    changed="What the new text adds to the appeal halves every two weeks of the experiment.",
    expected="a warning that the effect was not the same throughout; today's study reads the average and adopts",
    experiments=(replace(NOVEL, arms=(NOVEL.arms[0], replace(NOVEL.arms[1], half_life=14.0))),),
    truth=tuple(
        Estimand(
            name,
            BOOKS,
            f"{whom}{ELIGIBLE}",
            "novel_wording",
            "booking",
            "plain",
            "novel",
            base,
            rate,
            days=days,
        )
        for name, whom, base, rate, days in (
            ("booking", "", 0.07, 0.095, None),
            ("booking_first_weeks", "assigned in the first three weeks: ", None, None, (-133, -113)),
            ("booking_last_weeks", "assigned in the last three weeks: ", None, None, (-70, -50)),
        )
    ),
)

WILD = _two_arms("wild_world", "warm", 0.08, 0.105)

HEAVY_TAILS = Scenario(
    name="heavy_tails",
    title="Heavy tails: a few people do most of the booking, some after very long, and the keen are the annoyed",
    question="Do intervals hold where counts are overdispersed, delays are heavy-tailed, and outcomes hang together?",
    changed="Rates and series of bookings spread far wider; a text's delays do too; one latent trait drives both "
    "booking and opting out.",
    expected="adopt; the outcome counts people, not bookings, so that the tails should do no harm",
    changes=Changes(booking_spread=1.0, series_shape=0.3),
    experiments=(replace(WILD, tails="heavy", arms=tuple(replace(arm, opt_out=0.02) for arm in WILD.arms)),),
    truth=(
        Estimand("booking", BOOKS, ELIGIBLE, "wild_world", "booking", "plain", "warm", 0.08, 0.105),
        Estimand(
            "opt_out",
            "share who opt out of texts for care within 14 days of the assignment",
            ELIGIBLE,
            "wild_world",
            "opt_out",
            "plain",
            "warm",
            0.02,
            0.02,
        ),
    ),
)

PUSHY = _two_arms("pushy_wording", "pushy", 0.07, 0.09)
PLAIN_LEAVING, PUSHY_LEAVING = 0.005, 0.06

INFORMATIVE_DROPOUT = Scenario(
    name="informative_dropout",
    title="A pushy text that brings bookings, and makes other patients end their treatment",
    question="Does a study see a harm that is no opt-out, and outcomes that are missing because of the text?",
    changed="Some end their treatment over the text, the keener ones sooner; what they would have booked is booked "
    "elsewhere and stands in no table.",
    expected="harmful, were patients who leave a guardrail; today's study counts opt-outs alone and adopts",
    experiments=(
        replace(
            PUSHY,
            arms=tuple(
                replace(arm, leaving=leaving)
                for arm, leaving in zip(PUSHY.arms, (PLAIN_LEAVING, PUSHY_LEAVING), strict=True)
            ),
        ),
    ),
    truth=(
        Estimand("booking", BOOKS, ELIGIBLE, "pushy_wording", "booking", "plain", "pushy", 0.07, 0.09),
        Estimand(
            "booking_anywhere",
            f"{BOOKS}, here or, by those who left, elsewhere",
            ELIGIBLE,
            "pushy_wording",
            "booking_anywhere",
            "plain",
            "pushy",
        ),
        Estimand(
            "left",
            "share whose treatment ends within 14 days of the assignment",
            ELIGIBLE,
            "pushy_wording",
            "left",
            "plain",
            "pushy",
            PLAIN_LEAVING,
            PUSHY_LEAVING,
        ),
    ),
)
