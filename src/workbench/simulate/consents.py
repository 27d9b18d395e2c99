"""Consent: asked for at intake, worn down by texts until some opt out, and given again by a few."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.columns import DAY, HOUR, MINUTE, NEVER
from workbench.simulate.designed import designed_count, solve
from workbench.simulate.population import Population
from workbench.simulate.randomness import Index, Real, Seconds, Truth, lognormal
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.templates import PROMPTS
from workbench.simulate.texts import Texts, send
from workbench.simulate.world import World

SOURCES = ("intake_prompt", "web", "staff", "keyword", "platform_block", "guardian")
INTAKE_PROMPT, WEB, STAFF, KEYWORD, PLATFORM_BLOCK, GUARDIAN = range(6)
WORDINGS = ("v1", "v2")


@dataclass(frozen=True)
class Consent:
    """The story of each person's consent to texts; moments are `NEVER` where nothing of the kind happened.

    A person answers once, may be worn down once by ordinary texts (`out_at`, `out_source`, and `out_by`, the
    place of the text in the campaigns' candidates or -1), may be driven out once by an experiment's text
    (`stopped_at`), and may return from either.
    """

    answered_at: Seconds
    agreed: Truth
    surveys: Truth
    marketing: Truth
    email: Truth
    wording: Index
    out_at: Seconds
    out_by: Index
    out_source: Index
    back_at: Seconds
    stopped_at: Seconds
    returned_at: Seconds

    def opted_in(self, patient: Index, when: Seconds, survey: Truth | None = None) -> Truth:
        """Whether each person stands opted in at a moment: to surveys where `survey`, else to texts for care."""
        agreed = self.agreed[patient] & (self.answered_at[patient] <= when)
        away = (self.out_at[patient] <= when) & (when < self.back_at[patient])
        stopped = (self.stopped_at[patient] <= when) & (when < self.returned_at[patient])
        care = agreed & ~away & ~stopped
        if survey is None:
            return care
        # Who returns, returns to care alone.
        first_out = np.minimum(self.out_at, self.stopped_at)[patient]
        return care & (~survey | (self.surveys[patient] & (when < first_out)))


@dataclass(frozen=True)
class Asking:
    """The consent prompts by text, and what each person would answer to either wording.

    `prompted` are those who are asked by text, `asked` those of them who are asked before the data end.
    """

    prompts: Texts
    prompted: Truth
    asked: Truth
    agrees: Truth  # (people, wordings)
    consent: Consent


def ask(world: World) -> Asking:
    """Ask everyone: by text the adults who come after the start, with one of two wordings; at the desk the others.

    A person agrees where an attitude exceeds a threshold; the second wording lowers the threshold.
    """
    streams, settings, people, clock = world.streams, world.settings, world.people, world.clock
    rng = streams.of("consent")
    size = people.size
    arrives = people.enrolled_at
    prompted = (arrives >= settings.start) & people.adult & ~people.do_not_text
    wording = np.where(prompted, rng.integers(0, 2, size), 0)
    attitude = 0.8 * rng.standard_normal(size) + 0.5 * people.engagement - 0.4 * ~people.adult
    who = np.flatnonzero(prompted)
    noon = (clock.wall(arrives[who], people.zone[who]) // DAY + 1) * DAY + 11 * HOUR
    sent_at = clock.utc(noon + rng.integers(0, HOUR, who.size), people.zone[who])
    delivery = streams.of("delivery of prompts")
    prompts = send(delivery, people, PROMPTS, wording[who], who, sent_at=sent_at)
    asked_at = arrives + (HOUR * rng.uniform(0.2, 3, size)).astype(np.int64)
    asked_at[who] = sent_at
    unanswered = rng.random(size) < 0.09
    unanswered[who] |= ~prompts.reached
    delay = MINUTE + lognormal(rng, np.where(prompted, 2.0 * HOUR, MINUTE), 1.0, size).astype(np.int64)
    answered = asked_at + np.minimum(delay, 5 * DAY)
    answered = np.where(unanswered | (answered >= people.left_at), NEVER, answered)
    asked = np.zeros(size, bool)
    asked[who] = sent_at < settings.end
    agrees = attitude[:, None] > _thresholds(settings, attitude, prompted, asked, answered < NEVER)
    never = np.full(size, NEVER, np.int64)
    nobody = np.full(size, -1, np.int64)
    consent = Consent(
        answered_at=answered,
        agreed=(answered < NEVER) & agrees[people.everyone, wording],
        surveys=rng.random(size) < 0.8,
        marketing=rng.random(size) < 0.5,
        email=rng.random(size) < 0.35,
        wording=wording,
        out_at=never,
        out_by=nobody,
        out_source=nobody,
        back_at=never,
        stopped_at=never,
        returned_at=never,
    )
    return Asking(prompts, prompted, asked, agrees, consent)


def wear_down(world: World, consent: Consent, candidates: Texts, survey: Truth) -> Consent:
    """Opt-outs under ordinary texts: annoyance adds up text by text until it passes a person's tolerance.

    Beside it runs a slow clock of its own, of those who tell the staff that they want no texts. Whichever
    comes first counts; about a third return after some weeks.
    """
    people = world.people
    rng = world.streams.of("opt-outs")
    size = people.size
    heavy = 0.9 * rng.standard_normal(size) - 0.7 * people.sensitivity
    crossing = _first_crossing(consent, candidates, survey, np.exp(4.65 + heavy))
    worn_at = np.full(size, NEVER, np.int64)
    worn = crossing >= 0
    thinks_for = 2 * MINUTE + lognormal(rng, 15 * MINUTE * people.pace, 1.6, size)
    worn_at[worn] = candidates.sent_at[crossing[worn]] + np.minimum(thinks_for, 5 * DAY).astype(np.int64)[worn]
    told_at = consent.answered_at + (rng.exponential(90 * 365 * DAY, size) + DAY).astype(np.int64)
    told_at = np.where(consent.agreed, told_at, NEVER)
    out_at = np.minimum(worn_at, told_at)
    out_at = np.where(out_at < people.left_at, np.minimum(out_at, NEVER), NEVER)
    by_text = (worn_at <= told_at) & (out_at < NEVER)
    blocked = rng.random(size) < 0.06
    return replace(
        consent,
        out_at=out_at,
        out_by=np.where(by_text, crossing, -1),
        out_source=np.where(by_text, np.where(blocked, PLATFORM_BLOCK, KEYWORD), STAFF),
        back_at=_return(rng, people, out_at, 0.35),
    )


def stop(world: World, consent: Consent, assigned_at: Seconds, stopped_at: Seconds) -> Consent:
    """Add the opt-outs that an experiment's text provoked.

    Of this one and an ordinary one after the assignment, only the first happens: who has left cannot leave.
    """
    first = stopped_at < consent.out_at
    earlier = consent.out_at <= assigned_at
    stopped = np.where(first | earlier, stopped_at, NEVER)
    undone = first & (stopped < NEVER) & ~earlier
    return replace(
        consent,
        out_at=np.where(undone, NEVER, consent.out_at),
        out_by=np.where(undone, -1, consent.out_by),
        back_at=np.where(undone, NEVER, consent.back_at),
        stopped_at=stopped,
        returned_at=_return(world.streams.of("returns from experiments"), world.people, stopped, 0.25),
    )


def _thresholds(
    settings: ProviderSettings, attitude: Real, prompted: Truth, asked: Truth, answers: Truth
) -> Real:
    """(people, wordings): what an attitude must exceed; solved for where a scenario designs who opts in."""
    thresholds = np.tile([-0.77, -0.97], (attitude.size, 1))
    for wording, share in enumerate(settings.declared.changes.opt_in):
        willing = attitude[asked & answers]
        wanted = designed_count(share, int(asked.sum()))
        thresholds[prompted, wording] = -solve(_count_above(willing), wanted, -9.0, 9.0)
    return thresholds


def _count_above(attitude: Real) -> Callable[[float], float]:
    """How many agree, by how far the threshold is lowered below 0."""
    return lambda push: int((attitude + push > 0).sum())


def _first_crossing(consent: Consent, texts: Texts, survey: Truth, tolerance: Real) -> Index:
    """For each person the place of the text at which summed annoyance passes the tolerance; -1 for none."""
    felt = np.flatnonzero(texts.reached & consent.opted_in(texts.patient, texts.sent_at, survey))
    felt = felt[np.lexsort((texts.sent_at[felt], texts.patient[felt]))]
    patient = texts.patient[felt]
    total = np.cumsum(np.array([each.annoyance for each in texts.templates])[texts.template[felt]])
    before = np.concatenate([[0.0], total])[np.searchsorted(patient, patient)]
    passed = np.flatnonzero(total - before > tolerance[patient])
    who, first = np.unique(patient[passed], return_index=True)
    crossing = np.full(tolerance.size, -1, np.int64)
    crossing[who] = felt[passed[first]]
    return crossing


def _return(rng: np.random.Generator, people: Population, out_at: Seconds, share: float) -> Seconds:
    """When those who opted out opt in again: a share of them, after a lognormal number of weeks."""
    delay = lognormal(rng, 55.0 * DAY, 0.8, people.size).astype(np.int64) + DAY
    returns = (rng.random(people.size) < share) & (out_at < NEVER)
    back = np.where(returns, out_at + delay, NEVER)
    return np.where(back < people.left_at, np.minimum(back, NEVER), NEVER)
