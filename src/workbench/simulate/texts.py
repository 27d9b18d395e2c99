"""Texts: what was sent, whether it arrived, and the canonical table of messages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import HOUR, identifiers, moments, pick, sorted_table, wholes, words
from workbench.simulate.population import Population, patient_ids
from workbench.simulate.randomness import Index, Seconds, Streams, Truth, choose, lognormal
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.templates import Template

STATUSES = ("delivered", "sent", "undelivered", "failed", "canceled", "pending")
DELIVERED, SENT, UNDELIVERED, FAILED, CANCELED, PENDING = range(6)
# Handset off, carrier's filter, unknown number, landline, unknown error: codes of a common gateway.
ERRORS = ("30003", "30007", "30005", "30006", "30008")
DEAD_NUMBER = 2
PRICE_OF_A_PART = 0.0079  # US dollars


@dataclass(frozen=True)
class Texts:
    """Texts sent, one element each; `template` is a place in `templates`, `error` one in `ERRORS` or -1."""

    templates: tuple[Template, ...]
    patient: Index
    template: Index
    sent_at: Seconds
    status: Index
    error: Index
    known_at: Seconds

    @property
    def reached(self) -> Truth:
        """Whether the text came to the patient's phone, with a receipt or without."""
        return (self.status == DELIVERED) | (self.status == SENT)

    def keep(self, which: Truth) -> "Texts":
        """Only some of the texts, in the same order."""
        columns = (self.patient, self.template, self.sent_at, self.status, self.error, self.known_at)
        return Texts(self.templates, *(column[which] for column in columns))

    def known_by(self, end: int) -> "Texts":
        """The texts sent before `end`, as they were known then: what is still under way is pending."""
        sent = self.keep(self.sent_at < end)
        pending = sent.known_at >= end
        return Texts(
            sent.templates,
            sent.patient,
            sent.template,
            sent.sent_at,
            np.where(pending, PENDING, sent.status),
            np.where(pending, -1, sent.error),
            np.where(pending, sent.sent_at, sent.known_at),
        )


def send(
    rng: np.random.Generator,
    people: Population,
    templates: tuple[Template, ...],
    template: Index,
    patient: Index,
    *,
    sent_at: Seconds,
) -> Texts:
    """Send texts: a phone is reached as reliably as its owner's latent `mobile` says."""
    count = patient.size
    mobile = people.mobile[patient]
    lost = rng.random(count) >= mobile
    hard = rng.random(count) < 0.3
    unreceipted = rng.random(count) < 0.04
    status = np.where(lost, np.where(hard, FAILED, UNDELIVERED), np.where(unreceipted, SENT, DELIVERED))
    error = np.where(lost, np.where(mobile == 0, DEAD_NUMBER, choose(rng, [5, 3, 0.4, 0.6, 2], count)), -1)
    median = np.select([status == UNDELIVERED, status == DELIVERED], [2.0 * HOUR, 12.0], 2.0)
    delay = np.minimum(1 + lognormal(rng, median, 1.0, count), 3 * 24 * HOUR).astype(np.int64)
    return Texts(templates, patient, template, sent_at, status, error, sent_at + delay)


def join(groups: Sequence[Texts]) -> Texts:
    """Groups of texts, one after the other."""
    offsets = np.cumsum([0, *(len(group.templates) for group in groups[:-1])])
    return Texts(
        tuple(template for group in groups for template in group.templates),
        np.concatenate([group.patient for group in groups]),
        np.concatenate([group.template + offset for group, offset in zip(groups, offsets, strict=True)]),
        np.concatenate([group.sent_at for group in groups]),
        np.concatenate([group.status for group in groups]),
        np.concatenate([group.error for group in groups]),
        np.concatenate([group.known_at for group in groups]),
    )


def message_ids(streams: Streams, texts: Texts) -> pa.Array:
    """An identifier for each text, in the order of the texts."""
    return identifiers("m", streams.codes(streams.of("message identifiers"), texts.patient.size))


def messages_table(settings: ProviderSettings, people: Population, texts: Texts, ids: pa.Array) -> pa.Table:
    """The canonical table `messages`: the texts sent before the end of the data, as they were known then."""
    ids = pick(ids, np.flatnonzero(texts.sent_at < settings.end))
    texts = texts.known_by(settings.end)
    kinds = texts.templates
    parts = np.array([kind.parts for kind in kinds])
    unpaid = np.isin(texts.status, (FAILED, CANCELED, PENDING))
    price = np.where(unpaid, 0.0, np.round(parts[texts.template] * PRICE_OF_A_PART, 4))
    return sorted_table(
        {
            "message_id": ids,
            "patient_id": pick(patient_ids(people), texts.patient),
            "campaign_id": words(texts.template, [kind.campaign_id for kind in kinds]),
            "kind": words(texts.template, [kind.kind for kind in kinds]),
            "template_id": words(texts.template, [kind.template_id for kind in kinds]),
            "tone": words(texts.template, [kind.tone for kind in kinds]),
            "personalization": words(texts.template, [kind.personalization for kind in kinds]),
            "length": wholes(texts.template, [kind.length for kind in kinds]),
            "cta": words(texts.template, [kind.cta for kind in kinds]),
            "sent_at": moments(texts.sent_at),
            "status": words(texts.status, STATUSES),
            "error_code": words(texts.error, ERRORS),
            "known_at": moments(texts.known_at),
            "parts": wholes(texts.template, [kind.parts for kind in kinds]),
            "price": pa.array(price, pa.float64()),
        },
        texts.patient,
        texts.sent_at,
    )
