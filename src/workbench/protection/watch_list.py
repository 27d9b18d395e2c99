"""The watch list: keyed hashes of what identifies a person, so that the list itself tells nobody.

A run looks up the words of what it would publish; without the key the hashes can neither be read nor be tried
against a telephone book.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np

DIGEST = 12
"""Bytes kept of each hash: among 10 million entries and as many look-ups, one false hit in 10^14 pages."""

MOST_WORDS = 5
EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
NUMBERS = re.compile(r"(?<![^\W_])\d[\d\s().\-/+_\u2010-\u2015\u2212]*\d(?![^\W_])")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WORD = re.compile(r"[^\W_]+(?:['’_\u2010-\u2015-]+[^\W_]+)*")
JOINER = re.compile(r"['’_\u2010-\u2015-]+")


class Digests(Set[bytes]):
    """A set of digests of `DIGEST` bytes each, kept side by side: as Python's own objects they would take eight times
    as much memory, and a provider may have millions of people.
    """

    def __init__(self, joined: bytes | bytearray) -> None:
        # Zeros at the end of a digest do not count in this type, and as all are of one length, none is lost by it.
        self._sorted = _sorted(np.frombuffer(joined, f"S{DIGEST}"))

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Set[Any]:
        # What the operators of sets (|, &, -) make their results by.
        return cls(b"".join(it))

    def __or__(self, other: Set[Any]) -> "Digests":
        return Digests(b"".join(chain(self, other)))

    def __len__(self) -> int:
        return self._sorted.size

    def __iter__(self) -> Iterator[bytes]:
        return (each.ljust(DIGEST, b"\0") for each in self._sorted.tolist())

    def __contains__(self, digest: object) -> bool:
        return not self.isdisjoint([digest])

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Whether none of the digests given is in the set; all are looked up at once."""
        wanted = np.array(list(other), self._sorted.dtype)
        places = np.searchsorted(self._sorted, wanted)
        found = places < len(self)
        return not (self._sorted[places[found]] == wanted[found]).any()

    def to_bytes(self) -> bytes:
        """The digests, sorted, side by side."""
        return self._sorted.tobytes()


def _sorted(digests: np.ndarray) -> np.ndarray:
    """The digests in order, each once; by their first eight bytes as a number, which is much faster than as text."""
    if not _in_order(digests):
        first = np.ndarray(digests.shape, ">u8", digests, strides=(DIGEST,)).astype("u8")
        digests = digests[np.argsort(first)]
        digests = digests[np.append(True, digests[1:] != digests[:-1])]
    return digests if _in_order(digests) else np.unique(digests)


def _in_order(digests: np.ndarray) -> bool:
    return bool((digests[:-1] < digests[1:]).all())


@dataclass(frozen=True)
class WatchList:
    """Hashes of normalized tokens under a key, and the number of words of the longest."""

    key: bytes = field(repr=False)
    hashes: Digests = field(repr=False)
    words: int = 3

    @classmethod
    def of(cls, tokens: Iterable[str], key: bytes | None = None) -> "WatchList":
        """The list of phone numbers, e-mails, record numbers, full names and pseudonyms given.

        A full name is found with the last name first too. Left out are tokens that could stand on any page:
        shorter than four characters, or numbers of fewer than six digits.
        """
        key = key or secrets.token_bytes(32)
        joined, words, keyed = bytearray(), 3, blake2b(key=key, digest_size=DIGEST)
        for form in chain.from_iterable(map(_forms, tokens)):
            digest = keyed.copy()
            digest.update(form.encode())
            joined += digest.digest()
            if " " in form:
                words = max(words, form.count(" ") + 1)
        return cls(key, Digests(joined), min(words, MOST_WORDS))

    def joined(self, tokens: Iterable[str]) -> "WatchList":
        """The list with further tokens, under the same key."""
        more = WatchList.of(tokens, self.key)
        both = Digests(self.hashes.to_bytes() + more.hashes.to_bytes())
        return WatchList(self.key, both, max(self.words, more.words))

    def contains(self, text: str) -> bool:
        """Whether a listed token stands in the text, as one word, as a run of words, or as a number in groups."""
        return self._any(_candidates(text, self.words))

    def contains_run(self, text: str) -> bool:
        """Whether a listed name stands in text whose numbers are unrelated, such as cells side by side."""
        runs = chain(_runs(_joined(folded(text)), self.words), _runs(_words(folded(text)), self.words))
        return self._any(run for run in runs if not run.replace(" ", "").isdigit())

    def to_bytes(self) -> bytes:
        """The list for keeping, in a private folder only: words (1 byte), key (32), hashes."""
        return bytes([self.words]) + self.key + self.hashes.to_bytes()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "WatchList":
        """The list that `to_bytes` kept. Raises ValueError where bytes are missing."""
        words, key, rest = kept[:1], kept[1:33], kept[33:]
        if len(key) != 32 or len(rest) % DIGEST:
            raise ValueError("the watch list is cut off; ingest the data again")
        return cls(key, Digests(rest), words[0])

    def _any(self, candidates: Iterable[str]) -> bool:
        return bool(self.hashes) and not self.hashes.isdisjoint(
            _digest(self.key, form) for form in set(candidates)
        )


def folded(text: str) -> str:
    """Text in one form: compatibility characters resolved, accents and invisible signs removed, case folded."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Mn"}).casefold()


def _digest(key: bytes, form: str) -> bytes:
    return blake2b(form.encode(), key=key, digest_size=DIGEST).digest()


def _forms(token: str) -> Iterator[str]:
    """The normal forms under which a token is listed."""
    plain = folded(token).strip()
    if plain.isascii() and plain.isalnum() and not plain.isdecimal():
        # A word, as a pseudonym is: there may be millions, and nothing in it is to be taken apart.
        if len(plain) >= 4:
            yield plain
        return
    if EMAIL.fullmatch(plain):
        yield plain
        return
    if not any(character.isalpha() for character in plain):
        digits = _without_prefix("".join(re.findall(r"\d", plain)))
        if len(digits) >= 6:
            yield digits
        return
    words = _joined(plain)
    if sum(map(len, words)) >= 4:
        yield " ".join(words)
        if len(words) > 1:
            yield " ".join(words[-1:] + words[:-1])
            yield from _apart(plain)


def _apart(plain: str) -> Iterator[str]:
    """A full name with hyphens for spaces, the last name first too: "maria lopez ortega", "lopez ortega maria"."""
    names = plain.split()
    if not any(map(JOINER.search, names)):
        return
    for order in (names, names[-1:] + names[:-1]):
        words = _words(" ".join(order))
        if len(words) <= MOST_WORDS:
            yield " ".join(words)


def _candidates(text: str, most: int) -> Iterator[str]:
    plain = folded(text)
    yield from EMAIL.findall(plain)
    for run in NUMBERS.findall(DATE.sub(" x ", plain)):
        yield from _numbers(re.findall(r"\d+", run))
    joined = _joined(plain)
    split = _words(plain)
    yield from _runs(joined, most)
    if split != joined:
        yield from _runs(split, most)
        yield from (run.replace(" ", "") for run in _runs(split, most) if any(map(str.isalpha, run)))


def _joined(plain: str) -> list[str]:
    """Words in which hyphens, apostrophes and underscores are left out."""
    return [JOINER.sub("", word) for word in WORD.findall(plain)]


def _words(plain: str) -> list[str]:
    """Words cut at hyphens, apostrophes and underscores."""
    return re.findall(r"[^\W_]+", plain)


def _runs(words: list[str], most: int) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            yield " ".join(words[start:end])


def _numbers(groups: list[str]) -> Iterator[str]:
    """Numbers that groups of digits side by side may form, of 6 to 15 digits (the longest phone number, E.164)."""
    for start in range(len(groups)):
        number = ""
        for group in groups[start:]:
            number += group
            if len(number) > 17:
                break
            if len(number) >= 6:
                yield number
                yield _without_prefix(number)


def _without_prefix(digits: str) -> str:
    """A number without the international prefix 00 and without North America's leading 1."""
    digits = digits.removeprefix("00") if len(digits) > 10 else digits
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
