"""Made-up people of an experiment, and assumptions broken among them one by one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Random = np.random.Generator

PEOPLE, WINDOW, DAYS = 4_000, 14, 56
NEVER = np.inf


@dataclass(frozen=True)
class People:
    """One experiment's people: arm (0 the control), day of enrollment, delay to the booking, epoch and its shares.

    `opted_out` tells who opted out in the window; `cluster` who belongs together, where it is recorded.
    """

    arm: Ints
    day: Floats
    delay: Floats
    opted_out: Flags
    epoch: Ints | None = None
    shares: tuple[float, ...] = (0.5,)
    cluster: Ints | None = None


def halves(random: Random) -> tuple[Ints, Floats]:
    """Arms by lot, one to one, and days of enrollment."""
    return random.permutation(np.arange(PEOPLE) % 2), random.random(PEOPLE) * DAYS


def lognormal(random: Random, median: Floats | float, sigma: Floats | float) -> Floats:
    return median * np.exp(sigma * random.standard_normal(PEOPLE))


def booking(random: Random, rate: Floats | float, delay: Floats) -> Floats:
    """A share of people book within the window, after their delays."""
    return np.where(random.random(PEOPLE) < rate, np.minimum(delay, WINDOW - 1e-6), NEVER)


def usual(effect: float) -> Callable[[Random], People]:
    def people(random: Random) -> People:
        arm, day = halves(random)
        delay = booking(random, 0.07 + effect * arm, lognormal(random, 2.6, 0.9))
        return People(arm, day, delay, random.random(PEOPLE) < 0.02)

    return people


def heavy_delay(random: Random) -> People:
    """Equal rates within the window; the arm's delays are far more spread, and beyond it come more of its bookings."""
    arm, day = halves(random)
    sigma = np.where(arm == 1, 1.8, 0.9)
    median = np.where(arm == 1, 3.5, 2.1)
    delay = lognormal(random, median, sigma)
    # Shares who ever book, such that 7 % do within the window.
    inside = {0: 0.9826, 1: 0.7794}
    ever = np.where(arm == 1, 0.07 / inside[1], 0.07 / inside[0])
    return People(arm, day, np.where(random.random(PEOPLE) < ever, delay, NEVER), random.random(PEOPLE) < 0.02)


def leavers(plain: float, pushy: float) -> Callable[[Random], People]:
    """Who opts out over a text books, as before, but elsewhere; the keen are the likelier to opt out."""

    def people(random: Random) -> People:
        arm, day = halves(random)
        keen = random.random(PEOPLE)
        books = keen < 0.07 + 0.02 * arm
        share = np.where(arm == 1, pushy, plain)
        chance = share * np.where(books, 3.0, (1 - 3.0 * 0.08) / (1 - 0.08))
        out = random.random(PEOPLE) < chance
        delay = np.where(books & ~out, lognormal(random, 2.6, 0.9).clip(0, WINDOW - 1e-6), NEVER)
        return People(arm, day, delay, out)

    return people


def frail(random: Random) -> People:
    """Rates of persons spread as a gamma variable of shape 0.3; no effect."""
    arm, day = halves(random)
    rate = np.minimum(0.07 * random.gamma(0.3, 1 / 0.3, PEOPLE), 1.0)
    return People(arm, day, booking(random, rate, lognormal(random, 2.6, 0.9)), random.random(PEOPLE) < 0.02)


def by_clinician(*, recorded: bool) -> Callable[[Random], People]:
    """Clinicians of 40 patients were randomized, and differ by 0.4 on the log scale; no effect."""

    def people(random: Random) -> People:
        clinicians = PEOPLE // 40
        of = random.permutation(np.arange(PEOPLE) % clinicians)
        arm = random.permutation(np.arange(clinicians) % 2)[of]
        rate = 0.07 * np.exp(0.4 * random.standard_normal(clinicians) - 0.08)[of]
        delay = booking(random, rate, lognormal(random, 2.6, 0.9))
        day = random.random(PEOPLE) * DAYS
        return People(arm, day, delay, random.random(PEOPLE) < 0.02, cluster=of if recorded else None)

    return people


def drift(effect: float) -> Callable[[Random], People]:
    """The base rate rises from 4 to 10 % while people come."""

    def people(random: Random) -> People:
        arm, day = halves(random)
        delay = booking(random, 0.04 + 0.06 * day / DAYS + effect * arm, lognormal(random, 2.6, 0.9))
        return People(arm, day, delay, random.random(PEOPLE) < 0.02)

    return people


def ramp(*, recorded: bool, early: float = 0.0) -> Callable[[Random], People]:
    """One in ten, then one in two in the arm, while the base rises from 3 to 6 %; any effect is in the first spell."""

    def people(random: Random) -> People:
        day = random.random(PEOPLE) * DAYS
        epoch = (day > DAYS / 2).astype(np.int64)
        arm = (random.random(PEOPLE) < np.where(epoch == 1, 0.5, 0.1)).astype(np.int64)
        rate = np.where(epoch == 1, 0.06, 0.03 + early * arm)
        delay = booking(random, rate, lognormal(random, 2.6, 0.9))
        opted_out = random.random(PEOPLE) < 0.02
        if recorded:
            return People(arm, day, delay, opted_out, epoch=epoch, shares=(0.1, 0.5))
        return People(arm, day, delay, opted_out, shares=(0.3,))

    return people
