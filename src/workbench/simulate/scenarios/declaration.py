"""What a scenario declares: its question, what it changes in the world, its experiments and its truth.

Declarations are plain values, so that names and titles can be listed without loading the simulation.
"""

from dataclasses import dataclass
from typing import Literal

from workbench.simulate.experiments import Experiment


@dataclass(frozen=True)
class Changes:
    """What a scenario changes in the world outside its experiments.

    Attributes:
        lapsed_bookings: how many times as often as usual lapsed patients book of their own accord.
        booking_spread: standard deviation of what is added to the log rate of each person's bookings.
        series_shape: shape of the gamma variable that spreads the length of series of appointments; None for none.
        opt_in: the designed shares who opt in among the adults asked by text, by the wording of the prompt.
    """

    lapsed_bookings: float = 1.0
    booking_spread: float = 0.0
    series_shape: float | None = None
    opt_in: tuple[float, ...] = ()


@dataclass(frozen=True)
class ReminderTrial:
    """A trial of one further reminder on the eve of appointments, whose strength is solved for.

    Attributes:
        experiment: identifier, arms (the control first) and their texts; all are assigned on its first day.
        rule: `segmented` gives it to patients at risk, in the treated arm alone; `targeted` gives it to the same
            number of appointments of a clinician's week in both arms, drawn by lot or the riskiest first.
        share: the share of a clinician's week that is reminded under `targeted`.
        ratio: the designed ratio, treated to control, of attendance (`segmented`) or of idle time (`targeted`).
    """

    experiment: Experiment
    rule: Literal["segmented", "targeted"]
    ratio: float
    share: float = 0.0


@dataclass(frozen=True)
class Estimand:
    """What is true of a scenario: one outcome under two worlds, over the same people.

    Attributes:
        name: its key in `truth.json`.
        words: what it is, with its window, in words.
        population: of whom, in words.
        experiment, outcome: where its numbers come from.
        control, treated: the names of the two worlds; arms, unless the experiment is in households.
        base, rate: the designed means under either; None where none is designed.
        ratio: the designed ratio of the two.
        days: only people assigned from the first to the last of these days, counted from the end of the data.
        naive: not the effect, but the difference to be expected between those who are put in either arm when
            nothing is done about how they came there.
    """

    name: str
    words: str
    population: str
    experiment: str
    outcome: str
    control: str
    treated: str
    base: float | None = None
    rate: float | None = None
    ratio: float | None = None
    days: tuple[int, int] | None = None
    naive: bool = False


@dataclass(frozen=True)
class Scenario:
    """A world by name.

    Attributes:
        title: a line for lists.
        question: what it asks of a study.
        changed: what differs from the default world, in words.
        expected: what a good study says.
        experiments: those that run, instead of the default ones.
        changes: what it changes elsewhere.
        prompts: the two wordings of the consent prompt as an experiment, where they are assigned on record.
        trial: a trial of reminders, where there is one.
        truth: its estimands.
    """

    name: str
    title: str
    question: str
    changed: str
    expected: str
    experiments: tuple[Experiment, ...] = ()
    changes: Changes = Changes()
    prompts: Experiment | None = None
    trial: ReminderTrial | None = None
    truth: tuple[Estimand, ...] = ()


ELIGIBLE = "adults opted in to texts for care at the assignment, as assigned, whether the text arrived or not"
