"""Texts for those templates of a scenario that nobody has worded, and the registry by which ingest knows them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from workbench.parameters.writing import yaml_lines
from workbench.simulate.vendors.twilio_texts import AS_DESIGNED, TEXTS

TRAITS = ("kind", "campaign_id", "tone", "personalization", "length", "cta")
_FILLING = "We are here for you whenever it suits you, and we would be glad to hear from you again soon. "


@dataclass(frozen=True)
class SentTemplate:
    """A template as the table of messages tells it, and its text with placeholders."""

    template_id: str
    traits: Mapping[str, str | int]
    text: str


def sent_templates(messages: pa.Table) -> tuple[SentTemplate, ...]:
    """The templates that were sent, in the order of their names, each with the text written for it or one composed."""
    rows = messages.select(["template_id", *TRAITS]).group_by(["template_id", *TRAITS]).aggregate([])
    found = {row["template_id"]: row for row in rows.to_pylist()}
    return tuple(
        SentTemplate(name, {trait: row[trait] for trait in TRAITS}, TEXTS.get(name) or _composed(row))
        for name, row in sorted(found.items())
    )


def registry_text(templates: tuple[SentTemplate, ...]) -> str:
    """A registry of templates, as `params/sources/templates.yaml` is one."""
    entries = [{"id": each.template_id, "pattern": each.text, **each.traits} for each in templates]
    return yaml_lines({"templates": entries}) + "\n"


def _composed(template: Mapping[str, str | int]) -> str:
    """A text of the template's length, unlike any other's by the link in it."""
    named = template["personalization"] == "personalized"
    greeting = "Hi {first_name}, this is Northside Counseling. " if named else "Northside Counseling: "
    link = f"northside.example/{template['template_id']}"
    placeholder = len("{first_name}") - len(AS_DESIGNED["first_name"]) if named else 0
    room = int(template["length"]) + placeholder - len(greeting) - len(link)
    filling = (_FILLING * (1 + max(room, 0) // len(_FILLING)))[: max(room, 0)]
    return greeting + filling[:-1] + (" " if filling else "") + link
