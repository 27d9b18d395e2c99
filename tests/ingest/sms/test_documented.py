"""What the page on message logs shows is what the reader takes."""

import re
from pathlib import Path

import pytest
import yaml

from workbench.ingest.sms import reply_words
from workbench.ingest.sms.settings import TwilioFeed
from workbench.ingest.sms.templates import Templates, TextTemplate
from workbench.parameters.validation import validated

HERE = Path(__file__).resolve().parents[3]
PAGE = (HERE / "docs" / "operations" / "ingest-sms.md").read_text(encoding="utf-8")
FEED, TEMPLATES, WORDS = (
    yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
)


def test_its_examples_are_valid():
    assert validated(TwilioFeed, FEED, str).kind_of_unmatched == "education"
    assert validated(Templates, TEMPLATES, str).in_order[0].asks_to_confirm
    assert validated(reply_words.ReplyWords, WORDS, str).languages["en"].confirm.alone == ("c", "ok")


def keys(heading):
    """The names in the first column of the first table below a heading."""
    table = re.search(r"(?:^\|.*\n)+", PAGE.partition(f"{heading}\n")[2].partition("| key |")[2], re.M)
    return {name for line in table[0].splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1])}


@pytest.mark.parametrize(
    ("heading", "model", "beside"),
    [
        ("## The files", TwilioFeed, {"name", "reads", "files", "exported_at"}),
        ("## Texts and their templates", TextTemplate, set()),
    ],
)
def test_every_key_is_told(heading, model, beside):
    assert keys(heading) == model.model_fields.keys() - beside


def test_the_words_that_always_count_are_told():
    below = PAGE.partition("## Consent\n")[2].partition("## Distress")[0]
    assert all(f"`{word}`" in below for word in (*reply_words.WITHDRAWAL, *reply_words.RETURNS))
