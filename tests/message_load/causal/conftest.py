"""A small world in weeks: who replied is sent more, books more and opts out less; with what is true of it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

WEEKS, MOST = 14, 4
COUNTED = ("texts_1", "texts_2", "texts_3", "replied", "replies", "had_booked", "bookings")


def _start(people: int) -> dict[str, np.ndarray]:
    return {name: np.zeros(people, np.int64) for name in COUNTED}


def _opting_out(past: dict[str, np.ndarray], texts: np.ndarray) -> np.ndarray:
    return 0.01 + 0.02 * texts * np.where(past["replied"] == 1, 0.4, 1.2)


def _booking(past: dict[str, np.ndarray], texts: np.ndarray) -> np.ndarray:
    return (0.06 + 0.02 * texts) * np.where(past["replied"] == 1, 1.6, 0.8)


def _after(past, texts, replied, booked, stays) -> dict[str, np.ndarray]:
    moved = {
        "texts_1": texts,
        "texts_2": past["texts_1"],
        "texts_3": past["texts_2"],
        "replied": replied,
        "replies": past["replies"] + past["replied"],
        "had_booked": booked,
        "bookings": past["bookings"] + past["had_booked"],
    }
    return {name: values[stays] for name, values in moved.items()}


def _week(past, texts, rng):
    out = rng.random(len(texts)) < _opting_out(past, texts)
    booked = (rng.random(len(texts)) < _booking(past, texts)).astype(np.int64)
    replied = (rng.random(len(texts)) < 0.15 + 0.4 * past["replied"]).astype(np.int64)
    return out, booked, replied


def _rows(seed: int, people: int, targeted: float, unseen: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    past, patient = _start(people), np.arange(people)
    weeks = []
    for week in range(WEEKS):
        sent = np.exp(targeted * (2 * past["replied"] - 0.6))
        texts = np.minimum(rng.poisson(1.3 * sent), MOST)
        out, booked, replied = _week(past, texts, rng)
        told = {
            "patient": patient,
            "week": week,
            "to_come": WEEKS - week,
            "since_consent": week,
            "texts": texts,
        }
        told |= {"opted_out": out.astype(int), "opted_out_after": 1.0, "booked": booked, "left": 0, **past}
        weeks.append(pd.DataFrame(told))
        past, patient = _after(past, texts, replied, booked, ~out), patient[~out]
    rows = pd.concat(weeks, ignore_index=True)
    if unseen:
        rows["replied"] = rows["replies"] = 0
    constant = {"missed": 0, "misses": 0, "expected": 0, "diagnosis_group": "any", "treatment_phase": "any"}
    return rows.assign(**constant)


@pytest.fixture(scope="session")
def made_rows() -> Callable[..., pd.DataFrame]:
    """Person-weeks with the columns of `PersonWeeks.rows`: `made_rows(seed, people, targeted=.35, unseen=False)`."""
    return lambda seed=1, people=1_500, targeted=0.35, unseen=False: _rows(seed, people, targeted, unseen)


@pytest.fixture(scope="session")
def true_chances() -> np.ndarray:
    """Chances in the fourth week under a load, (outcomes, loads), of people as they are in the long run."""
    rng = np.random.default_rng(3)
    found = []
    for load in range(MOST + 1):
        past = _start(60_000)
        past["replied"] = (rng.random(60_000) < 0.15 / 0.6).astype(np.int64)
        for _ in range(3):
            texts = np.full(len(past["replied"]), load)
            out, booked, replied = _week(past, texts, rng)
            past = _after(past, texts, replied, booked, ~out)
        texts = np.full(len(past["replied"]), load)
        found.append((_opting_out(past, texts).mean(), _booking(past, texts).mean()))
    return np.array(found).T
