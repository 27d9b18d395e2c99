"""A small world of nothing but texts and opt-outs, of which all is known: who is frail, and what a text does.

Beside the simulated provider it is there for one question: whether a risk per text is found where people differ, where
texting is aimed at some of them, or where the risk moves with time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from workbench.simulate.randomness import Index, Real

START = datetime(2026, 1, 5, tzinfo=UTC)
BLOCK_DAYS = 28
RATES = (0.7, 1.4, 2.5, 4.0, 6.0)
KINDS = ("education", "re_engagement", "survey")


@dataclass(frozen=True)
class TextingWorld:
    """What a made world is like.

    Attributes:
        people: how many agree to texts, within the first eight weeks.
        weeks: how long all of it lasts.
        risk: mean chance of opting out after a single text in seven days, of those who begin.
        frailty: how people differ in it, all by the factor 1 on average.
        variance: of that factor.
        schedule: "drawn": texts a week change every four weeks, by chance alone; "early": five a week at first, one
            from the fifth week on; "tolerant": those who hardly mind are sent most.
        power: the risk goes with the load in seven days, raised to this power; 0 where load does nothing.
        half_life: weeks since the consent in which the risk halves; None where time does nothing.
    """

    people: int = 3_000
    weeks: int = 30
    risk: float = 0.012
    frailty: Literal["none", "gamma", "lognormal"] = "none"
    variance: float = 1.5
    schedule: Literal["drawn", "early", "tolerant"] = "drawn"
    power: float = 0.0
    half_life: float | None = None

    @property
    def as_of(self) -> datetime:
        """The moment at which everything is over."""
        return START + timedelta(weeks=self.weeks, days=4)


def simulate_texting(world: TextingWorld, seed: int) -> dict[str, pd.DataFrame]:
    """The canonical tables patients, patient_states, consents and messages of a made world."""
    rng = np.random.default_rng(seed)
    frailty = _frailty(world, rng)
    agreed = rng.integers(0, 56, world.people)
    days = 7 * world.weeks
    sent = np.zeros((world.people, days), bool)
    gone_at = np.full(world.people, days)
    rate = np.zeros(world.people)
    for day in range(days):
        if day % BLOCK_DAYS == 0:
            drawn = rng.choice(RATES, world.people)
        rate = _rate(world, drawn, frailty, day - agreed)
        sent[:, day] = (day > agreed) & (day < gone_at) & (rng.random(world.people) < rate / 7)
        load = sent[:, max(0, day - 6) : day + 1].sum(axis=1)
        faded = 1.0 if world.half_life is None else 0.5 ** ((day - agreed) / 7 / world.half_life)
        hazard = world.risk * frailty * np.maximum(load, 1) ** world.power * faded
        left = sent[:, day] & (rng.random(world.people) < -np.expm1(-hazard))
        gone_at[left] = day
    return _tables(world, agreed, sent, gone_at, rng)


def _frailty(world: TextingWorld, rng: np.random.Generator) -> Real:
    if world.frailty == "none":
        return np.ones(world.people)
    if world.frailty == "gamma":
        return rng.gamma(1 / world.variance, world.variance, world.people)
    spread = np.sqrt(np.log1p(world.variance))
    return np.exp(spread * rng.standard_normal(world.people) - spread**2 / 2)


def _rate(world: TextingWorld, drawn: Real, frailty: Real, since: Index) -> Real:
    """Texts a week, so many days since the consent."""
    if world.schedule == "early":
        return np.where(since <= 28, 5.0, 1.0)
    if world.schedule == "tolerant":
        return np.clip(drawn * np.where(frailty < np.median(frailty), 1.5, 0.5), 0, 7)
    return drawn


def _tables(
    world: TextingWorld, agreed: Index, sent: np.ndarray, gone_at: Index, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    names = np.array([f"p{place:06d}" for place in range(world.people)])
    start = pd.Timestamp(START)
    who, day = np.nonzero(sent)
    sent_at = start + pd.to_timedelta(day, unit="D") + pd.Timedelta(hours=16)
    agreed_at = start + pd.to_timedelta(agreed, unit="D")
    left = gone_at < 7 * world.weeks
    left_at = start + pd.to_timedelta(gone_at[left], unit="D") + pd.Timedelta(hours=18)
    consent = {"channel": "sms", "purpose": "care"}
    told = pd.concat(
        [
            pd.DataFrame(
                {
                    "patient_id": names,
                    "scope": "this_kind",
                    "status": "opt_in",
                    "source": "web",
                    "changed_at": agreed_at,
                }
            ),
            pd.DataFrame(
                {
                    "patient_id": names[left],
                    "scope": "all",
                    "status": "opt_out",
                    "source": "keyword",
                    "changed_at": left_at,
                }
            ),
        ],
        ignore_index=True,
    ).assign(**consent)
    patients = pd.DataFrame(
        {"patient_id": names, "birth_year": 1980, "time_zone": "America/New_York", "enrolled_at": start}
    ).assign(ended_at=pd.NaT, deceased_at=pd.NaT)
    states = pd.DataFrame(
        {"patient_id": names, "treatment_phase": "active", "valid_from": start, "known_at": start}
    )
    messages = pd.DataFrame(
        {
            "message_id": [f"m{place:08d}" for place in range(who.size)],
            "patient_id": names[who],
            "kind": rng.choice(KINDS, who.size),
            "sent_at": sent_at,
            "status": "delivered",
            "known_at": sent_at,
        }
    )
    frames = {"patients": patients, "patient_states": states, "consents": told, "messages": messages}
    return {name: _with_zoned_times(rows) for name, rows in frames.items()}


def _with_zoned_times(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column of moments in the type of the canonical tables."""
    times = [name for name in rows.columns if name.endswith("_at") or name == "valid_from"]
    return rows.assign(
        **{name: pd.to_datetime(rows[name], utc=True).astype("datetime64[us, UTC]") for name in times}
    )
