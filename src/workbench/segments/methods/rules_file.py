"""The file of clinicians' rules, `params/rules/<name>.yaml`: read strictly, and used only as approved."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.parameters.base import Name, OneLine
from workbench.parameters.reading import Document, read_yaml
from workbench.parameters.validation import Unfit, validated
from workbench.refusal import Fault, Refused, nearest
from workbench.segments.features.catalog import asked_features
from workbench.segments.methods.clinical_rules import Approval, Bounds, ClinicalRules, NamedRule, fingerprint
from workbench.segments.parameters import Segmentation

Words = Annotated[OneLine, Field(min_length=1, max_length=80)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Bounds(_Strict):
    at_least: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.at_least is None and self.below is None:
            raise Unfit(Fault("", "it says nothing of the measure.", "Write at_least, below, or both."))
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise Unfit(Fault("", "nobody can be at least the one and below the other.", "Turn them round."))
        return self


class _Group(_Strict):
    name: Words
    when: dict[str, _Bounds] = Field(min_length=1)


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


def read_rules(name: Name, root: Path, measures: Iterable[str], today: date) -> ClinicalRules:
    """The rules of that name, as somebody approved them.

    Args:
        name: of the file in params/rules, without .yaml.
        root: the project's root.
        measures: what the rules may ask of, by the names of the features.
        today: an approval from after this day is refused.

    Raises:
        Refused: no such file; a file that cannot be read; a measure that is not there; rules that nobody approved,
            or that were changed since.
    """
    folder = root / "params" / "rules"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(each.stem for each in folder.glob("*.yaml"))
        what = f"there is no file params/rules/{name}.yaml.{nearest(name, known)}"
        raise Refused(Fault("rules", what, f"There are: {', '.join(known) or 'none'}."))
    document = read_yaml(path, label=path.relative_to(root).as_posix())
    file = validated(_File, document.values, document.where)
    rules = tuple(
        NamedRule(
            group.name,
            tuple(Bounds(measure, each.at_least, each.below) for measure, each in group.when.items()),
        )
        for group in file.groups
    )
    faults = [*_unknown(file, document, tuple(measures)), *_unapproved(file, rules, document, today)]
    if faults or file.approval is None:
        raise Refused(*faults)
    approval = Approval(file.approval.approved_by, file.approval.approved_on, file.approval.reference)
    return ClinicalRules(file.title, rules, file.rest, approval, tuple(range(len(rules) + 1)))


def declared_rules(settings: Segmentation, root: Path) -> ClinicalRules | None:
    """The rules that the parameters name, on the measures of their families; None where the method is another.

    Raises:
        Refused: as `read_rules`.
    """
    if settings.rules is None:
        return None
    measures = [feature.name for feature in asked_features(settings)]
    return read_rules(settings.rules, root, measures, settings.as_of)


def _unknown(file: _File, document: Document, measures: tuple[str, ...]) -> Iterable[Fault]:
    """A fault for each measure that is not there."""
    for at, group in enumerate(file.groups):
        for measure in group.when:
            if measure not in measures:
                what = f"this measure is none of those the study makes.{nearest(measure, measures)}"
                mend = f"Ask of {', '.join(measures)}, or add its family to features."
                yield Fault(document.where(("groups", at, "when", measure)), what, mend)


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
        what = f"the day {file.approval.approved_on} lies in the future."
        yield Fault(document.where(("approval", "approved_on")), what, "Write the day of the approval.")
