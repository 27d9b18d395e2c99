"""What an experiment is: its arms, its dates and what each text does to whom.

What a text does is told as two tilts: `appeal`, how far it moves a patient toward booking, and `annoyance`, the
logarithm of how far it moves one toward opting out. Both differ by diagnosis group and treatment phase. Where an
arm has a designed rate, a push is added to its tilt that is solved for on the very people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.simulate.templates import Template

WINDOW_DAYS = 14


@dataclass(frozen=True)
class Tilt:
    """A push that is the same for all, and what is added to it in some diagnosis groups and phases."""

    base: float
    diagnosis: Mapping[str, float] = field(default_factory=dict)
    phase: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Arm:
    """An arm: its text, the local hour at which it is sent, and what it does.

    Attributes:
        booking: the designed share who book within the window: one number, or one per stage; without one, the
            appeal stands as it is. In an experiment in households, the share where nobody else is in this arm;
            of an arm that fades, the share over the whole experiment.
        opt_out: the designed share who opt out within the window; without one, the annoyance stands as it is.
        leaving: the designed share who end their treatment over the text, within the window.
        slowness: how many times as long as usual a person takes to book.
        half_life: days in which what its appeal has beyond the control's falls to half, counted from the first
            assignment of the experiment; None where it lasts.
        texts: texts to each person, in series over four weeks where there is more than one.
    """

    name: str
    template: Template
    hour: float
    appeal: Tilt
    annoyance: Tilt
    booking: tuple[float, ...] = ()
    opt_out: float | None = None
    leaving: float = 0.0
    slowness: float = 1.0
    half_life: float | None = None
    texts: int = 1


@dataclass(frozen=True)
class Stage:
    """A spell of an experiment with chances of its own: an epoch of its assignments.

    Attributes:
        first_day, last_day: days of the first and last assignment, counted from the end of the data.
        share: people assigned in it, as a share of all patients.
        allocation: how many times each arm stands in a block, in the arms' order.
    """

    first_day: int
    last_day: int
    share: float
    allocation: tuple[int, ...]


@dataclass(frozen=True)
class Experiment:
    """A randomized experiment, the control first; the arms are equally likely where no stages say otherwise.

    Attributes:
        share: people assigned until the end of the data, as a share of all patients.
        first_day, last_day: days of the first and last assignment, counted from the end of the data.
        window_days: days after the assignment within which an outcome counts.
        shorter_windows: further windows, in days, for which the truth is told as well.
        phases: the treatment phases of those who are listed; all where there are none.
        stages: spells with chances of their own.
        unit: what is randomized.
        coin: `fair`, or `loaded` toward the engaged, while the table still tells equal chances.
        everybody: the designed share who book where everybody's household is in the last arm.
        tails: `heavy` where delays spread wider, and one latent trait drives both booking and opting out.
    """

    experiment_id: str
    arms: tuple[Arm, ...]
    share: float
    first_day: int
    last_day: int
    window_days: int = WINDOW_DAYS
    shorter_windows: tuple[int, ...] = ()
    phases: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    unit: Literal["person", "household", "clinician"] = "person"
    coin: Literal["fair", "loaded"] = "fair"
    everybody: float | None = None
    tails: Literal["usual", "heavy"] = "usual"

    @property
    def names(self) -> tuple[str, ...]:
        """The arms' names, the control first."""
        return tuple(arm.name for arm in self.arms)

    @property
    def templates(self) -> tuple[Template, ...]:
        """The arms' texts, in the arms' order."""
        return tuple(arm.template for arm in self.arms)

    @property
    def epochs(self) -> tuple[Stage, ...]:
        """The stages; one with equal chances where none are told."""
        return self.stages or (Stage(self.first_day, self.last_day, self.share, (1,) * len(self.arms)),)


def re_engaging(experiment: str, arm: str, tone: str, personalization: str, length: int) -> Template:
    """An experiment's text that invites to book."""
    name = f"{experiment}-{arm}".replace("_", "-")
    return Template(name, experiment, "re_engagement", tone, personalization, length, "book")
