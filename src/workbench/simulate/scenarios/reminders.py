"""Reminders as the treatment, which act through the attendance process: segmented ones, and risk-targeted ones."""

from workbench.simulate.experiments import Arm, Experiment, Tilt
from workbench.simulate.scenarios.declaration import Estimand, ReminderTrial, Scenario
from workbench.simulate.templates import EVE_REMINDER, REMINDER, SUPPORTING_REMINDER

NO_PUSH = Tilt(0.0)
TRIAL_DAYS = 119
HELD = "appointments of the trial's weeks that were booked three or more days ahead and not called off"

SEGMENTED = Scenario(
    name="segmented_reminders",
    title="Segmented reminders that lift attendance of patients at risk by 35 %",
    question="Does a study find an effect on attendance, by person, in the group that gets the treatment?",
    changed="A further text on the eve, in words that fit the reason, for patients at risk in the segmented arm.",
    expected="adopt for patients at risk; the A/B analysis of today knows bookings alone",
    trial=ReminderTrial(
        Experiment(
            "segmented_reminders",
            (
                Arm("uniform", REMINDER, 10, NO_PUSH, NO_PUSH),
                Arm("segmented", SUPPORTING_REMINDER, 17, NO_PUSH, NO_PUSH),
            ),
            share=1.0,
            first_day=-TRIAL_DAYS,
            last_day=-TRIAL_DAYS,
            window_days=TRIAL_DAYS,
        ),
        rule="segmented",
        ratio=1.35,
    ),
    truth=(
        Estimand(
            name="attendance_at_risk",
            words="share of appointments attended when all have the usual reminder, and when those at risk have two",
            population=f"{HELD}, of adults opted in at the assignment who missed half or more of their "
            "appointments in the 180 days before it (one at least)",
            experiment="segmented_reminders",
            outcome="attendance_at_risk",
            control="uniform",
            treated="segmented",
            ratio=1.35,
        ),
        Estimand(
            name="attendance",
            words="share of appointments attended when all have the usual reminder, and when those at risk have two",
            population=f"{HELD}, of adults opted in at the assignment, at risk or not",
            experiment="segmented_reminders",
            outcome="attendance",
            control="uniform",
            treated="segmented",
        ),
    ),
)

RISK_TARGETED = Scenario(
    name="risk_targeted_reminders",
    title="Further reminders for the riskiest appointments, that cut idle time by 15 %",
    question="With the same number of reminders, what does it change whom they are sent to?",
    changed="A further text on the eve of three appointments in ten of each clinician's week, by lot or by risk.",
    expected="adopt (targeted), clinicians being what is randomized; the A/B analysis of today knows bookings alone",
    trial=ReminderTrial(
        Experiment(
            "risk_targeted_reminders",
            (
                Arm("uniform", EVE_REMINDER, 17, NO_PUSH, NO_PUSH),
                Arm("targeted", EVE_REMINDER, 17, NO_PUSH, NO_PUSH),
            ),
            share=1.0,
            first_day=-TRIAL_DAYS,
            last_day=-TRIAL_DAYS,
            window_days=TRIAL_DAYS,
            unit="clinician",
        ),
        rule="targeted",
        ratio=0.85,
        share=0.3,
    ),
    truth=(
        Estimand(
            name="idle_minutes",
            words="minutes per session in slots that were booked, not called off, and in which nobody came",
            population="sessions of all clinicians in the trial's weeks that had such a slot",
            experiment="risk_targeted_reminders",
            outcome="idle_minutes",
            control="uniform",
            treated="targeted",
            ratio=0.85,
        ),
        Estimand(
            name="further_reminders",
            words="further reminders per session, the same in either world",
            population="sessions of all clinicians in the trial's weeks that had such a slot",
            experiment="risk_targeted_reminders",
            outcome="further_reminders",
            control="uniform",
            treated="targeted",
            ratio=1.0,
        ),
    ),
)
