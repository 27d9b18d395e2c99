"""The registry of the texts that are sent."""

from typing import get_args

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.ingest.sms.template_matching import bare_text, fitting
from workbench.ingest.sms.templates import (
    Kind,
    Personalization,
    Templates,
    TextTemplate,
    Tone,
    read_templates,
)
from workbench.refusal import Refused
from workbench.tables.schema import MESSAGE_KINDS, PERSONALIZATIONS, TONES


def made(*patterns):
    return Templates(
        templates=tuple(
            TextTemplate(id=f"t{place}", pattern=pattern, kind="education")
            for place, pattern in enumerate(patterns)
        )
    )


def matched(templates, body):
    """The ids of the templates that a text fits, the one that counts first."""
    with duckdb.connect() as engine:
        query = f"SELECT {fitting('text', templates)} FROM (SELECT {bare_text('body')} AS text FROM (SELECT ? AS body))"
        (places,) = engine.execute(query, [body]).fetchone()
    return [templates.in_order[place].id for place in places]


def test_the_vocabularies_are_the_canonical_ones():
    assert get_args(Kind) == MESSAGE_KINDS
    assert get_args(Tone) == TONES
    assert get_args(Personalization) == PERSONALIZATIONS


@pytest.mark.parametrize(
    ("pattern", "body", "fits"),
    [
        ("See you on Monday.", "See you on Monday.", True),
        ("See you on Monday.", "See you on Monday!", False),
        ("See you on Monday.", "See you on MondayX", False),
        ("See you on Monday.", "Hi. See you on Monday.", False),
        ("{name}, see you on {day} then", "Zorb, see you on Monday 3 p.m. then", True),
        ("{name}, see you on {day} then", ", see you on  then", True),
        ("{{1}}, see you on {{2}} then", "Zorb, see you on Monday then", True),
        ("See you {when} (really? 100%) [a-z]* $5 ^", "See you soon (really? 100%) [a-z]* $5 ^", True),
        ("See you {when} (really? 100%) [a-z]* $5 ^", "See you soon real 100% a $5", False),
        ("It's time: “book”", "It’s\u00a0time:\n'book'", False),
        ("It's time: “book”", 'It’s\u00a0time:\n"book" ', True),
        ("Hello {name}, come back", "Hello " + "x" * 80 + ", come back", True),
        ("Hello {name}, come back", "Hello " + "x" * 81 + ", come back", False),
        ("Ünïcödé ends hére {x} 👋", "Ünïcödé ends hére now 👋", True),
    ],
)
def test_a_text_fits_its_pattern_alone(pattern, body, fits):
    assert bool(matched(made(pattern), body)) is fits


LETTERS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="{}"), max_size=30
)


@settings(deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=4), st.text("abc 123.,!", max_size=80))
def test_whatever_is_written_around_a_placeholder_its_own_texts_fit(stretches, filling):
    pattern = "this template: " + "{name}".join(stretches)
    assert matched(made(pattern), ("this template: " + filling.join(stretches))) == ["t0"]


def test_of_several_that_fit_the_one_with_the_most_written_text_counts():
    templates = made("Your visit is on {day}.", "Your visit is on {day}. Reply STOP to end.")
    assert matched(templates, "Your visit is on Monday. Reply STOP to end.") == ["t1", "t0"]
    assert matched(templates, "Your visit is on Monday.") == ["t0"]


def read(tmp_path, *templates):
    path = tmp_path / "templates.yaml"
    path.write_text(yaml.safe_dump({"templates": [dict(each) for each in templates]}), encoding="utf-8")
    return read_templates(path, tmp_path)


ENTRY = {"id": "a", "pattern": "See you soon, {name}", "kind": "reminder"}


@pytest.mark.parametrize(
    ("entries", "sentences"),
    [
        ([], ["no template is told"]),
        ([ENTRY | {"kind": "remainder"}], ["kind", 'Did you mean "reminder"']),
        ([ENTRY | {"pattern": "{a} {b} to {c}"}], ["fewer than 10 written letters"]),
        ([ENTRY | {"pattern": "See you soon, {first name}"}], ["a brace stands outside a placeholder"]),
        ([ENTRY | {"tone": "rude", "length": 0}], ["tone", "length"]),
        ([ENTRY, ENTRY], ["two templates have the id a"]),
        ([ENTRY, ENTRY | {"id": "b"}], ['"b" behind "a"']),
        ([ENTRY, ENTRY | {"id": "b", "pattern": "See you soon, {somebody}"}], ['"b" behind "a"']),
        ([ENTRY | {"langauge": "en"}], ["langauge"]),
    ],
)
def test_a_registry_with_faults_is_refused(tmp_path, entries, sentences):
    with pytest.raises(Refused) as refused:
        read(tmp_path, *entries)
    assert all(sentence in str(refused.value) for sentence in sentences), refused.value
    assert "a list was given" not in str(refused.value)
    assert str(refused.value).startswith("templates.yaml")
