"""Feeds proposed for exports of survey tools: who is named, and which answers are a closed list or a number."""

import re
from collections.abc import Iterator, Sequence
from itertools import count, groupby
from typing import Any

from workbench.ingest.drafting.lines import FILL, Check
from workbench.ingest.drafting.profile import Kind, Profile
from workbench.ingest.drafting.vocabulary import FREQUENCIES, INSTRUMENTS, MESSAGE_NAMES, RECORD_NAMES, fits

FEWEST_ITEMS = 2
LONGEST_NAME = 60


def survey_feed(
    reads: str, file: str, answers: Sequence[Profile], others: Sequence[Profile], mails: Sequence[str]
) -> dict[str, Any]:
    """The entry under `feeds` for an export.

    Args:
        reads: the tool.
        file: its file.
        answers: what the columns of questions look like; each is called as settings call it.
        others: the same of columns that are data beside answers, such as a record number.
        mails: columns of e-mail addresses that the tool itself writes.
    """
    person = _person(others, mails)
    feed: dict[str, Any] = {"reads": reads, "files": file, "person": person}
    message = _first(others, MESSAGE_NAMES)
    if message is not None:
        feed["message_id"] = Check(message, "that this is the key of the text that was answered")
    instruments = list(_instruments(answers))
    if instruments:
        feed["instruments"] = Check(instruments, "what each is, and leave out what is not needed")
    elif isinstance(person, dict):
        feed["instruments"] = Check(
            [{"instrument": FILL, "score": FILL}], "no column of answers was recognized"
        )
    return feed


def _person(others: Sequence[Profile], mails: Sequence[str]) -> Any:
    record = _first([column for column in others if column.kind is not Kind.EMPTY], RECORD_NAMES)
    if record is not None:
        return {"record": Check(record, "that this is the provider's record number")}
    if mails:
        return {"email": Check(mails[0], "the person is found by this address alone")}
    return Check("none", "no column names the person, so that answers are counted and left")


def _first(columns: Sequence[Profile], names: Sequence[str]) -> str | None:
    return next((column.name for called in names for column in columns if fits(called, column.plain)), None)


def _instruments(answers: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    """Columns of one stem with one kind of answer are items; a number is a score; other words are codes."""
    taken: set[str] = set()
    for stem, group in groupby(answers, key=_stem):
        columns = list(group)
        whole = _as_one(stem, columns) if stem and len(columns) >= FEWEST_ITEMS else None
        for entry in [whole] if whole else filter(None, map(_alone, columns)):
            name = _free(entry["instrument"], taken)
            taken.add(name)
            yield entry | {
                "instrument": Check(name, "its name" + (", and that these make one" if whole else ""))
            }


def _stem(column: Profile) -> str:
    """What the columns of one question, or of one scale, have in common."""
    question, spread, _ = column.name.partition(" | ")
    numbered = re.fullmatch(r"(.*?)[_. ]?\d+", column.name)
    return question if spread else numbered[1] if numbered else ""


def _as_one(stem: str, columns: Sequence[Profile]) -> dict[str, Any] | None:
    """A scale of several items, or a question of which several answers may be given."""
    answered = [column for column in columns if column.kind is not Kind.EMPTY]
    names = [column.name for column in columns]
    if not answered:
        return None
    if all(column.kind is Kind.WHOLE for column in answered):
        return {"instrument": _instrument(stem), "items": names}
    words = list(dict.fromkeys(word for column in answered for word in column.words))
    if all(column.words and _of_scale(column) for column in answered):
        points = {word: FREQUENCIES[word.lower()] for word in words}
        others = {word.capitalize(): at for word, at in FREQUENCIES.items() if at not in points.values()}
        return {"instrument": _instrument(stem), "items": names, "values": points | others}
    if all(len(column.words) == 1 for column in answered):
        codes = {word: place for place, word in enumerate(words, 1)}
        told = [column.name for column in answered]
        return {"instrument": _instrument(stem), "coded": told, "values": codes}
    return None


def _alone(column: Profile) -> dict[str, Any] | None:
    """A score, or a closed list."""
    name = _instrument(column.name.rpartition(" | ")[2])
    if column.kind in (Kind.WHOLE, Kind.NUMBER):
        return {"instrument": name, "score": column.name}
    if column.words:
        codes = {word: place for place, word in enumerate(sorted(column.words), 1)}
        return {"instrument": name, "coded": [column.name], "values": codes}
    return None


def _of_scale(column: Profile) -> bool:
    return {word.lower() for word in column.words} <= FREQUENCIES.keys()


def _instrument(name: str) -> str:
    known = INSTRUMENTS.get(re.sub(r"[^a-z0-9]", "", name.lower()))
    return known or " ".join(name.split())[:LONGEST_NAME].strip()


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first with a number behind it that nothing else has."""
    numbered = (f"{name[: LONGEST_NAME - 3]} {number}" for number in count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)
