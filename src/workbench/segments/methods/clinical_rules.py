"""Groups that clinicians wrote down: named rules on measures and words, the first that holds decides.

Such groups are definitions. They need no proof that they exist, and none is given; they need somebody who approved
them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np

from workbench.segments.features import FeatureFrame
from workbench.segments.methods.conditions import OneOf, RuleCondition, condition_from
from workbench.segments.methods.interface import Labels, Matrix, Method, certain

FINGERPRINT_LETTERS = 16


@dataclass(frozen=True)
class NamedRule:
    """A group's name, and the conditions that all hold of who is in it."""

    name: str
    conditions: tuple[RuleCondition, ...]


@dataclass(frozen=True)
class Approval:
    """Who approved the rules (a role, no name of a person), when, and where that is written down."""

    approved_by: str
    approved_on: date
    reference: str


@dataclass(frozen=True)
class ClinicalRules:
    """Rules in the order in which they are tried, and the name of the rest.

    `numbers` (rules + 1,) gives the number of each rule's group and, last, of the rest's.
    """

    title: str
    rules: tuple[NamedRule, ...]
    rest: str
    approval: Approval
    numbers: tuple[int, ...]

    @property
    def method(self) -> Method:
        """Rules."""
        return "rules"

    @property
    def groups(self) -> int:
        """How many groups there are, the rest among them."""
        return len(self.numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """The groups' names in the order of their numbers."""
        written = (*(rule.name for rule in self.rules), self.rest)
        return tuple(written[self.numbers.index(number)] for number in range(self.groups))

    @property
    def fingerprint(self) -> str:
        """Of what was approved: changed rules have another."""
        return fingerprint(self.title, self.rules, self.rest)

    def probabilities(self, frame: FeatureFrame) -> Matrix:
        """(n, groups), 1 for the group of each person and 0 for the others."""
        return certain(self.labels(frame), self.groups)

    def labels(self, frame: FeatureFrame) -> Labels:
        """(n,) the group of the first rule that holds, or of the rest."""
        found = np.full(frame.people, self.numbers[-1], dtype=np.int64)
        open_still = np.ones(len(found), dtype=bool)
        for rule, number in zip(self.rules, self.numbers, strict=False):
            holds = open_still.copy()
            for each in rule.conditions:
                holds &= each.holds(frame)
            found[holds] = number
            open_still &= ~holds
        return found

    @property
    def features(self) -> tuple[str, ...]:
        """The names of what the rules ask of, each once."""
        return tuple(dict.fromkeys(each.feature for rule in self.rules for each in rule.conditions))

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words that the rules name, by feature, each once."""
        return named_words(self.rules)

    def words_of_nobody(self, frame: FeatureFrame) -> dict[str, tuple[str, ...]]:
        """The words that the rules name and that hold of nobody here, by feature."""
        found = {
            feature: tuple(word for word in words if not frame.recorded[feature].eq(word).any())
            for feature, words in self.words.items()
        }
        return {feature: words for feature, words in found.items() if words}

    def ordered(self, order: Sequence[int]) -> Self:
        """The same rules, tried in the same order, with the groups renumbered."""
        return replace(self, numbers=tuple(list(order).index(number) for number in self.numbers))

    def to_json(self) -> dict[str, Any]:
        """The rules and their approval."""
        approval = self.approval
        return {
            "method": self.method,
            "title": self.title,
            "rules": _as_values(self.rules),
            "rest": self.rest,
            "approval": {
                "approved_by": approval.approved_by,
                "approved_on": approval.approved_on.isoformat(),
                "reference": approval.reference,
            },
            "numbers": list(self.numbers),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The rules that `to_json` told."""
        approval = values["approval"]
        return cls(
            values["title"],
            tuple(
                NamedRule(rule["name"], tuple(condition_from(each) for each in rule["conditions"]))
                for rule in values["rules"]
            ),
            values["rest"],
            Approval(**{**approval, "approved_on": date.fromisoformat(approval["approved_on"])}),
            tuple(values["numbers"]),
        )


def named_words(rules: tuple[NamedRule, ...]) -> dict[str, tuple[str, ...]]:
    """The words that rules name, by feature, each once."""
    named: dict[str, tuple[str, ...]] = {}
    for each in (each for rule in rules for each in rule.conditions):
        if isinstance(each, OneOf):
            named[each.feature] = tuple(dict.fromkeys((*named.get(each.feature, ()), *each.words)))
    return named


def fingerprint(title: str, rules: tuple[NamedRule, ...], rest: str) -> str:
    """The beginning of the SHA-256 of all that is approved: title, names, conditions, and their order."""
    text = json.dumps([title, _as_values(rules), rest], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_LETTERS]


def _as_values(rules: tuple[NamedRule, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": rule.name,
            "conditions": [each.as_values() for each in rule.conditions],
        }
        for rule in rules
    ]
