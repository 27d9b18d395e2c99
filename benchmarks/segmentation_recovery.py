"""How well a segmentation finds planted groups, and how often it claims kinds of people where there is a continuum.

Run: python benchmarks/segmentation_recovery.py (half an hour on two cores); writes segmentation_recovery.md beside
it.
"""

import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from machine import told
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import beta, norm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score

from workbench.segments.existence.chance import chance_of_fits
from workbench.segments.features import (
    FEATURES,
    FeatureFrame,
    Measured,
    feature_frame,
    measured_share,
    shrunk_share,
)
from workbench.segments.grouping import _fits_on_continua, find_groups
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.parameters import Segmentation
from workbench.segments.people import declared_cohort, people_in_care
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

Matrix = NDArray[np.float64]

PEOPLE = 600
SEPARATIONS = (0.0, 0.5, 1.0, 1.5)
PATIENTS = 10_000
PLANTED_SEEDS = 10
METHODS = ("mixture", "k_means", "latent_class", "density")
# Separation in standard deviations, people, and measures that have nothing to do with the groups.
PLANTED = (
    (2.0, 600, 0),
    (3.0, 600, 0),
    (4.0, 600, 0),
    (6.0, 600, 0),
    (3.0, 150, 0),
    (3.0, 2_500, 0),
    (3.0, 600, 4),
)


def settings_of(seed: int, method: str, **given: object) -> Segmentation:
    values = {
        "title": "Benchmark",
        "audience": ("analysts",),
        "owner": "Benchmark",
        "as_of": date(2026, 11, 16),
        "source": "sample",
        "seed": seed,
        "question": "Are there groups?",
        "who_must_act": "Nobody has to act.",
        "method": method,
        "groups_to": 4,
        "resamples": 8,
        "continuum_draws": 19,
    }
    return Segmentation(**{**values, **given})


def frame_of(
    people: Matrix, measured: tuple[Measured | None, ...] = (), codes: Matrix | None = None
) -> FeatureFrame:
    """A frame of measures, standardized; what features and words are called does not matter here."""
    names = [f"m{at}" for at in range(people.shape[1])]
    return FeatureFrame(
        patient_ids=np.arange(len(people)).astype(str).astype(object),
        features=(FEATURES * 2)[: people.shape[1]],
        values=pd.DataFrame(people, columns=names),
        scaled=(people - people.mean(axis=0)) / people.std(axis=0),
        measured=measured or (None,) * people.shape[1],
        unreliable=(),
        categories=np.zeros((len(people), 0), dtype=np.int64) if codes is None else codes.astype(np.int64),
        words=() if codes is None else tuple(tuple("abcdefgh"[: int(each.max()) + 1]) for each in codes.T),
    )


def correlated(rng: np.random.Generator) -> Matrix:
    return rng.multivariate_normal(np.zeros(4), np.full((4, 4), 0.6) + 0.4 * np.eye(4), PEOPLE)


def gaussian(rng: np.random.Generator) -> FeatureFrame:
    return frame_of(correlated(rng))


def skewed(rng: np.random.Generator) -> FeatureFrame:
    return frame_of(np.exp(0.6 * correlated(rng)))


def engagement(rng: np.random.Generator) -> FeatureFrame:
    rate = rng.gamma(1.2, 2.0, PEOPLE)
    counts = rng.poisson(rate[:, None] * [1.0, 0.6, 1.5] * rng.gamma(2.0, 0.5, (PEOPLE, 3)))
    return frame_of(np.log(counts + 0.25))


def few_events(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(rng, 0.9 * correlated(rng), few_trials(rng))


def few_trials(rng: np.random.Generator) -> Matrix:
    return rng.integers(4, 25, (PEOPLE, 4)).astype(float)


def shares_frame(
    rng: np.random.Generator, log_odds: Matrix, trials: Matrix, centers: Matrix | float = -1.2
) -> FeatureFrame:
    """Shares counted of these log odds around the centers, from as many events as told."""
    events = rng.binomial(trials.astype(int), expit(log_odds + centers)).astype(float)
    columns = range(trials.shape[1])
    how = tuple(measured_share(events[:, at], trials[:, at]) for at in columns)
    return frame_of(logit(np.column_stack([shrunk_share(events[:, at], how[at]) for at in columns])), how)


def categories(rng: np.random.Generator) -> FeatureFrame:
    trait = rng.standard_normal(PEOPLE)
    codes = np.column_stack([np.digitize(trait + 0.9 * rng.standard_normal(PEOPLE), cuts) for cuts in CUTS])
    return frame_of(np.zeros((PEOPLE, 0)), codes=codes)


CUTS = ([-0.5, 0.8], [0.0], [-1.0, 0.3], [0.7], [-0.2, 1.0])
NULLS: dict[str, Callable[[np.random.Generator], FeatureFrame]] = {
    "correlated: one Gaussian, correlations 0.6": gaussian,
    "skewed: its exponential": skewed,
    "overdispersed: gamma-Poisson counts of one engagement": engagement,
    "shares of few events each, one Gaussian behind them": few_events,
    "categories of one trait": categories,
}
NULL_SETS = {"mixture": 100, "k_means": 60, "density": 40, "latent_class": 40}


def methods_for(null: str) -> tuple[str, ...]:
    if null.startswith("categories"):
        return ("latent_class",)
    return METHODS if null.startswith("correlated") else ("mixture", "k_means", "density")


def shaped(normal: Matrix, skewness: float) -> Matrix:
    """Shifted lognormal values of mean 0, variance 1 and this skewness, of as many normal ones."""
    if not skewness:
        return normal
    # The skewness of a lognormal is (e + 2) * sqrt(e - 1) with e = exp(sd ** 2).
    sd = brentq(lambda at: (np.exp(at**2) + 2) * np.sqrt(np.exp(at**2) - 1) - abs(skewness), 1e-6, 2)
    raised = np.exp(sd * np.sign(skewness) * normal)
    return np.sign(skewness) * (raised - np.exp(sd**2 / 2)) / np.sqrt((np.exp(sd**2) - 1) * np.exp(sd**2))


def shares_shaped(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    return lambda rng: shares_frame(rng, 0.9 * shaped(correlated(rng), skewness), few_trials(rng))


def shares_apart(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(rng, 0.9 * correlated(rng), few_trials(rng), np.array([-2.2, -1.0, 0.4, 1.7]))


def beta_shares(rng: np.random.Generator) -> FeatureFrame:
    shares = beta.ppf(norm.cdf(correlated(rng)), 1.6, 4.0)
    return shares_frame(rng, logit(np.clip(shares, 1e-12, 1 - 1e-12)), few_trials(rng), 0.0)


def heavy_tailed_shares(rng: np.random.Generator) -> FeatureFrame:
    spread = np.sqrt(5 / rng.chisquare(5, PEOPLE))[:, None]
    return shares_frame(rng, 0.7 * spread * correlated(rng), few_trials(rng))


def shares_of_many(rng: np.random.Generator) -> FeatureFrame:
    return shares_frame(
        rng, 0.9 * shaped(correlated(rng), 1.75), rng.integers(20, 150, (PEOPLE, 4)).astype(float)
    )


def beside_how_often(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """Two measures kept as they are, and two shares of those who come often and of those who don't."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        normal = correlated(rng)
        trials = 3.0 + rng.poisson(np.exp(1.5 + 0.6 * normal[:, :1]) * np.ones((1, 2)))
        counted = shares_frame(rng, 0.9 * shaped(normal[:, 2:], skewness), trials)
        kept = np.column_stack([np.log(trials[:, 0] + rng.random(PEOPLE)), normal[:, 1]])
        return frame_of(np.column_stack([kept, counted.scaled]), (None, None, *counted.measured))

    return frame


def times_shaped(skewness: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """Means of logarithms of one to nine times each, whose variance within people is known."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        own, trials = (
            1.5 + 0.6 * shaped(correlated(rng), skewness),
            rng.integers(1, 10, (PEOPLE, 4)).astype(float),
        )
        sums = trials * own + 0.8 * np.sqrt(trials) * rng.standard_normal(own.shape)
        how = tuple(
            Measured(sums[:, at], trials[:, at], center=1.5, weight=0.8**2 / 0.6**2, kind="days")
            for at in range(4)
        )
        return frame_of(np.column_stack([shrunk_share(sums[:, at], how[at]) for at in range(4)]), how)

    return frame


def few_kinds(separation: float) -> Callable[[np.random.Generator], FeatureFrame]:
    """No continuum: three kinds of people, so far from the average in log odds in each of three of four shares."""

    def frame(rng: np.random.Generator) -> FeatureFrame:
        centers = separation * np.array([[1, 1, -1, 0], [-1, 0, 1, 1], [0, -1, 0, -1]])
        own = centers[rng.integers(0, 3, PEOPLE)] + 0.6 * rng.standard_normal((PEOPLE, 4))
        return shares_frame(rng, own, few_trials(rng))

    return frame


COUNTED: dict[str, Callable[[np.random.Generator], FeatureFrame]] = {
    "shares, normal log odds": shares_shaped(0),
    "shares, four measures from 10 to 85 %, normal log odds": shares_apart,
    "shares, beta": beta_shares,
    "shares, log odds of Student t with 5 degrees of freedom": heavy_tailed_shares,
    "shares, log odds of skewness 0.5": shares_shaped(0.5),
    "shares, log odds of skewness -0.5": shares_shaped(-0.5),
    "shares, log odds of skewness 1.75": shares_shaped(1.75),
    "shares, log odds of skewness -1.75": shares_shaped(-1.75),
    "shares of 20 to 149 events, log odds of skewness 1.75": shares_of_many,
    "two shares beside how often people come, normal": beside_how_often(0),
    "two shares beside how often people come, skewness 1.75": beside_how_often(1.75),
    "times, normal logarithms": times_shaped(0),
    "times, logarithms of skewness 1.75": times_shaped(1.75),
    "three kinds 0.75 apart from the average": few_kinds(0.75),
    "three kinds 0.9 apart from the average": few_kinds(0.9),
}
COUNTED_SETS = 150


def exist(task: tuple[str, int]) -> bool:
    """Whether groups were told from a continuum, be they stable or not."""
    null, seed = task
    frame, settings = (
        COUNTED[null](np.random.default_rng(seed)),
        settings_of(1_000 + seed, "mixture", groups_to=3),
    )
    return bool(chances_on_continua(frame, settings).min() <= settings.chance_of_false_groups)


def chances_on_continua(frame: FeatureFrame, settings: Segmentation) -> NDArray[np.float64]:
    """Two and three groups held against continua, as `find_groups` does before anything else."""
    fits = np.array([fit_groups("mixture", frame, groups, settings.seed).fit for groups in (2, 3)])
    return chance_of_fits(fits, _fits_on_continua(frame, settings))


def false_existence(pool: ProcessPoolExecutor) -> list[list[object]]:
    """Rows of the table of what is counted."""
    rows = []
    for null in COUNTED:
        share = float(
            np.mean(list(pool.map(exist, [(null, seed) for seed in range(COUNTED_SETS)], chunksize=10)))
        )
        low, high = wilson(share, COUNTED_SETS)
        rows.append([null, f"{share:.0%} ({low:.0%} to {high:.0%})"])
        print(rows[-1], flush=True)
    return rows


def verdict_on_continuum(task: tuple[str, str, int]) -> tuple[bool, bool, bool]:
    """Whether kinds were claimed, whether cuts were, and whether fit alone preferred groups to none."""
    null, method, seed = task
    frame = NULLS[null](np.random.default_rng(seed))
    grouping = find_groups(frame, settings_of(1_000 + seed, method, groups_to=3, resamples=5))
    return grouping.kind == "kinds", grouping.kind == "cuts", max(each.fit for each in grouping.candidates) > 0


def false_kinds(pool: ProcessPoolExecutor) -> list[list[object]]:
    """Rows of the table of continua."""
    rows = []
    for null in NULLS:
        for method in methods_for(null):
            tasks = [(null, method, seed) for seed in range(NULL_SETS[method])]
            kinds, cuts, by_fit = np.mean(list(pool.map(verdict_on_continuum, tasks, chunksize=5)), axis=0)
            fit = f"{by_fit:.0%}" if method in {"mixture", "latent_class"} else "–"
            low, high = wilson(kinds, len(tasks))
            rows.append(
                [null, method, len(tasks), f"{kinds:.0%} ({low:.0%} to {high:.0%})", f"{cuts:.0%}", fit]
            )
            print(rows[-1], flush=True)
    return rows


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z = 1.96
    center, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, (center - half) / (1 + z**2 / n)), (center + half) / (1 + z**2 / n)


def planted(separation: float, people: int, others: int, seed: int) -> tuple[FeatureFrame, NDArray[np.int64]]:
    """Three groups of a half, three and two tenths, their centers so far apart, in three measures and others."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, people, p=[0.5, 0.3, 0.2])
    centers = separation / np.sqrt(2) * np.eye(3)
    noise = rng.multivariate_normal(np.zeros(3), np.full((3, 3), 0.3) + 0.7 * np.eye(3), people)
    return frame_of(np.column_stack([centers[truth] + noise, rng.standard_normal((people, others))])), truth


def agreement(task: tuple[float, int, int, str]) -> float:
    separation, people, others, method = task
    found = []
    for seed in range(PLANTED_SEEDS):
        frame, truth = planted(separation, people, others, seed)
        found.append(adjusted_rand_score(truth, fit_groups(method, frame, 3, seed).labels))
    return float(np.mean(found))


def recovered(pool: ProcessPoolExecutor) -> list[list[object]]:
    """Rows of the table of planted clouds."""
    rows = []
    for condition in PLANTED:
        found = pool.map(agreement, [(*condition, method) for method in METHODS])
        rows.append([*condition, *(f"{each:.2f}" for each in found)])
        print(rows[-1], flush=True)
    return rows


def types_found(separation: float) -> list[object]:
    """A row of the table of patients: people, verdict, agreement, and the agreement nobody could beat by much."""
    settings = settings_of(7, "mixture")
    with tempfile.TemporaryDirectory() as folder:
        write_provider(
            simulate_provider(ProviderSettings(patients=PATIENTS, seed=5, separation=separation)),
            Path(folder) / "p",
        )
        source = Source(title="p", description="p", location=f"{folder}/p", simulated=True)
        known = open_tables(source, Path("/")).known(settings.as_of, declared_cohort(settings))
        people = people_in_care(known, settings)
        types = pd.read_parquet(f"{folder}/p/truth_types.parquet").set_index("patient_id")["type"]
    frame = feature_frame(people.rows, settings)
    truth = types.loc[people.rows["patient_id"]].to_numpy()
    grouping = find_groups(frame, settings)
    best = LinearDiscriminantAnalysis().fit(frame.scaled, truth).predict(frame.scaled)
    verdict = "none" if grouping.chosen is None else f"{grouping.chosen.groups} {grouping.kind}"
    found = "–" if grouping.labels is None else f"{adjusted_rand_score(truth, grouping.labels):.2f}"
    return [separation, frame.people, verdict, found, f"{adjusted_rand_score(truth, best):.2f}"]


def table(head: list[str], rows: list[list[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    with ProcessPoolExecutor(2) as pool:
        counted = false_existence(pool)
        clouds = recovered(pool)
        patients = list(pool.map(types_found, SEPARATIONS))
        nulls = false_kinds(pool)
    page = f"""# Segmentation: planted groups found, and kinds claimed where there is a continuum

{told()} Made by `benchmarks/segmentation_recovery.py`.

## Kinds claimed on continua

{PEOPLE} people, 2 and 3 groups tried, 19 continua, 5 resamples; 5 % is allowed. In brackets a 95 % interval (Wilson).
Cuts: how often stable groups were told as useful cuts of a continuum. Fit alone: how often the BIC preferred groups to
none.

{table(["continuum", "method", "data sets", "kinds claimed", "told as cuts", "fit alone"], nulls)}

## Told from a continuum, where measures are counted

The mixture on four measures of few events for each person (4 to 24 where nothing else is said), correlated 0.6, held
against 19 continua alone, without stability: no more than this can be claimed as kinds. {COUNTED_SETS} data sets each.
The continua with log odds of skewness 0 and 1.75 are those of a Gaussian copula with shifted lognormal margins, which
is not the family that is fitted. In the last rows there are kinds, of standard deviation 0.6 within.

{table(["behind the measures", "told from a continuum"], counted)}

## Planted clouds

Three groups of 50, 30 and 20 % in three measures correlated 0.3 within groups; separation is the distance of their
centers in standard deviations, other measures have nothing to do with them. The adjusted Rand index with the truth,
where three groups are asked for; mean of {PLANTED_SEEDS} data sets. Latent classes assume no correlation within; dense
regions need emptier places between.

{table(["separation", "people", "other measures", *METHODS], clouds)}

## Planted types of simulated patients

A provider of {PATIENTS:,} patients with three types, one seed for each separation; the mixture, up to four groups, 19
continua, 8 resamples. The last column is a linear discriminant's that was told the types: what few events for each
person leave to be found.

{table(["separation", "people", "verdict", "adjusted Rand", "told the types"], patients)}
"""
    Path(__file__).with_suffix(".md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
