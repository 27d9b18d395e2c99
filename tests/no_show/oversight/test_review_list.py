"""Whom to call: by risk, within capacity, without those who are held out by lot."""

from dataclasses import dataclass

import numpy as np
import pytest

from workbench.no_show.oversight.holdout import held_out, refuse_unapproved
from workbench.no_show.oversight.reasons import reference_of
from workbench.no_show.oversight.review_list import REASONS, review_list
from workbench.refusal import Refused


@dataclass(frozen=True)
class ByLead:
    """A model that sees the lead alone."""

    def probability(self, rows):
        return 0.01 + 0.01 * rows["lead_days"].to_numpy(float)


def made(booked, settings):
    return review_list(booked, ByLead(), reference_of(booked), settings)


def test_the_highest_risks_within_capacity_are_on_it_in_order(rows, settings):
    booked = rows(200)
    found = made(booked, settings(calls_per_day=30, holdout_share=0.2)).rows
    assert len(found) == 30
    assert found["rank"].tolist() == list(range(1, 31))
    assert found["risk"].is_monotonic_decreasing
    out = held_out(booked["patient_id"], settings(holdout_share=0.2))
    left = booked[~np.array(out)]
    lowest = found["risk"].min()
    assert (ByLead().probability(left[~left["appointment_id"].isin(found["appointment_id"])]) <= lowest).all()
    assert (found["reason_1"].iloc[0], *found[REASONS[1:]].iloc[0]) == ("booked 59 days ahead", "", "")


def test_who_is_held_out_is_on_no_list_and_in_the_holdout_whatever_the_risk(rows, settings):
    booked = rows(400)
    found = made(booked, settings(calls_per_day=400, holdout_share=0.25))
    on, out = set(found.rows["patient_id"]), set(found.holdout["patient_id"])
    assert on.isdisjoint(out)
    assert on | out == set(booked["patient_id"])
    assert 0.15 < len(out) / 200 < 0.35
    # All appointments of a person, and risks as they were predicted.
    assert len(found.holdout) == booked["patient_id"].isin(out).sum()
    risk = dict(zip(booked["appointment_id"], ByLead().probability(booked), strict=True))
    assert (found.holdout["risk"] == found.holdout["appointment_id"].map(risk)).all()
    # A random part: as the others.
    assert abs(found.holdout["risk"].mean() - ByLead().probability(booked).mean()) < 0.08


def test_the_lot_is_the_same_on_every_day_and_another_by_another_seed(settings):
    people = [f"p{number}" for number in range(2000)]
    drawn = held_out(people, settings(holdout_share=0.1))
    assert held_out(people[::-1], settings(holdout_share=0.1))[::-1] == drawn
    assert 0.07 < np.mean(drawn) < 0.13
    wider = held_out(people, settings(holdout_share=0.2))
    assert all(more for one, more in zip(drawn, wider, strict=True) if one)
    assert held_out(people, settings(holdout_share=0.1, seed=8)) != drawn
    assert not any(held_out(people, settings(holdout_share=0.0)))


def test_ties_are_broken_by_lot_and_not_by_the_order_of_rows(rows, settings):
    booked = rows(100, lead_days=np.full(100, 7))
    chosen = settings(calls_per_day=10)
    first = made(booked, chosen).rows["appointment_id"].tolist()
    again = (
        made(booked.sample(frac=1, random_state=1, ignore_index=True), chosen).rows["appointment_id"].tolist()
    )
    assert first == again
    assert first != booked["appointment_id"].tolist()[:10]


def test_a_day_without_appointments_makes_an_empty_list(rows, settings):
    found = review_list(rows(100).head(0), ByLead(), {}, settings())
    assert (len(found.rows), len(found.holdout), found.booked) == (0, 0, 0)
    assert {"rank", *REASONS} <= set(found.rows)


def test_nobody_is_held_out_without_a_decision_of_those_who_answer_for_it(settings):
    with pytest.raises(Refused, match="ethics_reference"):
        refuse_unapproved(settings(holdout_share=0.05))
    refuse_unapproved(settings(holdout_share=0.05, ethics_reference="QI-2026-041"))
    refuse_unapproved(settings(holdout_share=0.0))
