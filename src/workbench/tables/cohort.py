"""Who may be studied: the cohort a kind of study declares, and the flow of rows that leads to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import ibis
import ibis.expr.types as ir

from workbench.parameters.base import Unrecorded
from workbench.refusal import Fault
from workbench.tables.source import Source

# A person is adult for certain once the calendar year of as_of minus the birth year is 19.
ADULT_FROM = 19

Minors = Literal["exclude", "include", "only"]
Purpose = Literal["care", "marketing", "survey"]


@dataclass(frozen=True)
class NeededConsent:
    """Consent to texts that people must have given, and the moment at which it counts, once and for all.

    `at` names the column of the rows that holds the moment, `moment` says it in words ("assignment").
    """

    purpose: Purpose
    at: str
    moment: str


@dataclass(frozen=True)
class Cohort:
    """Who may be studied, as a kind of study declares it from its parameters.

    Attributes:
        minors: whether minors are left out, studied along, or studied alone.
        consent: the consent that is needed; None where everybody with the rows needed is studied.
        goes_on_without: why the study goes on where its source does not record consent, age, time or hour.
        told_as: how the flow speaks of people, around "adults" or "minors": "who are {}".
    """

    minors: Minors = "exclude"
    consent: NeededConsent | None = None
    goes_on_without: Mapping[Unrecorded, str] = field(default_factory=dict)
    told_as: str = "{}"


# For looking around: no study of its own is made of it.
EVERYBODY = Cohort(minors="include")


@dataclass(frozen=True)
class Step:
    """One step of the flow and how many rows (people, or appointments) are left after it."""

    label: str
    left: int


@dataclass(frozen=True)
class Studied:
    """The rows of those who may be studied, and the flow that leads to them."""

    rows: ir.Table
    flow: tuple[Step, ...]


def emptied_by(flow: Sequence[Step]) -> str | None:
    """The label of the first step after which nothing is left; None where something is left to the end."""
    return next((step.label for step in flow if step.left == 0), None)


def reason_faults(given: Mapping[Unrecorded, str], source: Source, where: str) -> tuple[Fault, ...]:
    """What is wrong with why a study goes on: no reason for something not recorded, or one without need.

    Args:
        given: `goes_on_without` of a parameter set.
        source: what the study reads.
        where: what the faults name as their place.
    """
    missing = source.not_recorded.named()
    unexplained = (
        Fault(
            where,
            f"the source does not record {name}.",
            f"Say under goes_on_without.{name} why the study goes on.",
        )
        for name in missing
        if name not in given
    )
    needless = (
        Fault(where, f"it names {name}, which the source records.", f"Remove goes_on_without.{name}.")
        for name in given
        if name not in missing
    )
    return (*unexplained, *needless)


def with_age(rows: ir.Table, patients: ir.Table, year: int, minors: Minors) -> ir.Table:
    """Adds of_age: whether the person's age in a calendar year is one that the cohort takes.

    Who has no birth year is not known to be adult, and not known to be a minor.
    """
    if minors == "include":
        return rows.mutate(of_age=ibis.literal(True))
    adult = patients.select("patient_id", adult=year - patients["birth_year"] >= ADULT_FROM)
    joined = rows.left_join(adult, "patient_id")
    of_age = joined["adult"] if minors == "exclude" else ~joined["adult"]
    return joined.select(*rows.columns, of_age=of_age.fill_null(False))


def flow_of(rows: ir.Table, steps: Mapping[str, ir.BooleanValue]) -> tuple[Step, ...]:
    """How many rows are left after each step, each among those left by the steps before it; in one query.

    Args:
        rows: the candidates.
        steps: for each label, which rows pass.
    """
    kept: ir.BooleanValue = ibis.literal(True)
    sums = {}
    for place, passes in enumerate(steps.values()):
        kept = kept & passes
        sums[f"n{place}"] = kept.cast("int64").sum().fill_null(0)
    counts = rows.agg(**sums).execute().iloc[0]
    return tuple(Step(label, int(counts[f"n{place}"])) for place, label in enumerate(steps))
