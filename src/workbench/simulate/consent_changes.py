"""The canonical table of consents: each person's story as one row per change."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import NEVER, moments, pick, sorted_table, words
from workbench.simulate.consents import GUARDIAN, INTAKE_PROMPT, KEYWORD, SOURCES, WEB, WORDINGS, Consent
from workbench.simulate.population import patient_ids
from workbench.simulate.randomness import Index, Seconds, Truth
from workbench.simulate.world import World

CHANNELS = ("sms", "email")
SMS, EMAIL = range(2)
PURPOSES = ("care", "marketing", "survey")
CARE, MARKETING, SURVEY = range(3)
SCOPES = ("this_kind", "all")
STATUSES = ("opt_in", "opt_out")


@dataclass(frozen=True)
class _Change:
    """One kind of change, an element per person; those whose moment is `NEVER` made none of it."""

    when: Seconds
    opts_in: Truth
    source: Index
    wording: Index
    channel: int = SMS
    purpose: int = CARE


def consents_table(world: World, consent: Consent) -> pa.Table:
    """The canonical table `consents`: every change before the end of the data.

    Whoever opts out, opts out of all texts; whoever opts in, opts in to one purpose.
    """
    changes = [*_answers(world, consent), *_departures(world, consent)]
    shown = [np.flatnonzero(change.when < world.settings.end) for change in changes]
    patient = np.concatenate(shown)
    pairs = list(zip(changes, shown, strict=True))
    when = np.concatenate([change.when[who] for change, who in pairs])
    opts_in = np.concatenate([change.opts_in[who] for change, who in pairs])
    channel = np.concatenate([np.full(who.size, change.channel) for change, who in pairs])
    purpose = np.concatenate([np.full(who.size, change.purpose) for change, who in pairs])
    general = ~opts_in & (purpose == CARE)
    columns = {
        "patient_id": pick(patient_ids(world.people), patient),
        "channel": words(channel, CHANNELS),
        "purpose": words(purpose, PURPOSES),
        "scope": words(general.astype(np.int64), SCOPES),
        "status": words((~opts_in).astype(np.int64), STATUSES),
        "source": words(np.concatenate([change.source[who] for change, who in pairs]), SOURCES),
        "wording_version": words(np.concatenate([change.wording[who] for change, who in pairs]), WORDINGS),
        "changed_at": moments(when),
    }
    return sorted_table(columns, patient, when, channel, purpose)


def _answers(world: World, consent: Consent) -> list[_Change]:
    """What people answered when they were asked; who refused care texts was not asked about the others."""
    source = np.where(world.people.adult, INTAKE_PROMPT, GUARDIAN)
    answered, agreed = consent.answered_at, consent.agreed
    further = np.where(agreed, answered, NEVER)
    by_email = np.where(consent.email, answered, NEVER)
    return [
        _Change(answered, agreed, source, consent.wording),
        _Change(further, consent.surveys, source, consent.wording, purpose=SURVEY),
        _Change(further, consent.marketing, source, consent.wording, purpose=MARKETING),
        _Change(by_email, consent.email, source, consent.wording, channel=EMAIL),
    ]


def _departures(world: World, consent: Consent) -> list[_Change]:
    """Opt-outs and returns, neither of which has a wording; returns are by web or by staff."""
    people = world.people
    none, leaves = np.full(people.size, -1), np.zeros(people.size, bool)
    keyword, desk = np.full(people.size, KEYWORD), WEB + people.everyone % 2
    return [
        _Change(consent.out_at, leaves, consent.out_source, none),
        _Change(consent.back_at, ~leaves, desk, none),
        _Change(consent.stopped_at, leaves, keyword, none),
        _Change(consent.returned_at, ~leaves, desk, none),
    ]
