"""What the causal analysis of message load finds, frozen: curves, positivity, saturation, ceilings."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.message_load.estimate import Estimate

Method = Literal["naive", "weighted", "g_formula"]
Outcome = Literal["opt_out", "booking"]
# Why no saturation is told. "positivity": too many weeks have no chance of one text rather than none, or none rather
# than one; "weights_off": the model of who is sent how many does not fit, since weights are not 1 in the mean.
Reason = Literal["too_few_opt_outs", "positivity", "weights_off", "methods_disagree", "curves_too_wide"]

METHODS: tuple[Method, ...] = ("naive", "weighted", "g_formula")
OUTCOMES: tuple[Outcome, ...] = ("opt_out", "booking")
# Levels of load: texts in a week, of which the last holds all numbers from 4 on.
LEVELS = ("0", "1", "2", "3", "4+")


@dataclass(frozen=True)
class Curve:
    """The chance of an outcome in a week, by level of a load that was kept for four weeks.

    Attributes:
        method: "naive" compares as sent; "weighted" is the marginal structural model; "g_formula" the other way.
        outcome: opting out, or booking at all, within the week.
        points: one for each of `LEVELS`, whether supported or not; None where nobody was sent so many.
    """

    method: Method
    outcome: Outcome
    points: tuple[Estimate | None, ...]


@dataclass(frozen=True)
class Support:
    """Whether people like all others are sent so many texts.

    Attributes:
        level: of `LEVELS`.
        load: mean texts a week within the level.
        people, weeks, opt_outs, bookings: counts of people, person-weeks and events at the level.
        rare: share of all person-weeks in which this level has a chance below `CausalSettings.rare`.
        effective: effective number of person-weeks after weighting, (sum of weights)² / sum of squares.
        supported: whether the level may be judged: rarely rare, and so is every level below.
    """

    level: str
    load: float
    people: int
    weeks: int
    opt_outs: int
    bookings: int
    rare: float
    effective: float
    supported: bool


@dataclass(frozen=True)
class WeightsTold:
    """Stabilized weights: their mean (1 where the models fit), the largest before and after, how many were cut."""

    mean: float
    largest: float
    largest_kept: float
    cut: float


@dataclass(frozen=True)
class Agreement:
    """The weighted less the g-formula's chance at a level; intervals of all levels and both outcomes hold together.

    They agree where the interval holds 0, or the chances differ by no more than a tenth of the larger.
    """

    outcome: Outcome
    level: str
    difference: Estimate
    agrees: bool


@dataclass(frozen=True)
class LoadEffects:
    """Both curves by all methods with what they rest on; `level` is that of all intervals.

    `after_booking` is the odds ratio of one more text in a week for who had booked in the week before, all else that is
    recorded alike; None where nobody had. Where nobody who sends looks at bookings, it is 1 unless texts follow
    something else that makes people book, and that is not recorded.
    `chances` (methods, outcomes, levels) and `draws` (bootstrap samples, methods, outcomes, levels) are what joint
    uncertainty is made of; they stand behind the curves and are not shown.
    """

    people: int
    weeks: int
    opt_outs: int
    bookings: int
    curves: tuple[Curve, ...]
    support: tuple[Support, ...]
    weights: WeightsTold
    agreement: tuple[Agreement, ...]
    after_booking: Estimate | None
    level: float
    chances: NDArray[np.float64] = field(repr=False, compare=False)
    draws: NDArray[np.float64] = field(repr=False, compare=False)

    def curve(self, method: Method, outcome: Outcome) -> Curve:
        """The curve of an outcome by a method."""
        return next(each for each in self.curves if (each.method, each.outcome) == (method, outcome))

    @property
    def agree(self) -> bool:
        """Whether both ways agree at every supported level."""
        return all(each.agrees for each in self.agreement)


@dataclass(frozen=True)
class SaturationAt:
    """Saturation where an opt-out is worth so many bookings.

    Attributes:
        answer: "load": `load` texts a week; "below_one": one text a week already costs more than it brings;
            "beyond_what_was_sent": no load that was sent is too much; "not_identified": see `reason`.
        load: texts a week by the weights, with an interval that reaches over those of both ways; low 0 and
            high `highest` mean "below one" and "beyond what was sent".
        net: bookings a week, less `worth` times opt-outs a week, by supported level, each less that at level 0.
    """

    worth: float
    answer: Literal["load", "below_one", "beyond_what_was_sent", "not_identified"]
    load: Estimate | None
    net: tuple[Estimate, ...]
    reason: Reason | None = None


@dataclass(frozen=True)
class Saturation:
    """The load at which one more text costs more in opt-outs than it brings in bookings.

    Attributes:
        middle, low, high: at the three worths of an opt-out.
        highest: the highest load that is supported, in texts a week.
        lost: bookings that texts would have brought in a year to one who opted out, at the load nearest to that
            sent, from the weighted curve; what the range of worths may be held against.
        unmeasured: the E-value: a confounder nobody measured must be tied to both load and opting out by a risk
            ratio of at least this to explain away that the highest load has more (or fewer) opt-outs than one text a
            week; 1 where the interval holds no difference. None where no more than one is supported.
    """

    middle: SaturationAt
    low: SaturationAt
    high: SaturationAt
    highest: float
    lost: Estimate | None
    unmeasured: float | None
    level: float


@dataclass(frozen=True)
class FrequencyArm:
    """An arm of an experiment on frequency, as randomized, over the whole window.

    `texts_a_week` is the mean number sent a week within the first 28 days; bookings and opt-outs are shares of people
    with exact intervals (Clopper and Pearson).
    """

    arm: str
    people: int
    texts_a_week: float
    booked: int
    opted_out: int
    booking: Estimate
    opt_out: Estimate


@dataclass(frozen=True)
class FrequencyStep:
    """An arm against the next that was sent more: further bookings, further opt-outs, and the net, per person."""

    lower: str
    higher: str
    booking: Estimate
    opt_out: Estimate
    net: Estimate


@dataclass(frozen=True)
class ProposedExperiment:
    """An experiment that would tell a ceiling.

    `texts_a_week` for each arm, `people` per arm; with so many a rise of opt-outs from `opt_out` to `detectable`
    within `window_days` is found with chance `power` at one step between arms, the error shared among the steps.
    """

    texts_a_week: tuple[float, ...]
    people: int
    opt_out: float
    detectable: float
    power: float
    window_days: int


@dataclass(frozen=True)
class Ceiling:
    """At most how many texts a week, from randomized frequency alone.

    Attributes:
        answer: "ceiling": more than `texts_a_week` were shown to cost more than they bring; "none_found": no step up
            was shown to; "hypothesis_to_test": frequency was not randomized, see `proposed`.
        texts_a_week: of the arm below the first step that costs more than it brings.
        worth: bookings that one opt-out is taken to be worth.
        at_worths: the ceiling at the low and at the high worth; None where none is found.
    """

    answer: Literal["ceiling", "none_found", "hypothesis_to_test"]
    worth: float
    level: float
    texts_a_week: float | None = None
    arms: tuple[FrequencyArm, ...] = ()
    steps: tuple[FrequencyStep, ...] = ()
    at_worths: tuple[float | None, float | None] = (None, None)
    experiment: str | None = None
    window_days: int = 35
    proposed: ProposedExperiment | None = None
