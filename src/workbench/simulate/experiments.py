"""The experiments: their arms, their dates and what each text does to whom.

What a text does is told as two tilts: `appeal`, how far it moves a patient toward booking, and `annoyance`, the
logarithm of how far it moves one toward opting out. Both differ by diagnosis group and treatment phase.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.simulate.phases import PHASES
from workbench.simulate.population import DIAGNOSES
from workbench.simulate.randomness import Index, Real
from workbench.simulate.settings import Scenario
from workbench.simulate.texts import Template

WINDOW_DAYS = 14


@dataclass(frozen=True)
class Tilt:
    """A push that is the same for all, and what is added to it in some diagnosis groups and phases."""

    base: float
    diagnosis: Mapping[str, float] = field(default_factory=dict)
    phase: Mapping[str, float] = field(default_factory=dict)

    def on(self, diagnosis: Index, phase: Index) -> Real:
        """The push on each person."""
        by_diagnosis = np.array([self.diagnosis.get(name, 0.0) for name in DIAGNOSES])
        by_phase = np.array([self.phase.get(name, 0.0) for name in PHASES])
        return self.base + by_diagnosis[diagnosis] + by_phase[phase]


@dataclass(frozen=True)
class Arm:
    """An arm: its text, the local hour at which it is sent, and what it does."""

    name: str
    template: Template
    hour: float
    appeal: Tilt
    annoyance: Tilt


@dataclass(frozen=True)
class Experiment:
    """A randomized experiment with arms of equal probability, the control first.

    Attributes:
        share: people assigned until the end of the data, as a share of all patients.
        first_day, last_day: days of the first and last assignment, counted from the end of the data.
    """

    experiment_id: str
    arms: tuple[Arm, ...]
    share: float
    first_day: int
    last_day: int

    @property
    def names(self) -> tuple[str, ...]:
        """The arms' names, the control first."""
        return tuple(arm.name for arm in self.arms)

    @property
    def templates(self) -> tuple[Template, ...]:
        """The arms' texts, in the arms' order."""
        return tuple(arm.template for arm in self.arms)

    def under(self, scenario: Scenario) -> "Experiment":
        """The experiment in a scenario: under `nothing` every arm does what the control does."""
        if scenario == "default":
            return self
        control = self.arms[0]
        same = [replace(arm, appeal=control.appeal, annoyance=control.annoyance) for arm in self.arms]
        return replace(self, arms=tuple(same))


def _text(experiment: str, arm: str, tone: str, personalization: str, length: int) -> Template:
    name = f"{experiment}-{arm}".replace("_", "-")
    return Template(name, experiment, "re_engagement", tone, personalization, length, "book")


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
                _text("motivational_wording", "generic", "neutral", "generic", 138),
                11,
                INVITING,
                MILD,
            ),
            Arm(
                "motivational",
                _text("motivational_wording", "motivational", "motivational", "generic", 152),
                11,
                MOTIVATING,
                MILD,
            ),
            Arm("short", _text("motivational_wording", "short", "neutral", "generic", 64), 11, SHORT, MILD),
        ),
        share=0.25,
        first_day=-133,
        last_day=-50,
    ),
    Experiment(
        "evening_send",
        (
            Arm(
                "morning", _text("evening_send", "morning", "neutral", "generic", 138), MORNING, INVITING, MILD
            ),
            Arm(
                "evening", _text("evening_send", "evening", "neutral", "generic", 138), EVENING, INVITING, LATE
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
                "generic", _text("personal_greeting", "generic", "neutral", "generic", 138), 11, INVITING, MILD
            ),
            Arm(
                "personalized",
                _text("personal_greeting", "personalized", "neutral", "personalized", 149),
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
