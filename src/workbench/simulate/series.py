"""Texts in series: what people do when the same text comes once a week, or every day.

The days of a rarer series are among those of the most frequent one, so that one draw per day serves all arms. Each
text wears on a person the more, the more of them came in the seven days before; who has opted out gets no more.
"""

from dataclasses import dataclass

import numpy as np

from workbench.simulate.columns import DAY, HOUR, MINUTE, NEVER
from workbench.simulate.consents import Consent
from workbench.simulate.designed import designed_count, solve
from workbench.simulate.enrollment import LIST_HOUR, Enrollment
from workbench.simulate.latent import SHARE_ONLINE, held_back, on
from workbench.simulate.pushes import STRONGEST_PUSH, Anyway
from workbench.simulate.randomness import Index, Real, Seconds, Truth, lognormal
from workbench.simulate.reactions import Reactions
from workbench.simulate.texts import Texts, send
from workbench.simulate.world import World

SERIES_DAYS = 28
LOAD_DAYS = 7
# How much less appealing a text is for each further one in the seven days up to it.
STALENESS = 0.12
STEEPEST_LOAD = 6.0


@dataclass(frozen=True)
class _Series:
    """The most frequent series, drawn once; arrays are (people, days) unless told.

    Attributes:
        texts: one per person and day, day by day within the person.
        sent_at, reached: of each of them.
        may: whether it may be sent at all: consent and care go on.
        willing: how willing each text finds a person.
        delay, fuming: (people,), how long it takes to book, and to opt out, after the text that did it.
        patience: (people,).
        annoyed: (people,), the log of how fast texts annoy.
        appeal: (people,), the push that stands without being solved for.
        left_at: (people,), when each person leaves.
        online: (people,), who books through the link.
    """

    texts: Texts
    sent_at: Seconds
    reached: Truth
    may: Truth
    willing: Real
    delay: Seconds
    fuming: Seconds
    patience: Real
    annoyed: Real
    appeal: Real
    left_at: Seconds
    online: Truth


def react_to_series(world: World, consent: Consent, enrollment: Enrollment, anyway: Anyway) -> Reactions:
    """What each person would do under every frequency.

    The first arm's rates fix the appeal and the level of annoyance, the last arm's opt-outs how much the load adds;
    what the arms between them do follows.
    """
    arms = enrollment.experiment.arms
    drawn = _draw(world, consent, enrollment)
    shown = [_schedule(arm.texts) & drawn.reached for arm in arms]
    after = enrollment.assigned_at
    until = after + enrollment.experiment.window_days * DAY
    counted = enrollment.eligible
    out_anyway = anyway.opts_out(enrollment.patient, after, until)
    booked_anyway = anyway.books(enrollment.patient, after, until)

    def opted_out(place: int, level: float, steepness: float) -> float:
        stopped_at = _stops(drawn, shown[place], level, steepness)[0]
        return int((counted & (out_anyway | (stopped_at <= until))).sum())

    people = int(counted.sum())
    first, last = arms[0].opt_out or 0.0, arms[-1].opt_out or 0.0
    level = solve(
        lambda push: opted_out(0, push, 0.0), designed_count(first, people), -STRONGEST_PUSH, STRONGEST_PUSH
    )
    # At one text a week the load is one, whatever its power.
    steepness = solve(
        lambda power: opted_out(len(arms) - 1, level, power), designed_count(last, people), 0.0, STEEPEST_LOAD
    )
    stops = [_stops(drawn, each, level, steepness) for each in shown]

    def books(place: int, push: float) -> tuple[Seconds, Index]:
        return _books(drawn, shown[place], stops[place][0], push)

    push = solve(
        lambda push: int((counted & (booked_anyway | (books(0, push)[0] <= until))).sum()),
        designed_count(arms[0].booking[0], people),
        -STRONGEST_PUSH,
        STRONGEST_PUSH,
    )
    bookings = [books(place, push) for place in range(len(arms))]
    return _reactions(enrollment, drawn, bookings, stops)


def _draw(world: World, consent: Consent, enrollment: Enrollment) -> _Series:
    experiment, who, assigned = enrollment.experiment, enrollment.patient, enrollment.assigned_at
    people, clock, streams = world.people, world.clock, world.streams
    rng = streams.of(f"reactions to {experiment.experiment_id}")
    size = who.size
    zone = people.zone[who]
    days = np.arange(SERIES_DAYS)
    hour = int((experiment.arms[0].hour - LIST_HOUR) * HOUR)
    wall = clock.wall(assigned, zone)[:, None] + hour + days[None, :] * DAY
    sent_at = clock.utc(wall, np.broadcast_to(zone[:, None], wall.shape))
    texts = send(
        streams.of(f"delivery of {experiment.experiment_id}"),
        people,
        experiment.templates,
        np.repeat(enrollment.arm, SERIES_DAYS),
        np.repeat(who, SERIES_DAYS),
        sent_at=sent_at.ravel(),
    )
    may = ~held_back(people, consent, who, assigned)[:, None]
    may = may & consent.opted_in(texts.patient, texts.sent_at).reshape(sent_at.shape)
    may &= sent_at < people.left_at[who][:, None] - DAY
    arm = experiment.arms[0]
    willing = 0.55 * people.engagement[who] + rng.standard_t(6, size)
    delay = lognormal(rng, 2.6 * DAY * people.pace[who], 0.9, size)
    fuming = lognormal(rng, 45 * MINUTE * people.pace[who], 1.9, size)
    diagnosis, phase = people.diagnosis[who], world.phases.at(who, assigned)
    return _Series(
        texts=texts,
        sent_at=sent_at,
        reached=texts.reached.reshape(sent_at.shape) & may,
        may=may,
        willing=willing[:, None] + 0.5 * rng.standard_normal(sent_at.shape),
        delay=HOUR + np.minimum(delay, 30 * DAY).astype(np.int64),
        fuming=MINUTE + np.minimum(fuming, DAY).astype(np.int64),
        patience=rng.exponential(1.0, size),
        annoyed=on(arm.annoyance, diagnosis, phase) + 0.6 * people.sensitivity[who],
        appeal=on(arm.appeal, diagnosis, phase),
        left_at=people.left_at[who],
        online=rng.random(size) < SHARE_ONLINE,
    )


def _schedule(texts: int) -> Truth:
    """On which days of the series an arm's texts go out."""
    days = np.zeros(SERIES_DAYS, bool)
    days[np.arange(texts) * SERIES_DAYS // texts] = True
    return days


def _load(shown: Truth) -> Index:
    """(people, days): the texts that reached a person in the seven days up to each day, this day's included."""
    total = np.cumsum(shown, axis=1)
    before = np.zeros_like(total)
    before[:, LOAD_DAYS:] = total[:, :-LOAD_DAYS]
    return total - before


def _stops(drawn: _Series, shown: Truth, level: float, steepness: float) -> tuple[Seconds, Index]:
    """When each person opts out, and the day of the text that did it (-1 for none)."""
    load = np.maximum(_load(shown), 1).astype(float)
    hurt = np.cumsum(shown * load**steepness, axis=1) * np.exp(drawn.annoyed + level)[:, None]
    over = hurt > drawn.patience[:, None]
    day = np.where(over.any(axis=1), over.argmax(axis=1), -1)
    rows = np.arange(day.size)
    stopped_at = np.where(day >= 0, drawn.sent_at[rows, day] + drawn.fuming, NEVER)
    gone = stopped_at >= drawn.left_at
    return np.where(gone, NEVER, stopped_at), np.where(gone, -1, day)


def _books(drawn: _Series, shown: Truth, stopped_at: Seconds, push: float) -> tuple[Seconds, Index]:
    """When each person first books through a text, and the day of that text (-1 for none)."""
    stale = STALENESS * (_load(shown) - 1)
    moved = shown & (drawn.willing + drawn.appeal[:, None] + push - stale > 0)
    moved &= drawn.sent_at < stopped_at[:, None]
    day = np.where(moved.any(axis=1), moved.argmax(axis=1), -1)
    booked_at = np.where(day >= 0, drawn.sent_at[np.arange(day.size), day] + drawn.delay, NEVER)
    gone = booked_at >= drawn.left_at
    return np.where(gone, NEVER, booked_at), np.where(gone, -1, day)


def _reactions(
    enrollment: Enrollment,
    drawn: _Series,
    bookings: list[tuple[Seconds, Index]],
    stops: list[tuple[Seconds, Index]],
) -> Reactions:
    """The assigned arm's texts, up to an opt-out, and everything that would happen under every arm."""
    rows, own = np.arange(enrollment.patient.size), enrollment.arm
    stopped_at = np.stack([stop[0] for stop in stops], axis=1)
    schedules = np.stack([_schedule(arm.texts) for arm in enrollment.experiment.arms])
    sent = schedules[own] & (drawn.sent_at < stopped_at[rows, own][:, None]) & drawn.may
    place = np.cumsum(sent.ravel()).reshape(sent.shape) - 1

    def through(found: list[tuple[Seconds, Index]]) -> Index:
        day = np.stack([each[1] for each in found], axis=1)[rows, own]
        return np.where(day >= 0, place[rows, day], -1)

    return Reactions(
        enrollment,
        drawn.texts.keep(sent.ravel()),
        np.stack([each[0] for each in bookings], axis=1),
        stopped_at,
        drawn.online,
        worlds=enrollment.experiment.names,
        came_true=own,
        booked_through=through(bookings),
        stopped_through=through(stops),
    )
