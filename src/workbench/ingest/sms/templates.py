"""The registry of the texts that a provider sends (`params/sources/templates.yaml`).

A log holds what was sent and not what it was sent for. The registry says it: each template's pattern is its text with
{placeholders} where a name or a time is filled in.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.parameters.reading import read_yaml
from workbench.parameters.validation import validated

Kind = Literal["reminder", "medication", "re_engagement", "survey", "education", "consent_prompt"]
Tone = Literal["formal", "empathetic", "motivational", "neutral"]
Personalization = Literal["generic", "personalized"]

LONGEST_TEXT = 1600  # characters, the most that Twilio sends at once
LONGEST_FILLING = 80  # characters, spaces not counted
# A pattern with fewer written letters and digits would take other texts for its own.
LEAST_WRITTEN = 10
# {first_name}; or {{1}}, as Twilio's own templates write it.
PLACEHOLDER = re.compile(r"\{\{\w+\}\}|\{\w+\}")
# What phones and platforms write for one another.
TYPOGRAPHIC = str.maketrans("‘’ʼ“”–—", "'''\"\"--")
# They are not compared: platforms fold lines, and where nothing is filled in, two of them meet.
SPACES = " \t\r\n\f\v\xa0"


class TextTemplate(BaseModel):
    """One text, and what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(min_length=1, max_length=80, description="the canonical template_id, such as reminder-1")
    pattern: str = Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="the text as it is sent, with {name} wherever something short is filled in",
    )
    kind: Kind
    campaign_id: str | None = Field(default=None, min_length=1, max_length=80)
    tone: Tone | None = None
    personalization: Personalization | None = None
    length: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_TEXT,
        description="characters it was designed with; unless given, those of each text as it was sent",
    )
    cta: str | None = Field(
        default=None, min_length=1, max_length=80, description="what it calls for, such as confirm or book"
    )

    @field_validator("pattern")
    @classmethod
    def _says_enough(cls, pattern: str) -> str:
        written = PLACEHOLDER.sub("", pattern)
        if "{" in written or "}" in written:
            raise ValueError("a brace stands outside a placeholder such as {first_name}")
        if sum(letter.isalnum() for letter in written) < LEAST_WRITTEN:
            raise ValueError(f"it has fewer than {LEAST_WRITTEN} written letters and would fit other texts too")
        return pattern

    @property
    def written(self) -> tuple[str, ...]:
        """The stretches of text around the placeholders, as `bare_text` leaves them."""
        bare = "".join(letter for letter in self.pattern.translate(TYPOGRAPHIC) if letter not in SPACES)
        return tuple(PLACEHOLDER.split(bare))

    @property
    def expression(self) -> str:
        """A regular expression that the whole of a bare text fits; Python and DuckDB read it alike."""
        return f".{{0,{LONGEST_FILLING}}}".join(re.escape(stretch) for stretch in self.written)

    @property
    def asks_to_confirm(self) -> bool:
        """Whether words such as "cancel" or "yes" may be an answer to it."""
        return self.kind == "reminder" or self.cta == "confirm"


class Templates(BaseModel):
    """All the texts a provider sends."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    templates: tuple[TextTemplate, ...]

    @model_validator(mode="after")
    def _each_its_own(self) -> Self:
        if not self.templates:
            raise ValueError("no template is told; name at least one")
        ids = [template.id for template in self.templates]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"two templates have the id {', '.join(twice)}; give each an id of its own")
        hidden = [f'"{later.id}" behind "{earlier.id}"' for earlier, later in _hidden(self.in_order)]
        if hidden:
            raise ValueError(
                f"the texts of one template fit another that is looked at before it: {', '.join(hidden)}; "
                "word them apart, or leave one out"
            )
        return self

    @property
    def in_order(self) -> tuple[TextTemplate, ...]:
        """The order in which they are looked at: the one with the most written text first."""
        return tuple(sorted(self.templates, key=lambda each: (-sum(map(len, each.written)), each.id)))


def read_templates(path: Path, root: Path) -> Templates:
    """Read and check the registry; `path` is absolute.

    Raises:
        Refused: with all its faults.
    """
    label = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    document = read_yaml(path, label=label)
    return validated(Templates, document.values, document.where)


def _hidden(ordered: tuple[TextTemplate, ...]) -> Iterator[tuple[TextTemplate, TextTemplate]]:
    """Templates whose own text an earlier one would take for its own."""
    for place, later in enumerate(ordered):
        example = "x".join(later.written)
        for earlier in ordered[:place]:
            if re.fullmatch(earlier.expression, example):
                yield earlier, later
