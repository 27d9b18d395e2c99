"""The frozen definition of groups: by what later people are put into the groups of one day, without anybody in it.

Yardstick and model are two dicts of numbers and words; with letters, names, parameters and the groups' condition at the
refit they make `definition.json`, which is written once. `Definition.read` gives it back as it was, or refuses.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.refusal import Fault, Refused
from workbench.segments.features.feature import Feature
from workbench.segments.features.frame import FeatureFrame
from workbench.segments.features.yardstick import Yardstick
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.methods.fitting import model_from_json
from workbench.segments.methods.interface import GroupModel
from workbench.segments.parameters import Segmentation
from workbench.segments.weekly.alarms import Condition, condition_of
from workbench.segments.weekly.labels import Labels, Matrix
from workbench.tables.kept_segments import DEFINITION, KeptVersion

# What a report is called and who reads it says nothing of the groups.
_OF_REPORTS = {"title", "audience", "owner", "schedule", "release", "question", "who_must_act", "valid_days"}


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RefitCondition(_Plain):
    """`Condition` as it is written; None where a number is undefined."""

    people: int
    shares: list[float]
    means: list[float | None]
    spreads: list[float | None]
    centers: list[list[float | None]]
    scatter: float
    certainty: float

    @classmethod
    def of(cls, condition: Condition) -> Self:
        """The numbers of a condition."""
        return cls(
            people=condition.people,
            shares=condition.shares.tolist(),
            means=_numbers(condition.means),
            spreads=_numbers(condition.spreads),
            centers=[_numbers(row) for row in condition.centers],
            scatter=condition.scatter,
            certainty=condition.certainty,
        )

    @property
    def condition(self) -> Condition:
        """The condition they are of."""
        return Condition(
            people=self.people,
            shares=np.array(self.shares, dtype=np.float64),
            means=np.array(self.means, dtype=np.float64),
            spreads=np.array(self.spreads, dtype=np.float64),
            centers=np.array(self.centers, dtype=np.float64),
            scatter=self.scatter,
            certainty=self.certainty,
        )


class Lineage(_Plain):
    """How the groups follow those of the version before: letters that went on, came, went, split or merged.

    `why_not` says in a sentence why they could not be matched, and is None where they were.
    """

    version: str
    as_of: date
    went_on: list[str] = Field(default_factory=list)
    born: list[str] = Field(default_factory=list)
    dissolved: list[str] = Field(default_factory=list)
    split: dict[str, list[str]] = Field(default_factory=dict)
    merged: dict[str, list[str]] = Field(default_factory=dict)
    why_not: str | None = None


class Definition(_Plain):
    """A frozen definition, as it is written to `definition.json`.

    `letters` and `names` are the groups' in their order, `used_letters` all that ever were used under this name.
    `fingerprint` is the hash of everything else.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str
    as_of: date
    letters: tuple[str, ...]
    names: tuple[str, ...]
    used_letters: tuple[str, ...]
    yardstick: dict[str, Any]
    model: dict[str, Any]
    refit: RefitCondition
    lineage: Lineage | None
    parameters: dict[str, Any]
    fingerprint: str = ""

    @property
    def by_rules(self) -> bool:
        """Whether clinicians' rules define the groups; else they were found."""
        return self.model.get("method") == "rules"

    def sealed(self) -> Self:
        """The same with its fingerprint."""
        return self.model_copy(update={"fingerprint": self._hash()})

    def as_bytes(self) -> bytes:
        """What is written."""
        return (json.dumps(self.model_dump(mode="json", by_alias=True), indent=1) + "\n").encode()

    @classmethod
    def read(cls, kept: KeptVersion) -> Self:
        """The definition of a kept version.

        Raises:
            Refused: it is missing, broken, not what was written, or of a kind this workbench does not know.
        """
        try:
            found = cls.model_validate_json(kept.content(DEFINITION))
        except ValidationError:
            raise Refused(kept.broken(f"{DEFINITION} is no definition that can be read")) from None
        if found.fingerprint != found._hash() or found.name != kept.name:
            raise Refused(kept.broken(f"{DEFINITION} is not what its fingerprint says"))
        _ = found.frozen(kept.where)
        return found

    def frozen(self, where: str = "") -> "Frozen":
        """Yardstick and model, ready to score.

        Args:
            where: what to call the definition in a refusal.

        Raises:
            Refused: they cannot be made of what is written.
        """
        mend = "Run the segmentation again; the version before can be used until then."
        where = where or f"segments {self.name}"
        try:
            frozen = Frozen(self, Yardstick.from_json(self.yardstick), model_from_json(self.model))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            what = f"its yardstick or model cannot be read ({type(error).__name__})."
            raise Refused(Fault(where, what, mend)) from None
        if frozen.model.groups != len(self.letters):
            raise Refused(Fault(where, "its model has a group without a letter.", mend))
        return frozen

    def _hash(self) -> str:
        told = self.model_dump(mode="json", by_alias=True, exclude={"fingerprint"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Frozen:
    """A definition ready to score people."""

    definition: Definition
    yardstick: Yardstick
    model: GroupModel

    @cached_property
    def settings(self) -> Segmentation:
        """The parameters by which the people of the definition were counted.

        Raises:
            Refused: a parameter is no longer taken.
        """
        told = {
            "title": "-",
            "audience": ["analysts"],
            "owner": "-",
            "question": "-",
            "who_must_act": "Nobody acts.",
        }
        values = told | self.definition.parameters
        return Segmentation.from_cell(values, today=self.definition.as_of)

    def counted_as_of(self, day: date) -> Segmentation:
        """The same parameters, looking from another day, with nothing held out and no outcome asked for."""
        return self.settings.looking_from(day)

    @property
    def rules(self) -> ClinicalRules | None:
        """The rules that define the groups; None where they were found."""
        return self.model if isinstance(self.model, ClinicalRules) else None

    @property
    def measures(self) -> tuple[Feature, ...]:
        """The measures by which people are told apart: all of the yardstick, or those that the rules ask of."""
        found = (each.feature for each in self.yardstick.features)
        return tuple(each for each in found if self.rules is None or each.name in self.rules.features)

    def score(self, rows: pd.DataFrame) -> "Scored":
        """Put people into the groups.

        Args:
            rows: `People.rows`, counted by `counted_as_of`.

        Raises:
            Refused: a column that the yardstick needs is missing.
        """
        frame = self.yardstick.frame(rows)
        return Scored(frame, self.model.labels(frame), self.model.probabilities(frame))

    def labels(self, rows: pd.DataFrame) -> Labels:
        """The groups alone."""
        return self.model.labels(self.yardstick.frame(rows))

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.definition.letters)


@dataclass(frozen=True)
class Scored:
    """People in the groups of a frozen definition: rows follow `frame.patient_ids`."""

    frame: FeatureFrame
    labels: Labels
    probabilities: Matrix

    def condition(self, refit: Condition | None = None) -> Condition:
        """How well the groups fit them; the scatter about the refit's centers where these are given."""
        return condition_of(
            self.frame.scaled, self.labels, self.probabilities, None if refit is None else refit.centers
        )


def define(
    name: str,
    yardstick: Yardstick,
    model: GroupModel,
    rows: pd.DataFrame,
    settings: Segmentation,
    named: Sequence[tuple[str, str]],
    lineage: tuple[Lineage, tuple[str, ...]] | None,
) -> Definition:
    """The definition of groups that were just found.

    Args:
        name: under which it is kept.
        yardstick: on which the model sees people.
        model: the groups.
        rows: `People.rows` of the people they were found among.
        settings: the parameters.
        named: letter and name of each group.
        lineage: how they follow the version before, and every letter used until now; None for the first.
    """
    letters = tuple(letter for letter, _ in named)
    told, used = lineage or (None, ())
    frame = yardstick.frame(rows)
    condition = condition_of(frame.scaled, model.labels(frame), model.probabilities(frame))
    return Definition(
        name=name,
        as_of=settings.as_of,
        letters=letters,
        names=tuple(words for _, words in named),
        used_letters=tuple(dict.fromkeys((*used, *letters))),
        yardstick=yardstick.to_json(),
        model=model.to_json(),
        refit=RefitCondition.of(condition),
        lineage=told,
        parameters={key: value for key, value in settings.as_values().items() if key not in _OF_REPORTS},
    ).sealed()


def _numbers(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
