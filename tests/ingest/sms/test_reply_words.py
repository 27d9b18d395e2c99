"""The tables of words, and what replies say by them."""

from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.ingest.sms.plain_words import alone_sql, plain_words, plain_words_sql
from workbench.ingest.sms.reply_meaning import with_meaning
from workbench.ingest.sms.reply_words import CANCEL, CONFIRM, RETURNS, WITHDRAWAL, read_reply_words
from workbench.refusal import Refused
from workbench.tables.schema import REPLY_INTENTS

HERE = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def say():
    """What a text says by the committed words: intent, distress, change of consent, either."""
    words = read_reply_words(HERE / "params" / "sources" / "reply_words.yaml", HERE)
    query = f"SELECT said, distress, change, either FROM ({with_meaning('SELECT ?::VARCHAR AS text', 'text', words)})"
    with duckdb.connect() as engine:
        yield lambda text: engine.execute(query, [text]).fetchone()


def read(tmp_path, languages):
    path = tmp_path / "reply_words.yaml"
    path.write_text(yaml.safe_dump({"languages": languages}, allow_unicode=True), encoding="utf-8")
    return read_reply_words(path, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "C": "confirm",
        "Yes I'll be there": "confirm",
        "yes…": "confirm",
        "👍🏽": "confirm",
        "Sí": "confirm",
        "Ahí estaré!!": "confirm",
        "I won't be there": "cancel",
        "I can't make it": "cancel",
        "I can’t make it": "cancel",
        "No puedo ir": "cancel",
        "No, cancelar": "cancel",
        "Need to cancel, can we do another day?": "reschedule",
        "¿Puedo cambiar la cita?": "reschedule",
        "please don't cancel my appointment": "other",
        "no cancelar": "other",
        "Where do I park?": "question",
        "confirm?": "confirm",
        "I will be there, is parking free?": "question",
        "thanks": "other",
        "": "other",
        "🎉": "other",
        "STOP": "stop",
        "please stop texting me": "stop",
        "No más": "stop",
        "I want to kill myself": "distress",
        "STOP texting me. I want to die.": "distress",
        "I do not want to die": "distress",
        "Quiero morir": "distress",
    }.items(),
)
def test_a_reply_says_one_thing(say, text, said):
    assert said in REPLY_INTENTS
    assert say(text)[0] == said


@pytest.mark.parametrize(
    ("text", "change", "either"),
    [
        ("stop", "withdrawal", False),
        ("  StOp!! ", "withdrawal", False),
        ("STOP 🛑", "withdrawal", False),
        ("Opt-Out", "withdrawal", False),
        ("opt\nout", "withdrawal", False),
        ("¡ALTO!", "withdrawal", False),
        ("s\u0301top", "withdrawal", False),
        ("cancel.", "withdrawal", True),
        ("End", "withdrawal", True),
        ("Please stop texting me", "withdrawal", False),
        ("Not coming. Stop texting me", "withdrawal", False),
        ("I want to die. stop texting me", "withdrawal", False),
        ("don't stop", None, False),
        ("Don’t stop texting me", None, False),
        ("never please stop texting me", None, False),
        ("I will stop by at the office", None, False),
        ("Cancel my appointment", None, False),
        ("in the end I came", None, False),
        ("START", "returns", False),
        ("un-stop", None, False),
        ("Unstop", "returns", False),
        ("yes", "returns", True),
        ("yes please", None, False),
        ("", None, False),
    ],
)
def test_words_change_consent_as_a_whole_message_and_phrases_within_one(say, text, change, either):
    assert say(text)[2:] == (change, either)


def test_a_reply_without_a_text_says_nothing_of_itself(say):
    assert say(None) == (None, False, None, False)


@pytest.mark.parametrize("word", WITHDRAWAL)
def test_words_of_law_withdraw_whatever_the_tables_say(tmp_path, word):
    words = read(tmp_path, {"xx": {}})
    query = f"SELECT change, either FROM ({with_meaning('SELECT ? AS text', 'text', words)})"
    with duckdb.connect() as engine:
        assert engine.execute(query, [word.upper()]).fetchone() == ("withdrawal", word in CANCEL)


def test_words_of_return_count_whatever_the_tables_say(tmp_path):
    words = read(tmp_path, {"xx": {}})
    assert words.alone("returns") == RETURNS
    assert words.alone("confirm") == CONFIRM


CASES = st.sampled_from([str.upper, str.lower, str.title, str.capitalize])
NOISE = st.text("!.,;:-_*\"'’() \t\n🛑🙏…", max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*WITHDRAWAL, "alto", "por favor pare", "número equivocado"]), CASES, NOISE, NOISE)
def test_neither_case_nor_punctuation_hides_a_withdrawal(say, word, cased, before, after):
    assert say(before + cased(word) + after)[2] == "withdrawal"


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60))
def test_plain_words_of_plain_words_are_the_same(text):
    (once,) = plain_words([text])
    assert plain_words([once]) == (once,)
    assert "  " not in once


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60))
def test_alone_a_text_is_letters_and_digits_with_single_spaces(text):
    with duckdb.connect() as engine:
        (alone,) = engine.execute(
            f"SELECT {alone_sql(plain_words_sql('t'))} FROM (SELECT ? AS t)", [text]
        ).fetchone()
    assert alone == " ".join(alone.split(" "))
    assert not set(alone) & set("|!?.,;:'’")


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        ({}, "no language is told"),
        ({"en": {"confirm": {"alone": ["stop"]}}}, '"stop" alone stands for both withdrawal and confirm'),
        ({"en": {"returns": {"alone": ["Quit!"]}}}, '"quit" alone stands for both withdrawal and returns'),
        (
            {"en": {"cancel": {"anywhere": ["a b"]}}, "es": {"question": {"anywhere": ["Á  b"]}}},
            '"a b" anywhere stands for both cancel and question',
        ),
        ({"en": {"confirm": {"alone": ["👍"]}}}, "en.confirm has an entry without a letter or digit"),
        ({"en": {"negations": ["--"]}}, "en.negations has an entry without a letter or digit"),
        ({"en": {"greeting": {"alone": ["hello"]}}}, "greeting"),
    ],
)
def test_words_with_faults_are_refused(tmp_path, languages, sentence):
    with pytest.raises(Refused) as refused:
        read(tmp_path, languages)
    assert sentence in str(refused.value)
