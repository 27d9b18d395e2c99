"""Worlds of texts, day by day: who is sent how many, who books, and who has had enough; and their truth.

Nothing here is logistic, weekly or discrete, as the estimators are. People differ in how keen they are, which shows in
replies alone; a world says whether texts follow replies, earlier texts, or keenness itself, which nobody recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

WEEKS, BURN_IN, MOST = 24, 6, 4
# Weeks of the course as it was from which a truth is told, each of four weeks under one load.
BRANCHES = (2, 8, 14, 20)
KEPT = 4


@dataclass(frozen=True)
class World:
    """How texts are sent, and what they do.

    Attributes:
        by_replies, by_earlier: how much more is sent to who replied, and to who was sent more.
        by_keenness: the same for keenness itself, which no column holds.
        rule: texts beyond one a week go to people with replies alone, without exception.
        frailty: shape of the gamma distribution of how soon people have had enough; None: all alike.
        wearing: by how much each further text in seven days raises the log risk of opting out, per text.
        opt_out: risk of opting out at a single text.
        spontaneous: risk of opting out in a week for another reason.
        gain: by how much many texts raise bookings, as a share of those without.
    """

    by_replies: float = 0.0
    by_earlier: float = 0.0
    by_keenness: float = 0.0
    rule: bool = False
    frailty: float | None = None
    wearing: float = 0.35
    opt_out: float = 0.004
    spontaneous: float = 0.001
    gain: float = 1.6


@dataclass
class Course:
    """People at the beginning of a week; arrays of one length."""

    keen: Numbers
    frail: Numbers
    lately: NDArray[np.bool_]
    weekly: dict[str, Whole] = field(default_factory=dict)

    def of(self, who: NDArray[np.bool_]) -> "Course":
        """Some of the people."""
        kept = {name: values[who] for name, values in self.weekly.items()}
        return Course(self.keen[who], self.frail[who], self.lately[who], kept)


@dataclass(frozen=True)
class Week:
    """What happened to each in a week; `gone` is the share of it gone at an opt-out, else 1."""

    texts: Whole
    booked: Whole
    replied: Whole
    opted_out: NDArray[np.bool_]
    gone: Numbers


HISTORY = ("texts_1", "texts_2", "texts_3", "replied", "replies", "had_booked", "bookings")


def begin(world: World, people: int, rng: np.random.Generator) -> Course:
    frail = np.ones(people) if world.frailty is None else rng.gamma(world.frailty, 1 / world.frailty, people)
    none = {name: np.zeros(people, np.int64) for name in HISTORY}
    return Course(rng.normal(size=people), frail, np.zeros((people, 7), bool), none)


def planned(world: World, course: Course, rng: np.random.Generator) -> Whole:
    """How many texts each is to be sent in the week."""
    past = course.weekly
    answers = np.log1p(past["replies"]) + past["replied"]
    earlier = past["texts_1"] - 1.0
    tendency = world.by_replies * (answers - 0.8) + world.by_earlier * earlier + world.by_keenness * course.keen
    number = np.minimum(rng.poisson(1.25 * np.exp(np.clip(tendency, -2, 1.2))), MOST)
    return np.where(answers > 1, np.maximum(number, 2), np.minimum(number, 1)) if world.rule else number


def live(world: World, course: Course, number: Whole, rng: np.random.Generator) -> Week:
    """A week under so many texts, each on a day of its own; who opts out is sent no more of them."""
    people = len(number)
    days = rng.random((people, 7)).argsort(axis=1) < number[:, None]
    texts, booked, replied = (np.zeros(people, np.int64) for _ in range(3))
    gone, consenting = np.ones(people), np.ones(people, bool)
    for day in range(7):
        sent = days[:, day] & consenting
        texts += sent
        course.lately = np.column_stack([course.lately[:, 1:], sent])
        load = course.lately.sum(axis=1)
        keen = np.exp(0.4 * course.keen)
        risk = world.opt_out * course.frail * np.exp(world.wearing * (load - 1.0)) / keen**1.5
        out = consenting & (rng.random(people) < np.where(sent, np.minimum(risk, 0.9), world.spontaneous / 7))
        replied |= sent & (rng.random(people) < 0.25 * np.minimum(keen, 3.0))
        wish = 0.05 / 7 * keen * (1 + world.gain * (1 - np.exp(-0.7 * load)))
        booked |= rng.random(people) < wish
        gone[out] = (day + 1) / 7
        consenting &= ~out
    return Week(texts, booked, replied, ~consenting, gone)


def after(course: Course, week: Week) -> Course:
    """Those who did not opt out, at the beginning of the next week."""
    past = course.weekly
    moved = {
        "texts_1": week.texts,
        "texts_2": past["texts_1"],
        "texts_3": past["texts_2"],
        "replied": week.replied,
        "replies": past["replies"] + past["replied"],
        "had_booked": week.booked,
        "bookings": past["bookings"] + past["had_booked"],
    }
    return replace(course, weekly=moved).of(~week.opted_out)


def followed(world: World, people: int, seed: int) -> pd.DataFrame:
    """Person-weeks with the columns of `PersonWeeks.rows`."""
    rng = np.random.default_rng(seed)
    course = begin(world, people, rng)
    for _ in range(BURN_IN):
        course = after(course, live(world, course, planned(world, course, rng), rng))
    patient = np.arange(len(course.keen))
    weeks = []
    for number in range(WEEKS):
        known = course.weekly
        week = live(world, course, planned(world, course, rng), rng)
        told = {
            "patient": patient,
            "week": number,
            "to_come": WEEKS - number,
            "since_consent": BURN_IN + number,
        }
        told |= {"texts": week.texts, "opted_out": week.opted_out.astype(int), "opted_out_after": week.gone}
        told |= {"booked": week.booked, "left": 0, "missed": 0, "misses": 0, "expected": 0, **known}
        weeks.append(pd.DataFrame(told))
        patient = patient[~week.opted_out]
        course = after(course, week)
    rows = pd.concat(weeks, ignore_index=True)
    return rows.assign(diagnosis_group="any", treatment_phase="any")


def truth(world: World, people: int = 80_000, seed: int = 7) -> tuple[Numbers, Numbers]:
    """The chances of opting out and of booking in the fourth week of a load, by load from 0 to `MOST`."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((3, MOST + 1))
    for course in _branches(world, people, rng):
        for load in range(MOST + 1):
            here = course.of(np.ones(len(course.keen), bool))
            for week in range(KEPT):
                happened = live(world, here, np.full(len(here.keen), load), rng)
                if week == KEPT - 1:
                    counts[:, load] += len(here.keen), happened.opted_out.sum(), happened.booked.sum()
                here = after(here, happened)
    return counts[1] / counts[0], counts[2] / counts[0]


def _branches(world: World, people: int, rng: np.random.Generator) -> Iterator[Course]:
    course = begin(world, people, rng)
    for number in range(BURN_IN + max(BRANCHES) + 1):
        if number - BURN_IN in BRANCHES:
            yield course
        course = after(course, live(world, course, planned(world, course, rng), rng))
