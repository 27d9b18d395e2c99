"""How strong the evidence for a published verdict is, from typed numbers alone.

The rule is that of docs/methods/playbook.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from workbench.present.result import Decision
from workbench.reports.summaries import Asked, VersionSummary

Answer = Literal["works", "no_effect", "harmful", "not_conclusive", "open"]
Strength = Literal["strong", "moderate", "weak", "disputed", "none"]

ANSWERS: dict[Decision, Answer] = {
    "adopt": "works",
    "use_with_oversight": "works",
    "reject": "no_effect",
    "equivalent": "no_effect",
    "not_useful": "no_effect",
    "harmful": "harmful",
    "inconclusive": "not_conclusive",
    "keep_collecting": "open",
    "invalid": "open",
    "groups_found": "open",
    "useful_cuts": "open",
    "groups_defined": "open",
    "no_groups": "open",
    "fit_for_use": "open",
    "fit_with_findings": "open",
    "not_fit": "open",
    "run_it": "open",
    "not_as_planned": "open",
    "ceiling_supported": "open",
    "hypothesis_to_test": "open",
    "no_load_effect_seen": "open",
    "not_identified": "open",
    "describe": "open",
}
CONCLUSIVE: frozenset[Answer] = frozenset({"works", "no_effect", "harmful"})
# People, messages and habits change: what was gathered longer ago than this is to be tried again.
OLD = timedelta(days=365)


@dataclass(frozen=True)
class Finding:
    """What the version of a parameter set that counts says to a question of the playbook."""

    version: VersionSummary
    asked: Asked

    @property
    def answer(self) -> Answer:
        """What the decision answers."""
        return ANSWERS[self.version.decision]

    @property
    def arms(self) -> tuple[str, str]:
        """The arm the verdict speaks of and the one it is held against; empty where there are no arms."""
        of = self.version.number.metric.of if self.version.number else {}
        return of.get("arm", ""), of.get("versus", "")

    def is_stale(self, today: date) -> bool:
        """Whether it is past the day it was valid until."""
        return self.version.valid_until < today

    def counts(self, today: date) -> bool:
        """Whether it answers the question today: conclusive, neither withdrawn nor past its day."""
        return self.answer in CONCLUSIVE and not self.version.withdrawn and not self.is_stale(today)


@dataclass(frozen=True)
class Weight:
    """The strength of a finding, why it is not stronger, and which others bear on it.

    `confirmed_by` found the same on other people, `repeated_by` on the same people.
    """

    strength: Strength
    doubts: tuple[str, ...]
    confirmed_by: tuple[Finding, ...] = ()
    repeated_by: tuple[Finding, ...] = ()
    contradicted_by: tuple[Finding, ...] = ()

    @property
    def experiments(self) -> int:
        """How many independent experiments confirm it."""
        return len({other.asked.origin for other in self.confirmed_by})


def weigh(finding: Finding, others: Sequence[Finding], today: date) -> Weight:
    """The weight of a finding among the others on the same question.

    Args:
        finding: to be weighed.
        others: the other findings on its question.
        today: the day on which it is weighed.
    """
    found = doubts(finding, today)
    if finding.answer not in CONCLUSIVE or finding.version.withdrawn:
        return Weight("none", found)
    counting = [other for other in others if other.counts(today) and _comparable(finding, other)]
    agreeing = [other for other in counting if _confirms(finding, other) and not doubts(other, today)]
    origin = finding.asked.origin
    confirmed_by = tuple(other for other in agreeing if other.asked.origin != origin)
    repeated_by = tuple(other for other in agreeing if other.asked.origin == origin)
    against = tuple(other for other in counting if _contradicts(finding, other))
    strength: Strength = "strong" if confirmed_by else "moderate"
    if found or finding.is_stale(today):
        strength = "weak"
    if against and finding.counts(today):
        strength = "disputed"
    return Weight(strength, found, confirmed_by, repeated_by, against)


def doubts(finding: Finding, today: date) -> tuple[str, ...]:
    """What speaks against relying on a finding that is still valid, a sentence each."""
    version, found = finding.version, []
    if today - finding.asked.gathered_until > OLD:
        found.append("Its data are older than a year.")
    if version.failed_checks:
        found.append(f"A check failed: {', '.join(version.failed_checks)}.")
    if finding.answer == "works" and _reaches_no_effect(version):
        found.append("The interval reaches “no effect”.")
    return tuple(found)


def _reaches_no_effect(version: VersionSummary) -> bool:
    """Whether no effect lies within the interval of the headline number, or that interval is not known."""
    number = version.number
    if number is None or number.metric.no_effect is None:
        return False
    return number.low is None or number.high is None or number.low <= number.metric.no_effect <= number.high


def _comparable(finding: Finding, other: Finding) -> bool:
    """Of the same kind of study, and both on simulated people or both on real ones."""
    one, two = finding.version, other.version
    return (one.study, one.simulated) == (two.study, two.simulated)


def _confirms(finding: Finding, other: Finding) -> bool:
    return finding.arms[0] == other.arms[0] and finding.answer == other.answer


def _contradicts(finding: Finding, other: Finding) -> bool:
    """Another answer on the same arm, or the same two arms, each said to be the better."""
    if finding.arms[0] == other.arms[0]:
        return finding.answer != other.answer
    both_work = finding.answer == other.answer == "works"
    return both_work and finding.arms == other.arms[::-1]
