"""The responses of one file of a survey tool, one after the other: what is kept of each, and what is wrong."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from workbench.ingest.person import Person
from workbench.ingest.rounded import ROUNDED, rounded_fault
from workbench.ingest.surveys.form import Form, Record
from workbench.ingest.surveys.layout import Layout
from workbench.ingest.surveys.scoring import Scoring, columns_of, scoring
from workbench.ingest.surveys.settings import SurveyFeed
from workbench.refusal import Fault, Refused

NOBODY_NAMED = "naming nobody, as the settings say"


class SurveyRow(NamedTuple):
    """A row of the staged table `surveys`."""

    person_value: str
    response_id: str
    message_id: str | None
    instrument: str
    score: float
    responded_at: datetime


@dataclass
class Tally:
    """What became of the responses so far: read, used, and by reason those dropped and those told of."""

    read: int = 0
    used: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)


class Responses:
    """How the responses of one file are read.

    Raises:
        Refused: a column that the settings name is not there, or cannot be told from another.
    """

    def __init__(self, form: Form, feed: SurveyFeed, tally: Tally) -> None:
        self._form = form
        self._tally = tally
        self._person: tuple[Person, int] | None = None
        self._message: int | None = None
        self._measures: list[tuple[str, tuple[int, ...], Scoring]] = []
        self._wrong: Counter[tuple[int, str]] = Counter()
        self._rounded: Counter[int] = Counter()
        self._offsets: Counter[bool] = Counter()
        self._ragged = 0
        if isinstance(feed.person, Person):
            self._look_up(form.layout, feed, feed.person)

    def _look_up(self, layout: Layout, feed: SurveyFeed, person: Person) -> None:
        """Find the columns that the settings name, or refuse with all that cannot be found."""
        faults: list[Fault] = []
        if self._form.answered is None:
            mend = "Export the end dates too."
            faults.append(Fault(layout.label, "it does not tell when an answer was given.", mend))
        elif self._form.clock is None:
            what = "its header does not tell the time zone of its dates."
            faults.append(Fault(layout.label, what, "Export it again with its header rows as they are."))
        try:
            self._person = (person, layout.one(person.column))
        except Refused as refused:
            faults += refused.faults
        try:
            self._message = None if feed.message_id is None else layout.one(feed.message_id)
        except Refused as refused:
            faults += refused.faults
        for measure in feed.instruments:
            try:
                places = layout.answers(columns_of(measure))
                self._measures.append((measure.instrument, places, scoring(measure)))
            except Refused as refused:
                faults += refused.faults
        if faults:
            raise Refused(*faults)

    def rows(self, record: Record) -> Iterator[SurveyRow]:
        """What is kept of a response, a row for each instrument that was answered; it is counted in the tally."""
        self._tally.read += 1
        if len(record) != self._form.layout.width:
            self._ragged += 1
            return
        reason, rows = self._read(record)
        if reason is not None:
            self._tally.dropped[reason] += 1
            return
        self._tally.used += 1
        yield from rows

    def faults(self) -> Iterator[Fault]:
        """What was wrong with the responses read, each with their number."""
        label = self._form.layout.label
        if self._ragged:
            what = f"{_rows(self._ragged)} more or fewer cells than the header."
            yield Fault(label, what, "Export it again.")
        for place, count in sorted(self._rounded.items()):
            yield rounded_fault(self._name(place), count, label)
        for (place, what), count in sorted(self._wrong.items()):
            mend = "Name it in the source file, or export the file again."
            yield Fault(label, f'column "{self._name(place)}" holds {what}, {_in_rows(count)}.', mend)
        if len(self._offsets) > 1 and self._form.answered is not None:
            name = self._name(self._form.answered)
            what = f'column "{name}" mixes times with an offset from UTC and times without'
            yield Fault(label, f"{what}; without, {_in_rows(self._offsets[False])}.", "Export it again.")

    def _read(self, record: Record) -> tuple[str | None, Sequence[SurveyRow]]:
        """Why a response is dropped, or the rows it gives."""
        reason = self._form.left_out(record)
        if reason is not None:
            return reason, ()
        if self._person is None:
            return NOBODY_NAMED, ()
        person, place = self._person
        self._look_for_rounded(record, place)
        value = person.value(record[place])
        if value is None:
            unfit = record[place].strip()
            return (f"with what is not {person.word}" if unfit else f"without {person.word}"), ()
        return self._answers(record, value)

    def _answers(self, record: Record, person: str) -> tuple[str | None, Sequence[SurveyRow]]:
        response, moment = self._key(record), self._moment(record)
        message = None if self._message is None else record[self._message].strip() or None
        rows, incomplete = [], []
        for instrument, places, score in self._measures:
            outcome = score([self._cell(record[place]) for place in places])
            for unread in outcome.unread:
                self._wrong[places[unread], "an answer that the settings do not name, or no number"] += 1
            if outcome.incomplete:
                incomplete.append(instrument)
            for part, points in outcome.scores:
                key = "/".join(filter(None, (response, instrument, part)))
                if moment is not None:
                    rows.append(SurveyRow(person, key, message, instrument, points, moment))
        if not rows:
            return ("with too few answers for a score" if incomplete else "without an answer that is kept"), ()
        for instrument in incomplete:
            self._tally.told[f"with too few answers for {instrument}"] += 1
        return None, rows

    def _key(self, record: Record) -> str:
        key = record[self._form.response].strip()
        if not key:
            self._wrong[self._form.response, "no key of the response"] += 1
        self._look_for_rounded(record, self._form.response)
        if self._message is not None:
            self._look_for_rounded(record, self._message)
        return key

    def _moment(self, record: Record) -> datetime | None:
        place, clock = self._form.answered, self._form.clock
        if place is None or clock is None:
            return None
        answered = clock.read(record[place])
        if answered is None:
            self._wrong[place, "what is no date and time"] += 1
            return None
        self._offsets[answered.with_offset] += 1
        if answered.doubtful:
            self._tally.told["at a time that clocks showed twice or never"] += 1
        return answered.moment

    def _look_for_rounded(self, record: Record, place: int) -> None:
        if re.fullmatch(ROUNDED, record[place].strip()):
            self._rounded[place] += 1

    def _cell(self, cell: str) -> str:
        return "" if cell.strip() in self._form.unanswered else cell

    def _name(self, place: int) -> str:
        return self._form.layout.called[place]


def _in_rows(count: int) -> str:
    return "in 1 row" if count == 1 else f"in {count:,} rows"


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
