"""What a reply says, told by the tables of words inside the engine, so that no reply leaves the file."""

import re
from collections.abc import Iterable, Sequence

from workbench.ingest.sms.plain_words import (
    BOUNDARY,
    alone_sql,
    plain_words_sql,
    spaced,
    spaced_sql,
)
from workbench.ingest.sms.reply_words import Lexicon, Meaning, PlainLanguage
from workbench.ingest.sms.statements import listed, literal

INTENTS: tuple[Meaning, ...] = ("reschedule", "cancel", "question", "confirm")
"""What a reply may say beside distress and withdrawal; of several the first counts."""


def with_meaning(rows: str, body: str, words: Lexicon) -> str:
    """An SQL query: the rows, and what the text in the column `body` of each says.

    It adds `said` (an intent, or null where the body is), `distress` (whether there are words of it), `change` (of
    consent: "withdrawal", "returns" or null) and `either` (whether the whole message is a word that changes consent
    and may as well be an answer to a reminder; then `said` is that answer).
    """
    languages = list(words.languages.values())
    unnegated = ", ".join(
        f"{_unnegated('spaced', language)} AS said_{place}" for place, language in enumerate(languages)
    )
    plain = f"SELECT *, {plain_words_sql(body)} AS plain FROM ({rows})"
    forms = f"SELECT *, {alone_sql('plain')} AS alone, {spaced_sql('plain')} AS spaced FROM ({plain})"
    told = f"SELECT *, {unnegated} FROM ({forms})"
    meanings = (
        f"SELECT *, {_distress(words)} AS distress, {_change(words)} AS change, {_either(words)} AS either "
        f"FROM ({told})"
    )
    helpers = ", ".join(["plain", "alone", "spaced", *(f"said_{place}" for place in range(len(languages)))])
    return f"SELECT * EXCLUDE ({helpers}), {_said(body, words)} AS said FROM ({meanings})"


def _distress(words: Lexicon) -> str:
    """Negated or not: who writes "I do not want to die" writes of dying."""
    patterns = [
        f"regexp_matches(spaced, {literal(pattern)})"
        for language in words.languages.values()
        if (pattern := _any_of(language.anywhere["distress"]))
    ]
    return f"({' OR '.join([f'alone IN {listed(words.alone("distress"))}', *patterns])}) IS TRUE"


def _change(words: Lexicon) -> str:
    return (
        f"CASE WHEN alone IN {listed(words.alone('withdrawal'))} THEN 'withdrawal' "
        f"WHEN alone IN {listed(words.alone('returns'))} THEN 'returns' "
        f"WHEN {_anywhere('withdrawal', words)} THEN 'withdrawal' "
        f"WHEN {_anywhere('returns', words)} THEN 'returns' END"
    )


def _either(words: Lexicon) -> str:
    cancels = _both(words.alone("withdrawal"), words.alone("cancel"))
    confirms = _both(words.alone("returns"), words.alone("confirm"))
    return f"(alone IN {listed((*cancels, *confirms))}) IS TRUE"


def _said(body: str, words: Lexicon) -> str:
    cases = [f"WHEN {body} IS NULL THEN NULL", "WHEN distress THEN 'distress'"]
    cases += [f"WHEN alone IN {listed(words.alone(intent))} THEN '{intent}'" for intent in INTENTS]
    cases.append("WHEN change = 'withdrawal' THEN 'stop'")
    for intent in INTENTS:
        asks = f"regexp_matches({body}, '[?？؟]') OR " if intent == "question" else ""
        cases.append(f"WHEN {asks}{_anywhere(intent, words)} THEN '{intent}'")
    return f"CASE {' '.join(cases)} ELSE 'other' END"


def _anywhere(meaning: Meaning, words: Lexicon) -> str:
    """Whether a phrase of any language stands in the message and is not negated."""
    found = [
        f"regexp_matches(said_{place}, {literal(pattern)})"
        for place, language in enumerate(words.languages.values())
        if (pattern := _any_of(language.anywhere[meaning]))
    ]
    return f"({' OR '.join(found) or 'false'})"


def _unnegated(spaced_words: str, language: PlainLanguage) -> str:
    """The message without the language's phrases that follow a negation, at once or one word later."""
    meanings: tuple[Meaning, ...] = ("withdrawal", "returns", *INTENTS)
    phrases = _any_of([text for each in meanings for text in language.anywhere[each]])
    negations = _any_of(language.negations)
    if not phrases or not negations:
        return spaced_words
    pattern = f"{negations}(?: [^ {BOUNDARY}]+ )?{phrases}"
    return f"regexp_replace({spaced_words}, {literal(pattern)}, ' ', 'g')"


def _any_of(phrases: Sequence[str]) -> str:
    """A pattern for one of the phrases among spaced words; the longest goes first. Nothing where there are none."""
    ordered = sorted(set(phrases), key=lambda each: (-len(each), each))
    return f"(?:{'|'.join(re.escape(spaced(each)) for each in ordered)})" if ordered else ""


def _both(these: Iterable[str], those: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(these) & set(those)))
