"""What the causal analysis of message load is told: whom it follows for how long, and what an opt-out is worth."""

from dataclasses import dataclass

# Texts that somebody decides to send. A reminder follows from a booking, and would make bookings look like an effect.
LOAD_KINDS = ("medication", "re_engagement", "survey", "education")


@dataclass(frozen=True)
class Worth:
    """How many bookings one opt-out is worth: the plausible range, and what is taken within it."""

    low: float = 1.0
    middle: float = 3.0
    high: float = 10.0


@dataclass(frozen=True)
class CausalSettings:
    """Settings of the causal analysis.

    Attributes:
        seed: of the sample of people and of the bootstrap.
        weeks: how many whole weeks before `as_of` are followed.
        people: how many people at most, drawn at random; a model needs rows.
        kinds: the kinds of text whose number is the load.
        worth: bookings that one opt-out is worth.
        replicates: bootstrap samples of patients, from which all intervals are made.
        rare: a chance of a level below this is none: nobody like them gets so many texts.
        most_rare: share of person-weeks in which a level may be rare before it counts as not supported.
        truncated: share of weights at either end that are cut to the next.
        level: of all intervals.
        experiment: one whose arms were sent differently often, by lot; None where there is none.
        window_days: days after its assignments within which bookings and opt-outs count.
    """

    seed: int = 1
    weeks: int = 26
    people: int = 20_000
    kinds: tuple[str, ...] = LOAD_KINDS
    worth: Worth = Worth()
    replicates: int = 60
    rare: float = 0.01
    most_rare: float = 0.1
    truncated: float = 0.005
    level: float = 0.95
    experiment: str | None = None
    window_days: int = 35
