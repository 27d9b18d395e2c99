"""Simulation-based calibration of the cure model of late outcomes, under its shipped priors.

`python benchmarks/cure_calibration.py` writes cure_calibration.md beside itself; it takes about half an hour on one
core.
"""

from pathlib import Path

import machine
import numpy as np
import pymc as pm
from scipy import stats

from workbench.experiments.late.cure import CompiledCure, Family, compile_cure, cure_model, sample_cure
from workbench.experiments.late.delays import Delays

SIMULATIONS, RANKS, DRAWS = 400, 199, 500
WINDOW, PEOPLE = 14, 500
NAMES = ("base", "apart", "log_median", "log_shape", "rate")
LEVEL = 0.95


def from_prior(family: Family, random: np.random.Generator) -> list[dict[str, np.ndarray]]:
    """Parameters drawn from the model's own prior: without counts its potential says nothing."""
    empty = np.zeros((2, WINDOW), dtype=np.int64), np.zeros((2, WINDOW + 1), dtype=np.int64)
    model = cure_model(family, *empty)
    seed = int(random.integers(2**31))
    drawn = pm.draw([model[name] for name in NAMES], draws=SIMULATIONS, random_seed=seed)
    return [dict(zip(NAMES, values, strict=True)) for values in zip(*drawn, strict=True)]


def days_of(family: Family, at: dict[str, np.ndarray], arm: int) -> np.ndarray:
    """Probability of the event on each day, by scipy and not by the model, shape (W,)."""
    median, shape = np.exp(at["log_median"][..., arm]), np.exp(at["log_shape"][..., arm])
    ends = np.arange(WINDOW + 1)
    if family == "weibull":
        within = stats.weibull_min(shape[..., None], scale=(median / np.log(2) ** (1 / shape))[..., None]).cdf(
            ends
        )
    else:
        within = stats.lognorm(shape[..., None], scale=median[..., None]).cdf(ends)
    eta = at["base"] + (at["apart"][..., 0] if arm else 0.0)
    return (1 / (1 + np.exp(-eta)))[..., None] * np.diff(within)


def simulated(family: Family, at: dict[str, np.ndarray], random: np.random.Generator) -> list[Delays]:
    """Two arms, enrolled evenly, half of the windows closed."""
    arms = []
    for arm, name in enumerate("ab"):
        days = days_of(family, at, arm)
        followed = np.minimum(random.random(PEOPLE) * 2 * WINDOW, WINDOW).astype(int)
        delay = random.choice(WINDOW + 1, PEOPLE, p=[*days, 1 - days.sum()])
        seen = delay < followed
        arms.append(Delays.from_counts(name, WINDOW, followed, np.where(seen, delay, np.nan), np.ones(PEOPLE)))
    return arms


def log_likelihood(family: Family, at: dict[str, np.ndarray], arms: list[Delays]) -> np.ndarray:
    total = np.zeros(at["base"].shape)
    for place, arm in enumerate(arms):
        days = np.maximum(days_of(family, at, place), 1e-300)
        none = 1 - np.concatenate([np.zeros((*days.shape[:-1], 1)), np.cumsum(days, axis=-1)], axis=-1)
        total = total + np.log(days) @ arm.events + np.log(np.maximum(none, 1e-300)) @ arm.waiting
    return total


def ranks(
    family: Family, ready: CompiledCure, random: np.random.Generator
) -> tuple[dict[str, np.ndarray], int]:
    """Of each quantity the rank of the true value among thinned draws, by simulation; and the fits that diverged."""
    found: dict[str, list[int]] = {}
    diverged = 0
    for number, true in enumerate(from_prior(family, random)):
        arms = simulated(family, true, random)
        trace = sample_cure(ready, arms, seed=number, draws=DRAWS)
        diverged += bool(trace["sample_stats"]["diverging"].sum())
        posterior = trace["posterior"]
        every = np.linspace(0, 4 * DRAWS - 1, RANKS).astype(int)
        drawn = {name: posterior[name].values.reshape(4 * DRAWS, *true[name].shape)[every] for name in NAMES}
        pairs = {"log likelihood": (log_likelihood(family, drawn, arms), log_likelihood(family, true, arms))}
        for name in NAMES:
            for place in np.ndindex(true[name].shape):
                label = name + "".join(f" {'ab'[at] if name != 'apart' else 'b'}" for at in place)
                pairs[label] = (drawn[name][(slice(None), *place)], true[name][place])
        for label, (draws, value) in pairs.items():
            found.setdefault(label, []).append(int((draws < value).sum()))
        if number % 50 == 49:
            print(family, number + 1, flush=True)
    return {label: np.array(values) for label, values in found.items()}, diverged


def farthest(found: np.ndarray) -> np.ndarray:
    """The least pointwise p-value of the ranks' ECDF over all ranks; shape (…,) for ranks of shape (…, simulations)."""
    at = np.arange(RANKS)
    below = (found[..., None, :] <= at[:, None]).sum(axis=-1)
    share = (at + 1) / (RANKS + 1)
    lower = stats.binom.cdf(below, SIMULATIONS, share)
    upper = stats.binom.sf(below - 1, SIMULATIONS, share)
    return np.minimum(lower, upper).min(axis=-1)


def main() -> None:
    """Simulate, fit, rank, write."""
    random = np.random.default_rng(20261128)
    # Simultaneous bands by simulation of even ranks (Säilynoja, Bürkner and Vehtari 2022).
    even = np.concatenate([farthest(random.integers(0, RANKS + 1, (100, SIMULATIONS))) for _ in range(20)])
    limit = float(np.quantile(even, 1 - LEVEL))
    lines = [
        "# Calibration of the cure model",
        "",
        f"{SIMULATIONS} draws of all parameters from the shipped prior, each with {PEOPLE} people per arm, a window of "
        f"{WINDOW} days and half of the windows closed; the rank of the truth among {RANKS} thinned draws of the "
        f"posterior. *Inside* says whether the ECDF of the ranks stays within {LEVEL:.0%} simultaneous bands "
        "(Säilynoja, Bürkner and Vehtari 2022), *as far or farther* what share of even ranks stray as far. Counts and "
        f"log likelihood are made by scipy, not by the model. {machine.told()}",
        "",
    ]
    for family in ("weibull", "lognormal"):
        found, diverged = ranks(family, compile_cure(family, 2, WINDOW), random)
        lines += [
            f"## {family.capitalize()}",
            "",
            f"Fits with a divergent draw: {diverged} of {SIMULATIONS}.",
            "",
            "| quantity | mean rank (even: .5) | as far or farther | inside |",
            "|---|---|---|---|",
        ]
        for label, values in found.items():
            stray = float(farthest(values))
            lines.append(
                f"| {label} | {values.mean() / RANKS:.2f} | {(even <= stray).mean():.2f} | "
                f"{'yes' if stray >= limit else 'no'} |"
            )
        lines.append("")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
