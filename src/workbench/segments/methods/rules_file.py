"""The file of clinicians' rules, `params/rules/<name>.yaml`: read strictly, and used only as approved."""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from workbench.parameters.base import Name, OneLine, no_repeats
from workbench.parameters.reading import Document, read_yaml
from workbench.parameters.validation import Unfit, validated
from workbench.refusal import Fault, Refused, nearest
from workbench.segments.counting.recorded_words import unrecorded_words
from workbench.segments.features.catalog import asked_categories, asked_features
from workbench.segments.methods.clinical_rules import (
    Approval,
    ClinicalRules,
    NamedRule,
    fingerprint,
    named_words,
)
from workbench.segments.methods.conditions import Bounds, OneOf, RuleCondition
from workbench.segments.parameters import Segmentation
from workbench.tables.known import KnownTables

Words = Annotated[OneLine, Field(min_length=1, max_length=80)]
OneOrMore = Annotated[tuple[Words, ...], Field(min_length=1, max_length=50), AfterValidator(no_repeats)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Condition(_Strict):
    at_least: float | None = None
    below: float | None = None
    one_of: OneOrMore | None = Field(default=None, alias="is")
    none_of: OneOrMore | None = Field(default=None, alias="is_not")

    @model_validator(mode="after")
    def _some(self) -> Self:
        told = [self.is_of_numbers, self.one_of is not None, self.none_of is not None]
        if not any(told):
            mend = "Write at_least, below, or both of a number; is or is_not of a word."
            raise Unfit(Fault("", "it asks nothing.", mend))
        if sum(told) > 1:
            mend = "Write at_least and below of a number; is or is_not, one of them, of a word."
            raise Unfit(Fault("", "it asks of numbers and words, or of words twice.", mend))
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise Unfit(Fault("", "nobody can be at least the one and below the other.", "Turn them round."))
        return self

    @property
    def is_of_numbers(self) -> bool:
        """Whether it asks of a measure, and not of a word."""
        return self.at_least is not None or self.below is not None

    def of(self, feature: str) -> RuleCondition:
        """The condition on a feature."""
        if self.is_of_numbers:
            return Bounds(feature, self.at_least, self.below)
        return OneOf(feature, self.one_of or self.none_of or (), excluded=self.one_of is None)


class _Group(_Strict):
    name: Words
    when: dict[str, _Condition] = Field(min_length=1)


class _Approved(_Strict):
    approved_by: Words
    approved_on: date
    reference: Annotated[OneLine, Field(min_length=1, max_length=200)]
    rules: Words


class _File(_Strict):
    title: Words
    groups: tuple[_Group, ...] = Field(min_length=1, max_length=11)
    rest: Words
    approval: _Approved | None = None

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [*(group.name for group in self.groups), self.rest]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            what = f"{', '.join(twice)} names more than one group."
            raise Unfit(Fault("groups", what, "Give each a name of its own, the rest too."))
        return self


def read_rules(
    name: Name,
    root: Path,
    measures: Iterable[str],
    words: Iterable[str],
    today: date,
    known: KnownTables | None = None,
) -> ClinicalRules:
    """The rules of that name, as somebody approved them.

    Args:
        name: of the file in params/rules, without .yaml.
        root: the project's root.
        measures: the features that the rules may ask the amount of.
        words: the features that they may ask the word of.
        today: the day that is looked from; an approval from after it is refused.
        known: tables that must have recorded every word that the rules name; None where they are not at hand.

    Raises:
        Refused: no such file; a file that cannot be read; a feature that is not there, or is no number or no word;
            a word that was never recorded; rules that nobody approved, or that were changed since.
    """
    folder = root / "params" / "rules"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        there = sorted(each.stem for each in folder.glob("*.yaml"))
        what = f"there is no file params/rules/{name}.yaml.{nearest(name, there)}"
        raise Refused(Fault("rules", what, f"There are: {', '.join(there) or 'none'}."))
    document = read_yaml(path, label=path.relative_to(root).as_posix())
    file = validated(_File, document.values, document.where)
    rules = tuple(
        NamedRule(group.name, tuple(each.of(feature) for feature, each in group.when.items()))
        for group in file.groups
    )
    unfit = list(_unfit(file, document, tuple(measures), tuple(words)))
    if known is not None and not unfit:
        unfit += unrecorded_words(known, named_words(rules), document.where(("groups",)))
    faults = [
        *unfit,
        *_unapproved(file, rules, document, today),
    ]
    if faults or file.approval is None:
        raise Refused(*faults)
    approval = Approval(file.approval.approved_by, file.approval.approved_on, file.approval.reference)
    return ClinicalRules(file.title, rules, file.rest, approval, tuple(range(len(rules) + 1)))


def rules_as_written(settings: Segmentation, root: Path) -> tuple[str, ...]:
    """The file of rules that the parameters name, in words that change where it does; nothing where there is none."""
    path = root / "params" / "rules" / f"{settings.rules}.yaml"
    if settings.rules is None or not path.is_file():
        return ()
    return (f"rules {settings.rules}: {hashlib.sha256(path.read_bytes()).hexdigest()}",)


def declared_rules(
    settings: Segmentation, root: Path, known: KnownTables | None = None
) -> ClinicalRules | None:
    """The rules that the parameters name, on the features of their families; None where the method is another.

    Raises:
        Refused: as `read_rules`.
    """
    if settings.rules is None:
        return None
    measures = [feature.name for feature in asked_features(settings)]
    words = [feature.name for feature in asked_categories(settings)]
    return read_rules(settings.rules, root, measures, words, settings.as_of, known)


def _unfit(
    file: _File, document: Document, measures: tuple[str, ...], words: tuple[str, ...]
) -> Iterable[Fault]:
    """A fault for each feature that is not there, or is asked of as what it is not."""
    known = (*measures, *words)
    for at, group in enumerate(file.groups):
        for feature, asked in group.when.items():
            where = document.where(("groups", at, "when", feature))
            if feature not in known:
                what = f"this is no feature of those the study makes.{nearest(feature, known)}"
                yield Fault(where, what, f"Ask of {', '.join(known)}, or add its family to features.")
            elif feature in words and asked.is_of_numbers:
                yield Fault(
                    where, "it is told in words, and has no amount.", "Write is or is_not, and the words."
                )
            elif feature in measures and not asked.is_of_numbers:
                yield Fault(where, "it is a number, and no word.", "Write at_least, below, or both.")


def _unapproved(file: _File, rules: tuple[NamedRule, ...], document: Document, today: date) -> Iterable[Fault]:
    """A fault where nobody approved these rules."""
    current = fingerprint(file.title, rules, file.rest)
    if file.approval is None:
        what = "nobody has approved these rules."
        mend = (
            "Have them approved, and write approval with approved_by (a role), approved_on, reference and "
            f"rules: {current}."
        )
        yield Fault(document.where(()), what, mend)
    elif file.approval.rules != current:
        what = "the rules are no longer those that were approved."
        mend = f"Have them approved anew, and write their fingerprint {current} here."
        yield Fault(document.where(("approval", "rules")), what, mend)
    elif file.approval.approved_on > today:
        what = f"the rules were approved on {file.approval.approved_on}, after {today}, the day that is looked from."
        mend = "Look from the day of the approval or later, or write the day of the approval as it was."
        yield Fault(document.where(("approval", "approved_on")), what, mend)
