"""What patients text back: confirmations, cancellations, questions, STOP, and now and then distress."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.appointments import KEPT, PATIENT, RESCHEDULED, Appointments
from workbench.simulate.attendance import Attendance, Reminders
from workbench.simulate.columns import DAY, MINUTE, identifiers, moments, pick, sorted_table, words
from workbench.simulate.population import Population, patient_ids
from workbench.simulate.randomness import Index, Seconds, lognormal
from workbench.simulate.texts import Texts
from workbench.simulate.world import World

INTENTS = ("confirm", "reschedule", "cancel", "question", "stop", "distress", "other")
CONFIRM, RESCHEDULE, CANCEL, QUESTION, STOP, DISTRESS, OTHER = range(7)


@dataclass(frozen=True)
class Replies:
    """Texts received, one element each; `text` is the place of the text answered."""

    text: Index
    received_at: Seconds
    intent: Index


def to_reminders(
    world: World,
    visits: Appointments,
    attendance: Attendance,
    reminders: Reminders,
    first: int,
) -> Replies:
    """Answers to reminders: those who will come confirm more often, those who call off often do it by text.

    Args:
        world: the people who answer.
        visits, attendance: all appointments, and what came of them.
        reminders: the reminders.
        first: the place of the first reminder among all texts.
    """
    about, texts = reminders.appointment, reminders.texts
    people = world.people
    rng = world.streams.of("replies to reminders")
    size = about.size
    who = visits.patient[about]
    soon = texts.sent_at + _thinking(rng, people, who, 18 * MINUTE)
    off = visits.fate[about] != KEPT
    by_text = off & (visits.called_off_by[about] == PATIENT) & (rng.random(size) < 0.6)
    willing = 0.45 * people.engagement[who] + people.manners.answering[who]
    eager = willing + rng.standard_normal(size) - 0.6 * attendance.missed[about]
    confirms = ~off & (eager > 0.2)
    asks = ~confirms & ~by_text & (rng.random(size) < 0.02)
    intent = np.select(
        [by_text, confirms],
        [np.where(visits.fate[about] == RESCHEDULED, RESCHEDULE, CANCEL), CONFIRM],
        QUESTION,
    )
    received = np.where(by_text, visits.called_off_at[about], soon)
    answered = (by_text | confirms | asks) & texts.reached & (received < visits.starts_at[about])
    return Replies(first + np.flatnonzero(answered), received[answered], intent[answered])


def to_other_texts(world: World, texts: Texts, first: int) -> Replies:
    """Rare answers to all other texts, the first of which stands at a place: questions, this and that, distress."""
    people = world.people
    rng = world.streams.of("replies to other texts")
    size = texts.patient.size
    who = texts.patient
    distressed = 0.5 * people.severity[who] + rng.standard_normal(size) > 3.5
    kind = rng.random(size)
    answered = texts.reached & (distressed | (kind < 0.018))
    intent = np.where(distressed, DISTRESS, np.where(kind < 0.008, QUESTION, OTHER))
    received = texts.sent_at + _thinking(rng, people, who, 40 * MINUTE)
    return Replies(first + np.flatnonzero(answered), received[answered], intent[answered])


def stops(place: Index, when: Seconds) -> Replies:
    """STOP, texted in answer to the texts at these places, at the moments of the opt-outs."""
    return Replies(place, when, np.full(place.size, STOP))


def replies_table(world: World, groups: list[Replies], texts: Texts, messages: pa.Array) -> pa.Table:
    """The canonical table `replies`. One in fifty comes without the text it answers, as gateways have it."""
    text, received, intent = (
        np.concatenate(column)
        for column in zip(*((each.text, each.received_at, each.intent) for each in groups), strict=True)
    )
    people = world.people
    shown = (received < world.settings.end) & (received < people.left_at[texts.patient[text]])
    text, received, intent = text[shown], received[shown], intent[shown]
    patient = texts.patient[text]
    rng = world.streams.of("reply identifiers")
    loose = rng.random(text.size) < 0.02
    columns = {
        "reply_id": identifiers("r", world.streams.codes(rng, text.size)),
        "message_id": pick(messages, np.where(loose, -1, text)),
        "patient_id": pick(patient_ids(people), patient),
        "received_at": moments(received),
        "intent": words(intent, INTENTS),
    }
    return sorted_table(columns, patient, received, intent)


def _thinking(rng: np.random.Generator, people: Population, who: Index, median: int) -> Seconds:
    delay = lognormal(rng, median * people.pace[who], 1.3, who.size)
    return (MINUTE + np.minimum(delay, 5 * DAY)).astype(np.int64)
