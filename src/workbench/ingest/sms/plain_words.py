"""Texts as plain words: without capitals, accents and apostrophes, a bar where a sentence ends.

The engine does it, for the tables of words as for the replies, so that both are made plain by the same rules.
"""

from collections.abc import Sequence

import duckdb

from workbench.ingest.sms.statements import literal

APOSTROPHES = "['’‘ʼ´`]"
SENTENCE_ENDS = r"[.,;:!?¿¡…\n\r|]+"
BOUNDARY = "|"
# Pictures such as a thumb are words of their own; their colors and joiners are none.
PICTURE = r"(\p{So})"
NO_WORD = r"[^\p{L}\p{M}\p{N}\p{So}|]+"


def plain_words_sql(column: str) -> str:
    """An SQL expression: a text as lower-case words divided by single spaces, `|` between sentences."""
    expression = f"strip_accents(lower({column}))"
    steps = ((APOSTROPHES, ""), (SENTENCE_ENDS, " | "), (PICTURE, r" \1 "), (NO_WORD, " "))
    for pattern, put in steps:
        expression = f"regexp_replace({expression}, {literal(pattern)}, {literal(put)}, 'g')"
    return f"trim({expression}, ' |')"


def alone_sql(words: str) -> str:
    """An SQL expression: plain words without pictures and bounds, as a whole message is compared."""
    return rf"trim(regexp_replace({words}, '[ |\p{{So}}]+', ' ', 'g'))"


def spaced_sql(words: str) -> str:
    """An SQL expression: plain words, each with a space of its own on both sides, so that each is found apart."""
    return f"' ' || replace({words}, ' ', '  ') || ' '"


def spaced(words: str) -> str:
    """The same of one text."""
    return " " + words.replace(" ", "  ") + " "


def plain_words(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as plain words, in their order."""
    if not texts:
        return ()
    with duckdb.connect() as engine:
        made = engine.execute(
            f"SELECT {plain_words_sql('text')} FROM (SELECT unnest(?) AS text, unnest(?) AS place) ORDER BY place",
            [list(texts), list(range(len(texts)))],
        ).fetchall()
    return tuple(words for (words,) in made)
