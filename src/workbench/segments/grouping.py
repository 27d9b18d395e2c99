"""How many groups there are, if any: by fit, by stability, and by whether a continuum would have shown the same.

A number of groups is taken only if every group is found again under resampling and none is too small. If the model
also fits the data better than it fits continua drawn to look like them, the groups are kinds of people; among those
the number that gains most over the continua is chosen (in the manner of the gap statistic of Tibshirani, Walther and
Hastie 2001). If it does not, they are cuts of a continuum: the number whose cuts are found again most surely is
chosen, to plan by. Groups that clinicians defined are tested for neither.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused
from workbench.segments.existence.chance import chance_of_fits
from workbench.segments.existence.continuum import Continuum
from workbench.segments.existence.picked import picked
from workbench.segments.existence.stability import bootstrap_stability
from workbench.segments.features import FeatureFrame
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.methods.interface import GroupModel, Labels, Matrix, Method, by_size, renumbered
from workbench.segments.parameters import Segmentation

# Models are fitted, and held against continua, on a random sample of at most this many people, fewer where a fit
# takes long; the groups are everybody's.
PEOPLE_TESTED: dict[Method, int] = {"mixture": 2_500, "k_means": 2_500, "latent_class": 1_000, "density": 2_500}
# No group of fewer people is taken, whatever share it is: nothing could be told of it.
FEWEST_IN_GROUP = 11

Kind = Literal["kinds", "cuts", "definitions"]


@dataclass(frozen=True)
class Candidate:
    """A number of groups and what speaks for it.

    `fit` on the data, `continuum_fit` and `continuum_spread` its mean and standard deviation on continua; `chance`
    the probability that the best of all numbers tried fits a continuum as much better than others; `stability` the
    mean Jaccard similarity of each group, `shares` the groups' shares of the people, both from largest to smallest;
    `fewest` how many people the smallest group holds.
    """

    groups: int
    fit: float
    continuum_fit: float
    continuum_spread: float
    chance: float
    stability: tuple[float, ...]
    shares: tuple[float, ...]
    fewest: int

    @property
    def gain(self) -> float:
        """By how much the fit exceeds that on continua."""
        return self.fit - self.continuum_fit


@dataclass(frozen=True)
class Tried:
    """A model that was tried, and everybody's group by it, 0 the largest; labels follow the feature frame's people."""

    model: GroupModel
    labels: Labels


@dataclass(frozen=True)
class Grouping:
    """The numbers of groups tried, the one chosen (None: no groups), and everybody's group by each.

    `tried` goes with the candidates. Groups that clinicians defined have no candidates: they are the one `defined`.
    """

    candidates: tuple[Candidate, ...]
    tried: tuple[Tried, ...]
    chosen: Candidate | None
    settings: Segmentation
    defined: Tried | None = None

    @property
    def taken(self) -> Tried | None:
        """The groups that were defined, or chosen; None where there are none."""
        if self.defined is not None or self.chosen is None:
            return self.defined
        return self.tried[self.candidates.index(self.chosen)]

    @property
    def labels(self) -> Labels | None:
        """Everybody's group by the number chosen; None where there are no groups."""
        return None if self.taken is None else self.taken.labels

    @property
    def model(self) -> GroupModel | None:
        """What scores any later people into the same groups; None where there are no groups."""
        return None if self.taken is None else self.taken.model

    @property
    def kind(self) -> Kind | None:
        """What the groups are: kinds of people, cuts of a continuum, definitions; None where there are no groups."""
        if self.defined is not None:
            return "definitions"
        if self.chosen is None:
            return None
        return "kinds" if self.exists(self.chosen) else "cuts"

    def exists(self, candidate: Candidate) -> bool:
        """Whether a continuum would seldom have shown as much."""
        return candidate.chance <= self.settings.chance_of_false_groups

    def is_stable(self, candidate: Candidate) -> bool:
        """Whether every group is found again."""
        return min(candidate.stability) >= self.settings.required_stability

    def is_large(self, candidate: Candidate) -> bool:
        """Whether no group is too small."""
        return candidate.fewest >= FEWEST_IN_GROUP and min(candidate.shares) >= self.settings.smallest_group

    def is_useful(self, candidate: Candidate) -> bool:
        """Whether a number of groups may be planned by, be they kinds or cuts."""
        return self.is_stable(candidate) and self.is_large(candidate)

    def passes(self, candidate: Candidate) -> bool:
        """Whether a number of groups may be called kinds of people."""
        return self.exists(candidate) and self.is_useful(candidate)


def find_groups(
    frame: FeatureFrame,
    settings: Segmentation,
    report: Callable[[str], None] | None = None,
    rules: ClinicalRules | None = None,
) -> Grouping:
    """Find the number of groups, if there are any, and everybody's group.

    Args:
        frame: from `feature_frame`.
        settings: the parameters.
        report: told what is being done, for this takes a while.
        rules: the groups that clinicians defined, where the method is that.

    Raises:
        Refused: measures that the method cannot take, fewer people than groups, or rules on what is not measured.
    """
    tell = report or (lambda _: None)
    if rules is not None:
        return Grouping((), (), None, settings, _by_rules(frame, rules))
    if settings.method == "rules":
        raise ValueError("groups by rules need the rules")
    tested = _tested(frame.people, settings)
    people = picked(frame, tested)
    numbers = range(settings.groups_from, settings.groups_to + 1)
    tell(
        f"fitting {settings.groups_from} to {settings.groups_to} groups, and to continua that look like the data"
    )
    fitted = [fit_groups(settings.method, people, groups, settings.seed) for groups in numbers]
    on_continua = fits_on_continua(people, settings)
    chances = chance_of_fits(np.array([each.fit for each in fitted]), on_continua)
    tell("measuring how stable the groups are")
    candidates, tried = [], []
    for place, (groups, each) in enumerate(zip(numbers, fitted, strict=True)):
        labels = each.model.labels(frame)
        order, sizes = by_size(labels, each.model.groups)
        tried.append(Tried(each.model.ordered(order.tolist()), renumbered(labels, order)))
        stability = bootstrap_stability(
            settings.method, people, tried[-1].labels[tested], groups, settings.resamples, settings.seed
        )
        # A method that finds no such number of groups leaves the others empty: dissolved, and too small.
        sizes = np.concatenate([sizes, np.zeros(groups - len(sizes), dtype=np.int64)])
        candidates.append(
            Candidate(
                groups=groups,
                fit=each.fit,
                continuum_fit=float(on_continua[:, place].mean()),
                continuum_spread=float(on_continua[:, place].std(ddof=1)),
                chance=float(chances[place]),
                stability=tuple(float(value) for value in stability),
                shares=tuple(float(size / frame.people) for size in sizes),
                fewest=int(sizes[-1]),
            )
        )
    return decided(Grouping(tuple(candidates), tuple(tried), None, settings))


def decided(grouping: Grouping) -> Grouping:
    """The same numbers tried, and of those that pass by its settings the one chosen.

    Of numbers of kinds the one that gains most; where there are none, of numbers of cuts the one that is found again
    most surely, and of two alike the smaller.
    """
    kinds = [each for each in grouping.candidates if grouping.passes(each)]
    if kinds:
        return replace(grouping, chosen=max(kinds, key=lambda each: each.gain))
    cuts = [each for each in grouping.candidates if grouping.is_useful(each) and not grouping.exists(each)]
    return replace(grouping, chosen=max(cuts, key=lambda each: min(each.stability), default=None))


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


def _by_rules(frame: FeatureFrame, rules: ClinicalRules) -> Tried:
    """Everybody by the rules, the groups numbered from the largest."""
    missing = sorted(set(rules.features) - {*frame.values.columns, *frame.recorded.columns})
    if missing:
        what = f"the rules ask of {', '.join(missing)}, in which people differ here by hardly more than chance."
        raise Refused(
            Fault("rules", what, "Look further back with lookback_days, or have other rules approved.")
        )
    labels = rules.labels(frame)
    order, _ = by_size(labels, rules.groups)
    return Tried(rules.ordered(order.tolist()), renumbered(labels, order))


def _tested(people: int, settings: Segmentation) -> NDArray[np.int64]:
    """Which of the people fit, stability and continua are computed on."""
    most = PEOPLE_TESTED[settings.method]
    if people <= most:
        return np.arange(people)
    return np.random.default_rng(settings.seed).choice(people, most, replace=False)


def fits_on_continua(people: FeatureFrame, settings: Segmentation) -> Matrix:
    """(draws, numbers of groups) fits of the same models to continua of these people; the seed is the settings'."""
    continuum = Continuum(people, settings.seed)
    rng = np.random.default_rng([settings.seed, 1])
    numbers = range(settings.groups_from, settings.groups_to + 1)
    draws = (continuum.draw(rng) for _ in range(settings.continuum_draws))
    return np.array(
        [
            [fit_groups(settings.method, drawn, groups, settings.seed).fit for groups in numbers]
            for drawn in draws
        ]
    )
