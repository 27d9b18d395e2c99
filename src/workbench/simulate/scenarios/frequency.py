"""How often is too often: the same text once a week to once a day, by lot."""

from workbench.simulate.experiments import Arm, Experiment, re_engaging
from workbench.simulate.scenarios.declaration import ELIGIBLE, Estimand, Scenario
from workbench.simulate.scenarios.default import INVITING, MILD

FREQUENCIES = {"weekly": 4, "twice_weekly": 8, "alternate_days": 14, "daily": 28}
WEEKLY_BOOKING = 0.17
WEEKLY_OPT_OUT, DAILY_OPT_OUT = 0.02, 0.14

OVER_MESSAGING = Scenario(
    name="over_messaging",
    title="Too many messages: opt-outs from 2 % at one text a week to 14 % at one a day",
    question="From which frequency on do texts cost more consent than they bring bookings?",
    changed="Four randomized frequencies over four weeks; each text wears the more, the more came in the week before.",
    expected="harmful (alternate_days, daily); more texts bring fewer and fewer further bookings",
    experiments=(
        Experiment(
            "frequency",
            tuple(
                Arm(
                    name,
                    re_engaging("frequency", name, "neutral", "generic", 138),
                    11,
                    INVITING,
                    MILD,
                    booking=(WEEKLY_BOOKING,) if name == "weekly" else (),
                    opt_out={"weekly": WEEKLY_OPT_OUT, "daily": DAILY_OPT_OUT}.get(name),
                    texts=texts,
                )
                for name, texts in FREQUENCIES.items()
            ),
            share=0.3,
            first_day=-133,
            last_day=-50,
            window_days=35,
        ),
    ),
    truth=tuple(
        Estimand(
            f"{outcome}_{name}",
            f"share who {does} within 35 days of the assignment",
            ELIGIBLE,
            "frequency",
            outcome,
            "weekly",
            name,
            base=WEEKLY_BOOKING if outcome == "booking" else WEEKLY_OPT_OUT,
            rate=DAILY_OPT_OUT if (outcome, name) == ("opt_out", "daily") else None,
        )
        for outcome, does in (("booking", "book any appointment"), ("opt_out", "opt out of texts for care"))
        for name in FREQUENCIES
        if name != "weekly"
    ),
)
