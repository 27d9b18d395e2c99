"""A rule a clinician can read: a shallow decision tree over the features in their own units, and how well it does.

The tree learns the groups from some of the people and is held to the others (Breiman, Friedman, Olshen and Stone,
*Classification and Regression Trees*, 1984). Its thresholds are rounded before it is judged: what is judged is what
is read, and no threshold lies at any one person's value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from workbench.segments.features import Feature, FeatureFrame
from workbench.segments.methods.interface import Labels

HELD_OUT = 0.3
SMALLEST_LEAF = 0.02


@dataclass(frozen=True)
class Condition:
    """One question of a rule: whether a feature is at least a threshold, or below it, in the feature's unit."""

    feature: Feature
    threshold: float
    at_least: bool


@dataclass(frozen=True)
class Rule:
    """One path of the tree: its conditions (the narrowest for each feature and side) and the group it ends in.

    `people` counts the held-out people who meet it, `right` those of them who are of that group.
    """

    conditions: tuple[Condition, ...]
    group: int
    people: int
    right: int


@dataclass(frozen=True)
class RuleTree:
    """The rules, and their fidelity on people the tree has not learned from.

    `people` and `found` give for each group its held-out people, and those the rules put into it.
    """

    rules: tuple[Rule, ...]
    people: tuple[int, ...]
    found: tuple[int, ...]

    @property
    def fidelity(self) -> float:
        """Share of the held-out people whom the rules put into their own group."""
        return sum(self.found) / sum(self.people)

    def fidelity_of(self, group: int) -> float | None:
        """The same among the people of one group; None where none of them was held out."""
        return self.found[group] / self.people[group] if self.people[group] else None


def learn_rules(frame: FeatureFrame, labels: Labels, depth: int, seed: int) -> RuleTree:
    """Learn the rules on seven tenths of the people and hold them to the rest.

    Args:
        frame: from `feature_frame`.
        labels: everybody's group.
        depth: how many questions a rule may ask at most.
        seed: of who is held out.
    """
    values = frame.values.to_numpy()
    held_out = np.random.default_rng([seed, 2]).random(frame.people) < HELD_OUT
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=SMALLEST_LEAF, random_state=seed).fit(
        values[~held_out], labels[~held_out]
    )
    paths = _merged(_paths(tree.tree_, frame.features))
    tested, theirs = values[held_out], labels[held_out]
    guessed = np.full(len(tested), -1, dtype=np.int64)
    rules = []
    for conditions, group in paths:
        meets = _meets(tested, conditions, frame.features)
        guessed[meets] = group
        rules.append(Rule(_narrowest(conditions), group, int(meets.sum()), int((theirs[meets] == group).sum())))
    groups = int(labels.max()) + 1
    return RuleTree(
        rules=tuple(sorted(rules, key=lambda rule: (rule.group, -rule.people))),
        people=tuple(int((theirs == group).sum()) for group in range(groups)),
        found=tuple(int(((theirs == group) & (guessed == group)).sum()) for group in range(groups)),
    )


def readable_threshold(feature: Feature, threshold: float) -> float:
    """A threshold as one would say it: shares to the nearest 5 %, days to whole ones, hours and rates to a quarter."""
    step = {"share": 0.05, "days": 1.0, "hours": 0.25, "rate": 0.25}[feature.kind]
    return max(step, math.floor(threshold / step + 0.5) * step)


_Path = tuple[tuple[Condition, ...], int]


def _paths(
    tree: object, features: Sequence[Feature], node: int = 0, before: tuple[Condition, ...] = ()
) -> list[_Path]:
    """Every path from the root to a leaf of a scikit-learn tree, thresholds rounded."""
    left, right = tree.children_left[node], tree.children_right[node]  # type: ignore[attr-defined]
    if left == right:
        return [(before, int(np.argmax(tree.value[node][0])))]  # type: ignore[attr-defined]
    feature = features[tree.feature[node]]  # type: ignore[attr-defined]
    threshold = readable_threshold(feature, float(tree.threshold[node]))  # type: ignore[attr-defined]
    return [
        *_paths(tree, features, left, (*before, Condition(feature, threshold, at_least=False))),
        *_paths(tree, features, right, (*before, Condition(feature, threshold, at_least=True))),
    ]


def _merged(paths: list[_Path]) -> list[_Path]:
    """The paths without questions whose answer makes no difference, and without answers nobody can give."""
    possible = [path for path in paths if _is_possible(path[0])]
    while True:
        for at in range(len(possible) - 1):
            (first, group), (second, other) = possible[at], possible[at + 1]
            if group == other and first[:-1] == second[:-1] and _opposite(first[-1], second[-1]):
                possible[at : at + 2] = [(first[:-1], group)]
                break
        else:
            return possible


def _opposite(first: Condition, second: Condition) -> bool:
    same = first.feature == second.feature and first.threshold == second.threshold
    return same and first.at_least != second.at_least


def _is_possible(conditions: tuple[Condition, ...]) -> bool:
    """Whether no two conditions exclude each other, which rounding may bring about."""
    return all(
        not (low.feature == high.feature and low.at_least and not high.at_least)
        or low.threshold < high.threshold
        for low in conditions
        for high in conditions
    )


def _narrowest(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    kept: dict[tuple[str, bool], Condition] = {}
    for condition in conditions:
        key = (condition.feature.name, condition.at_least)
        held = kept.get(key)
        if held is None or (condition.threshold > held.threshold) == condition.at_least:
            kept[key] = condition
    return tuple(kept.values())


def _meets(
    values: NDArray[np.float64], conditions: tuple[Condition, ...], features: tuple[Feature, ...]
) -> NDArray[np.bool_]:
    meets = np.ones(len(values), dtype=bool)
    for condition in conditions:
        column = values[:, features.index(condition.feature)]
        meets &= (column >= condition.threshold) == condition.at_least
    return meets
