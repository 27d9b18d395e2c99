"""The calibration alarm: how often it is false, how soon it is heard, and what a holdout is for.

`python benchmarks/calibration_alarm.py` writes calibration_alarm.md beside itself; it takes a few minutes on one core.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import machine
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from workbench.no_show.oversight.alarm import calibration_alarm

Real = NDArray[np.float64]

ALPHA, DAYS, EACH, RUNS = 0.05, 500, 15, 1_000
LONG, FEWER_RUNS = 1_500, 300
# Risks as a model gives them: log odds Normal(-1.4, 0.8), on average 22 %.
CENTER, SPREAD = -1.4, 0.8
# The clinic of the last table: appointments a day, those called, the part of their no-shows that a call prevents.
CLINIC, CALLED, KEPT, HELD_OUT = 300, 60, 0.25, 0.05


class Outcomes(NamedTuple):
    probability: Real
    outcome: Real
    day: NDArray[np.datetime64]


Draw = Callable[[np.random.Generator], Outcomes]


def days(each: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return np.datetime64("2026-01-01") + np.repeat(np.arange(len(each)), each).astype("timedelta64[D]")


def independent(shift: float = 0.0, slope: float = 1.0, number: int = DAYS, calm: int = 0) -> Draw:
    """Outcomes whose log odds are off by a shift, or turned about their center, after some calm days."""

    def draw(rng: np.random.Generator) -> Outcomes:
        day = days(np.full(number, EACH))
        log_odds = rng.normal(CENTER, SPREAD, day.size)
        off = np.arange(day.size) >= calm * EACH
        truth = np.where(off, CENTER + slope * (log_odds - CENTER) + shift, log_odds)
        return Outcomes(expit(log_odds), (rng.random(day.size) < expit(truth)).astype(float), day)

    return draw


def together(by_day: float = 0.0, by_patient: float = 0.0, patients: int = 400) -> Draw:
    """Calibrated outcomes that hang together within a day, or within a patient who returns, by a Gaussian copula."""

    def draw(rng: np.random.Generator) -> Outcomes:
        day = days(np.full(DAYS, EACH))
        log_odds = rng.normal(CENTER, SPREAD, day.size)
        shared = np.sqrt(by_day) * np.repeat(rng.normal(size=DAYS), EACH)
        shared += np.sqrt(by_patient) * rng.normal(size=patients)[rng.integers(patients, size=day.size)]
        own = np.sqrt(1 - by_day - by_patient) * rng.normal(size=day.size)
        missed = shared + own < norm.ppf(expit(log_odds))
        return Outcomes(expit(log_odds), missed.astype(float), day)

    return draw


def alarms(draw: Draw, runs: int, alpha: float = ALPHA) -> Iterator[int | None]:
    """For each run, after how many days the alarm was given."""
    rng = np.random.default_rng(20_261_128)
    for _ in range(runs):
        yield calibration_alarm(*draw(rng), alpha=alpha).after_days


def given(draw: Draw, runs: int = RUNS) -> str:
    found = [days is not None for days in alarms(draw, runs)]
    return f"{100 * np.mean(found):.1f} %"


def z_test_daily(draw: Draw, runs: int = RUNS) -> str:
    """How often a z-test of the mean residual at the level alpha, repeated after every day, rejects at least once."""
    rng, rejected = np.random.default_rng(20_261_128), 0
    for _ in range(runs):
        probability, outcome, day = draw(rng)
        ends = np.flatnonzero(np.append(day[1:] != day[:-1], True))
        residual = np.cumsum(outcome - probability)[ends]
        variance = np.cumsum(probability * (1 - probability))[ends]
        rejected += bool((np.abs(residual) > norm.ppf(1 - ALPHA / 2) * np.sqrt(variance)).any())
    return f"{100 * rejected / runs:.1f} %"


def false_alarms() -> Iterator[str]:
    cases = {
        "independent": independent(),
        "days hang together (totals vary 1.8 times more)": together(by_day=0.12),
        "400 patients return, and hang together": together(by_patient=0.1),
    }
    for name, draw in cases.items():
        yield f"| {name} | {given(draw)} | {z_test_daily(draw)} |"


def delays() -> Iterator[str]:
    for calm in (0, 250):
        for shift in (0.1, 0.2, 0.4, -0.1, -0.2, -0.4):
            draw = independent(shift=shift, number=LONG, calm=calm)
            yield f"| {shift:+.1f} | {calm} | {delay(draw, calm)} |"
    for slope in (0.5, 0.75):
        yield f"| slope {slope} | 0 | {delay(independent(slope=slope, number=LONG), 0)} |"


def delay(draw: Draw, calm: int) -> str:
    found = list(alarms(draw, FEWER_RUNS))
    late = np.array([days - calm for days in found if days is not None and days > calm])
    early = sum(days is not None and days <= calm for days in found)
    heard = len(late) / (len(found) - early)
    mean = f"{late.mean():.0f} | {late.mean() * EACH:,.0f}" if heard > 0.99 else "- | -"
    # Of those never heard the delay is longer than was looked: the median does not mind.
    every = np.sort(np.append(late, np.full(len(found) - early - len(late), np.inf)))
    median = every[len(every) // 2]
    return f"{100 * heard:.0f} % | {mean} | {'-' if np.isinf(median) else f'{median:.0f}'}"


def acted_on() -> Iterator[str]:
    """A calibrated model whose highest risks are called every day, and what is watched of it."""
    for name, watched in (
        ("all appointments, those called among them", "all"),
        ("all that were not called", "uncalled"),
        (f"a holdout of {100 * HELD_OUT:.0f} % of patients, drawn by lot", "holdout"),
    ):
        yield f"| {name} | {given(success(watched), FEWER_RUNS)} |"


def success(watched: str, off: float = 0.0) -> Draw:
    def draw(rng: np.random.Generator) -> Outcomes:
        number = DAYS // 2
        log_odds = rng.normal(CENTER, SPREAD, (number, CLINIC))
        held_out = rng.random((number, CLINIC)) < HELD_OUT
        order = np.argsort(np.where(held_out, -np.inf, log_odds), axis=1)
        called = np.zeros_like(held_out)
        np.put_along_axis(called, order[:, -CALLED:], True, axis=1)
        missed = (rng.random(log_odds.shape) < expit(log_odds + off)) & ~(
            called & (rng.random(log_odds.shape) < KEPT)
        )
        chosen = {"all": np.ones_like(called), "uncalled": ~called, "holdout": held_out}[watched]
        return Outcomes(
            expit(log_odds[chosen]), missed[chosen].astype(float), days(chosen.sum(axis=1).astype(np.int64))
        )

    return draw


def main() -> None:
    text = f"""# The calibration alarm: false alarms, and how soon it is heard

How the alarm works is told in `src/workbench/no_show/oversight/alarm.py`. It is looked at after every day; its
false-alarm rate is set to {100 * ALPHA:.0f} % over all looks. {EACH} outcomes a day, risks about 22 % on average.
{machine.told()}

## A model that is calibrated

Share of {RUNS:,} runs of {DAYS} days in which an alarm is given, and in which a z-test of the mean residual at
{100 * ALPHA:.0f} %, repeated every day, would have rejected at least once.

| outcomes | alarm | z-test every day |
|---|---|---|
{chr(10).join(false_alarms())}

## A model that is off

All log odds are off by so much from a day on ({FEWER_RUNS} runs of {LONG:,} days). The mean is told where at least
99 % of the drifts were heard. Risks that are too high are heard later: at risks this low, a day's bet against them
can win less.

| off by, log odds | calm days before | heard | days until, mean | outcomes until, mean | days until, median |
|---|---|---|---|---|---|
{chr(10).join(delays())}

## A model that is acted on

The model is calibrated for patients who are not called. Of {CLINIC} appointments a day the {CALLED} of highest risk are
called, and a call prevents {100 * KEPT:.0f} % of their no-shows: the model succeeds. Alarms in {FEWER_RUNS} runs of
{DAYS // 2} days, by what is watched:

| watched | alarm |
|---|---|
{chr(10).join(acted_on())}

And where all log odds are off by 0.4 as well, the holdout hears it in
{given(success("holdout", 0.4), FEWER_RUNS)} of the runs.

Who was not called is calibrated too where the model is right at each risk; but they are the low risks alone, and
whether the high ones are still right they cannot tell.
"""
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
