"""Texts whose words work: bookings from 2 to 11 %, and re-engagement up by 28 %."""

from workbench.simulate.experiments import Arm, Experiment, re_engaging
from workbench.simulate.scenarios.declaration import ELIGIBLE, Changes, Estimand, Scenario
from workbench.simulate.scenarios.default import INVITING, MILD, MOTIVATING

LAPSED = f"lapsed patients, as the provider knew them at the assignment: {ELIGIBLE}"

MOTIVATIONAL = Scenario(
    name="motivational",
    title="Motivational, personalized texts that lift bookings from 2 to 11 %",
    question="Does a study find a large effect on a small base, and say how large it is?",
    changed="Lapsed patients book of their own accord three tenths as often as usual.",
    expected="adopt",
    changes=Changes(lapsed_bookings=0.3),
    experiments=(
        Experiment(
            "motivational_texts",
            (
                Arm(
                    "plain",
                    re_engaging("motivational_texts", "plain", "neutral", "generic", 138),
                    11,
                    INVITING,
                    MILD,
                    booking=(0.02,),
                ),
                Arm(
                    "motivational",
                    re_engaging("motivational_texts", "motivational", "motivational", "personalized", 157),
                    11,
                    MOTIVATING,
                    MILD,
                    booking=(0.11,),
                ),
            ),
            share=0.12,
            first_day=-133,
            last_day=-50,
            phases=("lapsed",),
        ),
    ),
    truth=(
        Estimand(
            name="booking",
            words="share who book any appointment within 14 days of the assignment",
            population=LAPSED,
            experiment="motivational_texts",
            outcome="booking",
            control="plain",
            treated="motivational",
            base=0.02,
            rate=0.11,
        ),
    ),
)

RE_ENGAGEMENT = Scenario(
    name="re_engagement",
    title="Personalization that lifts re-engagement by 28 %, from 12.5 to 16 %",
    question="Does a study tell a relative effect with its base, and over a window of four weeks?",
    changed="Nothing but the experiment.",
    expected="adopt",
    experiments=(
        Experiment(
            "personal_invitation",
            (
                Arm(
                    "generic",
                    re_engaging("personal_invitation", "generic", "neutral", "generic", 138),
                    11,
                    INVITING,
                    MILD,
                    booking=(0.125,),
                ),
                Arm(
                    "personalized",
                    re_engaging("personal_invitation", "personalized", "neutral", "personalized", 149),
                    11,
                    INVITING,
                    MILD,
                    booking=(0.16,),
                ),
            ),
            share=0.12,
            first_day=-133,
            last_day=-50,
            window_days=28,
            phases=("lapsed",),
        ),
    ),
    truth=(
        Estimand(
            name="re_engagement",
            words="share who book any appointment within 28 days of the assignment",
            population=LAPSED,
            experiment="personal_invitation",
            outcome="booking",
            control="generic",
            treated="personalized",
            base=0.125,
            rate=0.16,
            ratio=1.28,
        ),
    ),
)
