"""What becomes of each group: outcomes counted in a period that no group was made of, with intervals.

Features end where the held-out period begins, so that outcomes tell of groups that could not have been made of them,
and intervals mean what they say. Consent is no feature either, and is told as of the day the groups were made.

Two things are told of each: the outcome of the people put into the group, who are those that one plans for; and that of
the people who are of the group, corrected for those who were put into the wrong one: by BCH weights where their
assumption holds, else beside the features.
"""

from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.interface import GroupModel
from workbench.segments.parameters import Segmentation
from workbench.segments.use.bch import (
    Corrected,
    Labels,
    Matrix,
    Vector,
    corrected_ratios,
    dependence_beyond_groups,
)
from workbench.segments.use.direct_effects import ratios_beside_features
from workbench.tables.known import KnownTables

LEVEL = 0.95
# Below this chance an outcome is taken to go along with the features within groups.
DOUBTED = 0.01

Withheld = Literal["uncertain", "out_of_range", "nobody"]
Correction = Literal["none", "bch", "beside_features"]


@dataclass(frozen=True)
class Outcome:
    """An outcome: `events` counted of `trials` (columns of `People.rows`), as a share of them or a rate.

    `counted` says what the trials are. `held_out` says whether it is counted in the held-out period.
    """

    name: str
    title: str
    meaning: str
    events: str
    trials: str
    kind: Literal["share", "rate"]
    counted: Literal["people", "appointments"]
    held_out: bool = True


OUTCOMES = (
    Outcome("came", "Came", "people who attended an appointment", "later_came", "person", "share", "people"),
    Outcome(
        "missed_later",
        "Missed",
        "appointments missed, of those not called off",
        "later_missed",
        "later_kept",
        "share",
        "appointments",
    ),
    Outcome(
        "booked", "Booked", "people who booked an appointment", "later_booked", "person", "share", "people"
    ),
    Outcome(
        "opted_out",
        "Opted out of texts",
        "people who withdrew consent to texts, of those who had given it",
        "later_opted_out",
        "agreed",
        "share",
        "people",
    ),
    Outcome(
        "replied",
        "Replied",
        "people who answered a text in any way, of those who received one",
        "later_replied",
        "later_texted",
        "share",
        "people",
    ),
    Outcome(
        "agree",
        "Agree to texts",
        "people with consent to texts when the groups were made",
        "agreed",
        "person",
        "share",
        "people",
        held_out=False,
    ),
)


@dataclass(frozen=True)
class Estimate:
    """A share or rate with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupOutcome:
    """An outcome of one group: of the people `put` into it, and `corrected` for uncertain membership.

    `people`, `trials` and `events` are counts of those put into it: people with any trial, trials, events. `withheld`
    says why there is no corrected number, None where there is one. `put` is None where nobody or everybody had the
    outcome, from which no error can be told.
    """

    put: Estimate | None
    corrected: Estimate | None
    withheld: Withheld | None
    people: int
    trials: int
    events: int


@dataclass(frozen=True)
class OutcomeByGroup:
    """An outcome of every group, in their order.

    `equal` is the p-value of alike outcomes of the people put into each group (Wald test); None where it cannot be
    told. `correction` says how they were corrected: not at all where everybody's group is certain.
    """

    outcome: Outcome
    groups: tuple[GroupOutcome, ...]
    equal: float | None
    correction: Correction


def needed_for_outcomes(settings: Segmentation) -> dict[str, tuple[str, ...]]:
    """Tables and columns read besides those of the people."""
    return {"replies": ("patient_id", "received_at", "intent")} if settings.hold_out_days else {}


def with_outcomes(people: ir.Table, known: KnownTables, settings: Segmentation) -> ir.Table:
    """Adds what happened in the held-out period, 0 or 1 but for counts of appointments; nothing without such a period.

    later_came, later_kept, later_missed, later_booked, later_opted_out, later_texted, later_replied.

    Args:
        people: with patient_id, as known when the period began.
        known: as of the end of the period.
        settings: the parameters.
    """
    if not settings.hold_out_days:
        return people
    for counts in (
        _attendance(known, settings),
        _people_with(known, settings, "appointments", "booked_at", "later_booked"),
        _opt_outs(known, settings),
        _people_texted(known, settings),
        _people_with(known, settings, "replies", "received_at", "later_replied"),
    ):
        new = [name for name in counts.columns if name != "patient_id"]
        joined = people.left_join(counts, "patient_id").drop("patient_id_right")
        people = joined.mutate(**{name: joined[name].fill_null(0) for name in new})
    return people


def outcomes_by_group(
    rows: pd.DataFrame, frame: FeatureFrame, model: GroupModel, labels: Labels, settings: Segmentation
) -> tuple[OutcomeByGroup, ...]:
    """Every outcome by group.

    Args:
        rows: `People.rows`.
        frame: the features of the same people, in this order.
        model: what puts people into groups.
        labels: (n,) everybody's group by it, 0 the largest; groups that nobody is put into come last, and are not told.
        settings: the parameters.
    """
    counted = rows.assign(person=1, agreed=rows["consented"].astype(int))
    probabilities = model.probabilities(frame)[:, : int(labels.max()) + 1]
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    features = _as_numbers(frame)
    return tuple(
        outcome_by_group(each, counted, features, probabilities, labels)
        for each in OUTCOMES
        if _is_told(each, settings)
    )


def _as_numbers(frame: FeatureFrame) -> Matrix:
    """(n, …) what makes the groups: measures, the average where missing, and a column for each word but one."""
    words = [
        (frame.categories[:, [at]] == np.arange(1, frame.categories[:, at].max(initial=0) + 1)).astype(float)
        for at in range(frame.categories.shape[1])
    ]
    return np.hstack([np.nan_to_num(frame.scaled), *words])


def _is_told(outcome: Outcome, settings: Segmentation) -> bool:
    """Whether there is a period to count it in, and the source records what it is made of."""
    recorded = "consent" not in settings.goes_on_without or "agreed" not in (outcome.events, outcome.trials)
    return recorded and (settings.hold_out_days > 0 or not outcome.held_out)


def outcome_by_group(
    outcome: Outcome, rows: pd.DataFrame, features: Matrix, probabilities: Matrix, labels: Labels
) -> OutcomeByGroup:
    """One outcome by group; `rows` has its events and trials as numbers, `features` (n, features) are finite."""
    events, trials = (rows[name].to_numpy(dtype=float) for name in (outcome.events, outcome.trials))
    some = trials > 0
    events = np.where(some, events, 0.0)
    put = np.zeros_like(probabilities)
    put[np.arange(len(labels)), labels] = 1
    plain = corrected_ratios(put, labels, events, trials)
    correction = _correction(put, events[some] / trials[some], some, features, probabilities, labels)
    corrected = (
        ratios_beside_features(probabilities, labels, events, trials, features)
        if correction == "beside_features"
        else corrected_ratios(probabilities, labels, events, trials)
    )
    groups = []
    for group in range(probabilities.shape[1]):
        theirs = labels == group
        withheld = _withheld(outcome, corrected, group, float(trials[theirs].sum()))
        groups.append(
            GroupOutcome(
                put=_estimate(outcome, plain, group) if _in_range(outcome, plain.values[group]) else None,
                corrected=None if withheld else _estimate(outcome, corrected, group),
                withheld=withheld,
                people=int((some & theirs).sum()),
                trials=int(trials[theirs].sum()),
                events=int(events[theirs].sum()),
            )
        )
    return OutcomeByGroup(outcome, tuple(groups), _chance_if_equal(plain), correction)


def _correction(
    put: Matrix,
    shares: Vector,
    some: NDArray[np.bool_],
    features: Matrix,
    probabilities: Matrix,
    labels: Labels,
) -> Correction:
    """Which correction the outcome of those with trials takes."""
    if np.abs(probabilities - put).max() < 1e-9:
        return "none"
    chance = dependence_beyond_groups(probabilities[some], labels[some], shares, features[some])
    return "beside_features" if chance is not None and chance < DOUBTED else "bch"


def _withheld(outcome: Outcome, found: Corrected, group: int, trials: float) -> Withheld | None:
    if not trials > 0:
        return "nobody"
    if not found.is_reliable()[group]:
        return "uncertain"
    return None if _in_range(outcome, found.values[group]) else "out_of_range"


def _in_range(outcome: Outcome, value: float) -> bool:
    return bool(0 < value < 1 if outcome.kind == "share" else value > 0)


def _estimate(outcome: Outcome, found: Corrected, group: int) -> Estimate:
    """Its interval is symmetric on the scale of log odds for shares, of logarithms for rates: it stays in range."""
    value = float(found.values[group])
    half = float(norm.ppf((1 + LEVEL) / 2) * found.errors[group])
    if outcome.kind == "rate":
        return Estimate(value, value * float(np.exp(-half / value)), value * float(np.exp(half / value)))
    center, half = float(np.log(value / (1 - value))), half / (value * (1 - value))
    low, high = (float(1 / (1 + np.exp(-(center + side * half)))) for side in (-1, 1))
    return Estimate(value, low, high)


def _chance_if_equal(found: Corrected) -> float | None:
    """P-value of the Wald test that all groups have one value; None where their differences have no variance."""
    groups = len(found.values)
    contrasts = np.eye(groups)[1:] - np.eye(groups)[0]
    differences = contrasts @ found.values
    covariance = contrasts @ (found.influence.T @ found.influence) @ contrasts.T
    if groups < 2 or not np.linalg.cond(np.nan_to_num(covariance)) < 1e12:
        return None
    return float(chi2.sf(differences @ np.linalg.solve(covariance, differences), groups - 1))


def _in_period(moment: ir.TimestampValue, known: KnownTables, settings: Segmentation) -> ir.BooleanValue:
    begins = known.earlier(settings.grouped_as_of).moment
    return ((moment >= ibis.literal(begins)) & (moment < ibis.literal(known.moment))).fill_null(False)


def _attendance(known: KnownTables, settings: Segmentation) -> ir.Table:
    rows = known.table("appointments")
    rows = rows.filter(_in_period(rows["starts_at"], known, settings))
    kept = rows["status"].isin(["attended", "no_show"])
    return rows.group_by("patient_id").agg(
        later_came=(rows["status"] == "attended").cast("int64").max(),
        later_kept=kept.cast("int64").sum(),
        later_missed=(rows["status"] == "no_show").cast("int64").sum(),
    )


def _people_with(known: KnownTables, settings: Segmentation, table: str, moment: str, name: str) -> ir.Table:
    """Who has a row of the table in the period."""
    rows = known.table(table)
    rows = rows.filter(_in_period(rows[moment], known, settings))
    return rows.select("patient_id").distinct().mutate(**{name: ibis.literal(1, "int64")})


def _opt_outs(known: KnownTables, settings: Segmentation) -> ir.Table:
    if not known.has("consents", "changed_at"):
        nobody = known.table("patients").select("patient_id").filter(ibis.literal(False))
        return nobody.mutate(later_opted_out=ibis.literal(0, "int64"))
    changes = known.consent_changes(settings.consent_purpose)
    changes = changes.filter(_in_period(changes["changed_at"], known, settings), changes["status"] == "opt_out")
    return changes.select("patient_id").distinct().mutate(later_opted_out=ibis.literal(1, "int64"))


def _people_texted(known: KnownTables, settings: Segmentation) -> ir.Table:
    rows = known.table("messages")
    rows = rows.filter(_in_period(rows["sent_at"], known, settings), rows["status"].isin(["delivered", "sent"]))
    return rows.select("patient_id").distinct().mutate(later_texted=ibis.literal(1, "int64"))
