"""How many groups there are, if any: by fit, by stability, and by whether a continuum would have shown the same.

A number of groups is taken only if the model fits the data better than it fits continua drawn to look like them,
if every group is found again under resampling, and if none is too small. Among those that remain, the one that gains
most over the continua is chosen (in the manner of the gap statistic of Tibshirani, Walther and Hastie 2001).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.segments.continuum import Continuum
from workbench.segments.features import FeatureFrame, Measured
from workbench.segments.models import Labels, Matrix, fit_groups
from workbench.segments.parameters import Segmentation
from workbench.segments.stability import bootstrap_stability

# Fit, stability and continua are computed on a random sample of at most this many people; groups on everybody.
PEOPLE_TESTED = 2_500


@dataclass(frozen=True)
class Candidate:
    """A number of groups and what speaks for it.

    `fit` on the data, `continuum_fit` and `continuum_spread` its mean and standard deviation on continua; `chance`
    the probability that the best of all numbers tried fits a continuum as much better than others; `stability` the
    mean Jaccard similarity of each group, `shares` the groups' shares of the people, both from largest to smallest.
    """

    groups: int
    fit: float
    continuum_fit: float
    continuum_spread: float
    chance: float
    stability: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def gain(self) -> float:
        """By how much the fit exceeds that on continua."""
        return self.fit - self.continuum_fit


@dataclass(frozen=True)
class Grouping:
    """The numbers of groups tried, the one chosen (None: no groups), and everybody's group.

    `tried` holds for each candidate everybody's group by it: labels that follow the people of the feature frame, 0
    the largest group.
    """

    candidates: tuple[Candidate, ...]
    tried: tuple[Labels, ...]
    chosen: Candidate | None
    settings: Segmentation

    @property
    def labels(self) -> Labels | None:
        """Everybody's group by the number chosen; None where there are no groups."""
        return None if self.chosen is None else self.tried[self.candidates.index(self.chosen)]

    def exists(self, candidate: Candidate) -> bool:
        """Whether a continuum would seldom have shown as much."""
        return candidate.chance <= self.settings.chance_of_false_groups

    def is_stable(self, candidate: Candidate) -> bool:
        """Whether every group is found again."""
        return min(candidate.stability) >= self.settings.required_stability

    def is_large(self, candidate: Candidate) -> bool:
        """Whether no group is too small."""
        return min(candidate.shares) >= self.settings.smallest_group

    def passes(self, candidate: Candidate) -> bool:
        """Whether a number of groups may be chosen."""
        return self.exists(candidate) and self.is_stable(candidate) and self.is_large(candidate)


def find_groups(
    frame: FeatureFrame, settings: Segmentation, report: Callable[[str], None] | None = None
) -> Grouping:
    """Find the number of groups, if there are any, and everybody's group.

    Args:
        frame: from `feature_frame`.
        settings: the parameters.
        report: told what is being done, for this takes a while.
    """
    tell = report or (lambda _: None)
    tested = _tested(frame.people, settings.seed)
    people = frame.scaled[tested]
    measured = [how and replace(how, trials=how.trials[tested]) for how in frame.measured]
    numbers = range(settings.groups_from, settings.groups_to + 1)
    tell(
        f"fitting {settings.groups_from} to {settings.groups_to} groups, and to continua that look like the data"
    )
    fitted = [fit_groups(settings.method, people, groups, settings.seed) for groups in numbers]
    on_continua = _fits_on_continua(people, measured, settings)
    chances = chance_of_fits(np.array([each.fit for each in fitted]), on_continua)
    tell("measuring how stable the groups are")
    candidates, tried = [], []
    for place, each in enumerate(fitted):
        labels, sizes = by_size(each.assign(frame.scaled), each.groups)
        stability = bootstrap_stability(
            settings.method, people, labels[tested], each.groups, settings.resamples, settings.seed
        )
        tried.append(labels)
        candidates.append(
            Candidate(
                groups=each.groups,
                fit=each.fit,
                continuum_fit=float(on_continua[:, place].mean()),
                continuum_spread=float(on_continua[:, place].std(ddof=1)),
                chance=float(chances[place]),
                stability=tuple(float(value) for value in stability),
                shares=tuple(float(size / frame.people) for size in sizes),
            )
        )
    return decided(Grouping(tuple(candidates), tuple(tried), None, settings))


def decided(grouping: Grouping) -> Grouping:
    """The same numbers tried, and of those that pass by its settings the one chosen that gains most, if any."""
    passing = filter(grouping.passes, grouping.candidates)
    return replace(grouping, chosen=max(passing, key=lambda each: each.gain, default=None))


def reconsidered(grouping: Grouping, smallest_group: float) -> Grouping:
    """The same numbers tried, and the one chosen where the smallest group must hold another share; nothing is fitted.

    Args:
        grouping: from `find_groups`.
        smallest_group: share of the people that the smallest group must hold.

    Raises:
        Refused: for a value the parameters do not allow.
    """
    values = grouping.settings.as_values() | {"smallest_group": smallest_group}
    changed = Segmentation.from_cell(values, today=grouping.settings.as_of)
    return decided(replace(grouping, settings=changed))


def chance_of_fits(fits: NDArray[np.float64], on_continua: Matrix) -> NDArray[np.float64]:
    """For each number of groups, how often the best number does as well on a continuum.

    Fits are compared as standardized excesses over the continua, and the largest of a continuum's excesses is the
    yardstick for all (Westfall and Young, *Resampling-Based Multiple Testing*, 1993), so that trying many numbers
    does not raise the chance of claiming groups.

    Args:
        fits: (numbers,) on the data.
        on_continua: (draws, numbers) on continua.

    Returns:
        (numbers,) (1 + exceedances) / (1 + draws).
    """
    # The data count among the draws here, so that under a continuum none of them stands out by how it is compared.
    everything = np.vstack([fits, on_continua])
    center, spread = everything.mean(axis=0), np.maximum(everything.std(axis=0, ddof=1), 1e-12)
    yardstick = ((on_continua - center) / spread).max(axis=1)
    excess = (fits - center) / spread
    return (1 + (yardstick[:, None] >= excess[None, :]).sum(axis=0)) / (1 + len(on_continua))


def by_size(labels: Labels, groups: int) -> tuple[Labels, NDArray[np.int64]]:
    """The labels numbered from the largest group down, and the groups' sizes in that order."""
    sizes = np.bincount(labels, minlength=groups)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(groups, dtype=np.int64)
    rank[order] = np.arange(groups)
    return rank[labels], sizes[order]


def _tested(people: int, seed: int) -> NDArray[np.int64]:
    """Which of the people fit, stability and continua are computed on."""
    if people <= PEOPLE_TESTED:
        return np.arange(people)
    return np.random.default_rng(seed).choice(people, PEOPLE_TESTED, replace=False)


def _fits_on_continua(people: Matrix, measured: list[Measured | None], settings: Segmentation) -> Matrix:
    """(draws, numbers of groups) fits of the same models to continua."""
    continuum = Continuum(people, measured, settings.seed)
    rng = np.random.default_rng([settings.seed, 1])
    numbers = range(settings.groups_from, settings.groups_to + 1)
    draws = (continuum.draw(rng) for _ in range(settings.continuum_draws))
    return np.array(
        [
            [fit_groups(settings.method, drawn, groups, settings.seed).fit for groups in numbers]
            for drawn in draws
        ]
    )
