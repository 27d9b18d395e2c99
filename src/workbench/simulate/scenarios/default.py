"""The default world, and the one in which no text of an experiment does anything."""

from dataclasses import replace

from workbench.simulate.experiments import Arm, Experiment, Tilt, re_engaging
from workbench.simulate.scenarios.declaration import Scenario

INVITING = Tilt(
    -3.1,
    diagnosis={"psychosis": -0.25, "substance use": -0.1, "anxiety": 0.1},
    phase={"intake": 0.2, "active": 0.1, "lapsed": -0.15},
)
MOTIVATING = Tilt(
    -2.23,
    diagnosis={"psychosis": -0.6, "substance use": -0.15, "anxiety": 0.15, "depression": 0.25, "trauma": -0.25},
    phase={"intake": 0.15, "active": -0.05, "maintenance": 0.1, "lapsed": 0.15},
)
SHORT = Tilt(
    -2.92,
    diagnosis={"psychosis": -0.1, "substance use": -0.1, "anxiety": 0.1},
    phase={"intake": 0.2, "active": 0.15, "lapsed": -0.25},
)
GREETING = Tilt(
    -2.68,
    diagnosis={"psychosis": -0.25, "substance use": 0.05, "anxiety": 0.05},
    phase={"intake": 0.25, "active": 0.05, "lapsed": -0.15},
)
MILD = Tilt(-4.52, diagnosis={"trauma": 0.15}, phase={"lapsed": 0.25, "active": -0.15})
LATE = Tilt(
    -3.31,
    diagnosis={"trauma": 0.45, "anxiety": 0.25, "depression": -0.15, "psychosis": -0.3},
    phase={"lapsed": 0.4, "active": -0.3},
)

MORNING, EVENING = 9.5, 19.5
EXPERIMENTS = (
    Experiment(
        "motivational_wording",
        (
            Arm(
                "generic",
                re_engaging("motivational_wording", "generic", "neutral", "generic", 138),
                11,
                INVITING,
                MILD,
            ),
            Arm(
                "motivational",
                re_engaging("motivational_wording", "motivational", "motivational", "generic", 152),
                11,
                MOTIVATING,
                MILD,
            ),
            Arm(
                "short", re_engaging("motivational_wording", "short", "neutral", "generic", 64), 11, SHORT, MILD
            ),
        ),
        share=0.25,
        first_day=-133,
        last_day=-50,
    ),
    Experiment(
        "evening_send",
        (
            Arm(
                "morning",
                re_engaging("evening_send", "morning", "neutral", "generic", 138),
                MORNING,
                INVITING,
                MILD,
            ),
            Arm(
                "evening",
                re_engaging("evening_send", "evening", "neutral", "generic", 138),
                EVENING,
                INVITING,
                LATE,
            ),
        ),
        share=1 / 6,
        first_day=-126,
        last_day=-43,
    ),
    Experiment(
        "personal_greeting",
        (
            Arm(
                "generic",
                re_engaging("personal_greeting", "generic", "neutral", "generic", 138),
                11,
                INVITING,
                MILD,
            ),
            Arm(
                "personalized",
                re_engaging("personal_greeting", "personalized", "neutral", "personalized", 149),
                11,
                GREETING,
                MILD,
            ),
        ),
        share=1 / 16,
        first_day=-21,
        last_day=34,
    ),
)


def _idle(experiment: Experiment) -> Experiment:
    """The same experiment, every arm of which does what the control does."""
    control = experiment.arms[0]
    same = [replace(arm, appeal=control.appeal, annoyance=control.annoyance) for arm in experiment.arms]
    return replace(experiment, arms=tuple(same))


DEFAULT = Scenario(
    name="default",
    title="A provider with one text that works, one that harms and one not tried long enough",
    question="Do the studies say of three experiments what there is to say?",
    changed="Nothing.",
    expected="adopt (motivational_wording), harmful (evening_send), keep_collecting (personal_greeting)",
    experiments=EXPERIMENTS,
)
NOTHING = Scenario(
    name="nothing",
    title="The same provider, where no text of an experiment does anything (A/A)",
    question="How often does a study find what is not there?",
    changed="In every experiment each arm does exactly what the control does.",
    expected="nothing is adopted, nothing is harmful",
    experiments=tuple(_idle(experiment) for experiment in EXPERIMENTS),
)
