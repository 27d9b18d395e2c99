"""The typed result of a study: the same shape for every kind of study.

It leaves the notebook as one display of type `application/vnd.workbench.result+json` and is published as
`results.json`. Every number a report displays comes from it.
"""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

RESULT_TYPE = "application/vnd.workbench.result+json"

Decision = Literal[
    "adopt",
    "reject",
    "equivalent",
    "harmful",
    "inconclusive",
    "use_with_oversight",
    "not_useful",
    "groups_found",
    "useful_cuts",
    "groups_defined",
    "no_groups",
    "fit_for_use",
    "fit_with_findings",
    "not_fit",
    "run_it",
    "not_as_planned",
    "ceiling_supported",
    "hypothesis_to_test",
    "no_load_effect_seen",
    "not_identified",
    "keep_collecting",
    "invalid",
    "describe",
]
ColumnKind = Literal["label", "people", "events", "share", "estimate", "interval", "probability", "text"]


def _finite(value: float | None) -> float | None:
    """NaN and infinity have no place in a result: what is undefined is None."""
    if value is not None and not math.isfinite(value):
        raise ValueError("a number in a result must be finite; write None where it is undefined")
    return value


Number = Annotated[float | None, AfterValidator(_finite)]
Cell = Annotated[int | float | str | None, AfterValidator(lambda v: _finite(v) if isinstance(v, float) else v)]


class Frozen(BaseModel):
    """A value that refuses unknown fields and does not change once made."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fact(Frozen):
    """One of the few facts a decision needs, such as "Who must act"."""

    label: str
    text: str


class Verdict(Frozen):
    """What the study says, in one word, one sentence, and the reasons in order of weight."""

    decision: Decision
    headline: str
    reasons: list[str]
    facts: list[Fact] = Field(default_factory=list)


class Metric(Frozen):
    """One number with its interval.

    `of` says what it is about: {"arm": …, "versus": …, "segment": …}. `unit` is "probability", "people",
    "per person", "log ratio" …; `value`, `low` and `high` share it.
    """

    name: str
    of: dict[str, str]
    value: Number
    low: Number = None
    high: Number = None
    level: Number = None
    interval: Literal["credible", "confidence", "bootstrap"] | None = None
    direction: Literal["higher_is_better", "lower_is_better", "neither"] = "neither"
    unit: str
    n: int | None = None


class HeadlineMetric(Frozen):
    """The metric by which a study's history is told: which of `metrics`, what it is called, and how it is shown.

    `label` says in words what the number is, unit included where `unit` does not say it. Shown are its value and
    interval times `scale`, with `digits` decimals. `no_effect` is the value that would mean no effect, where there
    is one.
    """

    name: str
    of: dict[str, str]
    label: str
    scale: float = 1.0
    digits: int = 0
    unit: str = ""
    no_effect: Number = None


class Check(Frozen):
    """A condition the verdict rests on. `passed` is None where the check notes something without judging it."""

    name: str
    passed: bool | None
    detail: str


class Column(Frozen):
    """A column of a table: `kind` says how its cells are shown and what disclosure control does with them.

    kinds: label (row header), people and events (counts), share (a proportion, 0 to 1, shown as a percentage),
    estimate (a number, with `digits` and `unit`), interval (text such as "12 to 31"), probability (0 to 1),
    text.
    """

    name: str
    title: str
    kind: ColumnKind
    unit: str = ""
    digits: int = 1


class Table(Frozen):
    """A table as displayed and as released. A cell that is None was hidden, or is undefined.

    `groups` says what a row is: "arm" (a whole randomized arm or cohort, whose counts may be shown from 100
    people on), "attributes" (a group described by people's attributes: small cells are hidden), or "none" (rows
    that count no people). `fitted` says that the groups were made by this version's own model: those of another version
    bear the same letters and are other groups, whose counts tell nothing beside these.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    groups: Literal["arm", "attributes", "none"]
    note: str = ""
    fitted: bool = False


class StudyResult(Frozen):
    """A study's whole result. `name` is the parameter set's, which a run fills in: a notebook does not know it.

    `headline_metric` is the study's choice of the one metric whose history the catalogue draws; None for none.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    study: str
    name: str = ""
    as_of: str
    data_until: str | None = None
    verdict: Verdict
    metrics: list[Metric]
    checks: list[Check]
    tables: list[Table]
    headline_metric: HeadlineMetric | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    @model_validator(mode="after")
    def _headline_is_a_metric(self) -> Self:
        if self.headline_metric is not None and len(self._named_as(self.headline_metric)) != 1:
            raise ValueError("headline_metric must name one metric of the result")
        return self

    @property
    def headline_number(self) -> Metric | None:
        """The metric that `headline_metric` names."""
        return None if self.headline_metric is None else self._named_as(self.headline_metric)[0]

    def _named_as(self, key: HeadlineMetric) -> list[Metric]:
        return [metric for metric in self.metrics if (metric.name, metric.of) == (key.name, key.of)]

    def table(self, id: str) -> Table:
        """The table of that id."""
        return next(table for table in self.tables if table.id == id)

    def has_table(self, id: str) -> bool:
        """Whether there is a table of that id."""
        return any(table.id == id for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        """The result as plain JSON values, under the names of `results.json`."""
        return self.model_dump(mode="json", by_alias=True)
