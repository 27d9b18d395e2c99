"""The words by which replies are understood (`params/sources/reply_words.yaml`), a table for each language.

What language a person writes in is not known, so all tables count for every reply.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.ingest.sms.plain_words import plain_words
from workbench.parameters.reading import read_yaml
from workbench.parameters.validation import validated

Meaning = Literal["distress", "withdrawal", "returns", "reschedule", "cancel", "question", "confirm"]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)

# A whole message of one of these withdraws consent whatever the tables say: the words that 47 CFR 64.1200(a)(10) calls
# reasonable per se, and those that Twilio acts upon by itself, as it does upon those of return.
WITHDRAWAL = (
    "stop",
    "quit",
    "end",
    "revoke",
    "opt out",
    "optout",
    "cancel",
    "unsubscribe",
    "stopall",
    "stop all",
)
RETURNS = ("start", "unstop", "yes")
# Of these, the ones that are also an answer to a reminder.
CANCEL = ("cancel", "end")
CONFIRM = ("yes",)


class Words(BaseModel):
    """Words of one meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    alone: tuple[str, ...] = Field(default=(), description="what the whole message says")
    anywhere: tuple[str, ...] = Field(default=(), description="words in a row, anywhere in the message")


class Language(BaseModel):
    """One language's words; capitals, accents and punctuation make no difference."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    negations: tuple[str, ...] = Field(
        default=(),
        description="words that turn what follows them, or follows one word later, into its opposite; words of "
        "distress count all the same",
    )
    distress: Words = Words()
    withdrawal: Words = Words()
    returns: Words = Words()
    reschedule: Words = Words()
    cancel: Words = Words()
    question: Words = Words()
    confirm: Words = Words()


class ReplyWords(BaseModel):
    """All languages' words, as they are written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    languages: dict[str, Language]

    @model_validator(mode="after")
    def _each_says_one_thing(self) -> Self:
        if not self.languages:
            raise ValueError("no language is told under languages; name at least one")
        plain = lexicon(self)
        faults = [*_empty(plain), *_ambiguous(plain)]
        if faults:
            raise ValueError("; ".join(faults))
        return self


@dataclass(frozen=True)
class PlainLanguage:
    """One language's words as plain words, by meaning."""

    negations: tuple[str, ...]
    alone: Mapping[Meaning, tuple[str, ...]]
    anywhere: Mapping[Meaning, tuple[str, ...]]


@dataclass(frozen=True)
class Lexicon:
    """All languages' words as plain words, by the name of the language."""

    languages: Mapping[str, PlainLanguage]

    def alone(self, meaning: Meaning) -> tuple[str, ...]:
        """Whole messages of a meaning in any language, and those that count always."""
        always: Mapping[Meaning, tuple[str, ...]] = {
            "withdrawal": WITHDRAWAL,
            "returns": RETURNS,
            "cancel": CANCEL,
            "confirm": CONFIRM,
        }
        told = [word for language in self.languages.values() for word in language.alone[meaning]]
        return tuple(dict.fromkeys([*always.get(meaning, ()), *told]))

    def anywhere(self, meaning: Meaning) -> tuple[str, ...]:
        """Words in a row of a meaning in any language."""
        return tuple(word for language in self.languages.values() for word in language.anywhere[meaning])


def read_reply_words(path: Path, root: Path) -> Lexicon:
    """Read and check the words; `path` is absolute.

    Raises:
        Refused: with all their faults.
    """
    label = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    document = read_yaml(path, label=label)
    return lexicon(validated(ReplyWords, document.values, document.where))


def lexicon(words: ReplyWords) -> Lexicon:
    """The words as plain words."""
    every = [text for language in words.languages.values() for text in _texts(language)]
    plain = dict(zip(every, plain_words(every), strict=True))

    def made(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(plain[text] for text in texts)

    return Lexicon(
        {
            name: PlainLanguage(
                negations=made(language.negations),
                alone={meaning: made(getattr(language, meaning).alone) for meaning in MEANINGS},
                anywhere={meaning: made(getattr(language, meaning).anywhere) for meaning in MEANINGS},
            )
            for name, language in words.languages.items()
        }
    )


def _texts(language: Language) -> Iterator[str]:
    yield from language.negations
    for meaning in MEANINGS:
        yield from getattr(language, meaning).alone
        yield from getattr(language, meaning).anywhere


def _empty(plain: Lexicon) -> Iterator[str]:
    """Entries of which nothing is left but punctuation; alone, a picture is nothing either."""
    for name, language in plain.languages.items():
        if not all(language.negations):
            yield f"{name}.negations has an entry without a letter or digit"
        for meaning in MEANINGS:
            alone = all(any(map(str.isalnum, text)) for text in language.alone[meaning])
            if not alone or not all(language.anywhere[meaning]):
                yield f"{name}.{meaning} has an entry without a letter or digit"


def _ambiguous(plain: Lexicon) -> Iterator[str]:
    """What stands under two meanings, unless an answer to a reminder may well mean both."""
    both = [{"withdrawal", "cancel"}, {"returns", "confirm"}]
    for one, other in combinations(MEANINGS, 2):
        if {one, other} not in both:
            yield from _shared("alone", one, other, plain.alone(one), plain.alone(other))
        yield from _shared("anywhere", one, other, plain.anywhere(one), plain.anywhere(other))


def _shared(how: str, one: str, other: str, these: Iterable[str], those: Iterable[str]) -> Iterator[str]:
    for text in sorted(set(these) & set(those)):
        yield f'"{text}" {how} stands for both {one} and {other}; keep it under one'
