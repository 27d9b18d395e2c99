"""Ordinary texts outside the experiments: refills, education, invitations and surveys, in waves."""

from dataclasses import dataclass

import numpy as np

from workbench.simulate.columns import DAY, HOUR
from workbench.simulate.phases import ACTIVE, INTAKE, LAPSED, MAINTENANCE
from workbench.simulate.population import THERAPIES, Population
from workbench.simulate.randomness import Index, Truth
from workbench.simulate.templates import Template
from workbench.simulate.texts import Texts, send
from workbench.simulate.world import World


@dataclass(frozen=True)
class Campaign:
    """Waves of one text, every so many days, to a share of the patients in some phases."""

    template: Template
    every_days: int
    first_day: int
    hour: int
    share: float
    phases: tuple[int, ...]
    medicated_only: bool = False


REFILL, SKILLS, COME_BACK, WELL_BEING, SATISFACTION = range(5)
CAMPAIGNS = (
    Campaign(
        Template("refill-1", "medication refill", "medication", "neutral", "personalized", 118, "refill", 0.7),
        every_days=28,
        first_day=9,
        hour=10,
        share=0.6,
        phases=(ACTIVE, MAINTENANCE),
        medicated_only=True,
    ),
    Campaign(
        Template("skills-1", "coping skills", "education", "empathetic", "generic", 224, "read"),
        every_days=28,
        first_day=16,
        hour=17,
        share=0.4,
        phases=(INTAKE, ACTIVE, MAINTENANCE),
    ),
    Campaign(
        Template("come-back-1", "come back", "re_engagement", "formal", "generic", 142, "book", 1.6),
        every_days=42,
        first_day=23,
        hour=11,
        share=0.35,
        phases=(MAINTENANCE, LAPSED),
    ),
    Campaign(
        Template("well-being-1", "well-being check", "survey", "neutral", "personalized", 131, "answer"),
        every_days=42,
        first_day=30,
        hour=12,
        share=0.5,
        phases=(INTAKE, ACTIVE, MAINTENANCE),
    ),
    Campaign(
        Template("satisfaction-1", "satisfaction", "survey", "formal", "generic", 109, "answer", 1.2),
        every_days=91,
        first_day=44,
        hour=15,
        share=0.3,
        phases=(ACTIVE, MAINTENANCE, LAPSED),
    ),
)
TEMPLATES = tuple(campaign.template for campaign in CAMPAIGNS)


def is_survey(texts: Texts) -> Truth:
    """Which of the campaigns' texts are surveys, for which consent is asked apart."""
    return np.isin(texts.template, (WELL_BEING, SATISFACTION))


def candidate_texts(world: World) -> Texts:
    """Every text the campaigns would send if all had agreed to it; consent thins them out later."""
    settings, people, clock = world.settings, world.people, world.clock
    rng = world.streams.of("campaigns")
    patient, template, sent_at = [], [], []
    for place, campaign in enumerate(CAMPAIGNS):
        for first in range(
            settings.start // DAY + campaign.first_day, settings.end // DAY, campaign.every_days
        ):
            who = np.flatnonzero(rng.random(people.size) < campaign.share)
            day = first + rng.integers(0, 3, who.size)
            second = campaign.hour * HOUR + rng.integers(0, HOUR, who.size)
            patient.append(who)
            template.append(np.full(who.size, place))
            sent_at.append(clock.utc(day * DAY + second, people.zone[who]))
    who, which, when = np.concatenate(patient), np.concatenate(template), np.concatenate(sent_at)
    fits = _addressed(people, who, which, world.phases.known(who, when)) & (when < people.left_at[who])
    fits &= ~people.do_not_text[who]
    return send(
        world.streams.of("delivery of campaigns"), people, TEMPLATES, which[fits], who[fits], sent_at=when[fits]
    )


def _addressed(people: Population, patient: Index, campaign: Index, phase: Index) -> Truth:
    """Whether a patient in this phase (-1: none known) is among those a campaign is for."""
    wanted = np.zeros((len(CAMPAIGNS), 5), bool)
    for place, each in enumerate(CAMPAIGNS):
        wanted[place, list(each.phases)] = True
    medicated = people.therapy[patient] != THERAPIES.index("talking therapy")
    narrow = np.array([each.medicated_only for each in CAMPAIGNS])
    # A phase of -1 reads the last column, which no campaign wants.
    return wanted[campaign, phase] & (medicated | ~narrow[campaign])
