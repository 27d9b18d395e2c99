"""The course of events: consent, texts, experiments, bookings and visits, each building on the last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.simulate import appointments, attendance, campaigns, consents
from workbench.simulate.columns import DAY, NEVER, packed
from workbench.simulate.enrollment import Enrollment, enroll
from workbench.simulate.experiments import EXPERIMENTS
from workbench.simulate.phases import AFTERWARDS
from workbench.simulate.population import Population
from workbench.simulate.randomness import Index, Seconds
from workbench.simulate.reactions import PotentialOutcomes, Reactions, potential_outcomes, react
from workbench.simulate.texts import Texts
from workbench.simulate.world import World

Report = Callable[[str], None]


@dataclass(frozen=True)
class Course:
    """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""

    asking: consents.Asking
    consent: consents.Consent
    campaign_texts: Texts
    worn_by: Index
    reactions: tuple[Reactions, ...]
    outcomes: tuple[PotentialOutcomes, ...]
    visits: appointments.Appointments
    reminders: attendance.Reminders
    attendance: attendance.Attendance

    @property
    def enrollments(self) -> tuple[Enrollment, ...]:
        """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
        return tuple(each.enrollment for each in self.reactions)

    @property
    def text_groups(self) -> list[Texts]:
        """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
        return [
            *_texts_before_reminders(self.asking, self.campaign_texts, self.reactions),
            self.reminders.texts,
        ]


def run_course(world: World, report: Report) -> Course:
    """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
    report("Asking for consent, and sending the ordinary texts.")
    asking = consents.ask(world)
    candidates = campaigns.candidate_texts(world)
    survey = campaigns.is_survey(candidates)
    without = consents.wear_down(world, asking.consent, candidates, survey)

    report("Running the experiments under every arm.")
    experiments = [experiment.under(world.settings.scenario) for experiment in EXPERIMENTS]
    enrollments = enroll(world, without, experiments)
    reactions = tuple(react(world, without, each) for each in enrollments)
    consent = consents.stop(world, without, *_provoked(world.people, reactions))
    sent = consent.opted_in(candidates.patient, candidates.sent_at, survey)
    campaign_texts = candidates.keep(sent)

    report("Booking appointments.")
    visits, outcomes = _book(world, asking, without, campaign_texts, reactions)

    report("Sending reminders, and seeing who comes.")
    reminders = attendance.remind(world, consent, visits)
    return Course(
        asking=asking,
        consent=consent,
        campaign_texts=campaign_texts,
        worn_by=np.where(consent.out_by >= 0, (np.cumsum(sent) - 1)[consent.out_by], -1),
        reactions=reactions,
        outcomes=outcomes,
        visits=visits,
        reminders=reminders,
        attendance=attendance.attend(world, visits, reminders),
    )


def starts_of(groups: Sequence[Texts]) -> Index:
    """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
    return np.cumsum([0, *(group.patient.size for group in groups[:-1])])


def _book(
    world: World,
    asking: consents.Asking,
    consent: consents.Consent,
    campaign_texts: Texts,
    reactions: tuple[Reactions, ...],
) -> tuple[appointments.Appointments, tuple[PotentialOutcomes, ...]]:
    """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
    streams, people = world.streams, world.people
    diary = appointments.Diary(world)
    until = world.settings.end + AFTERWARDS * DAY
    who, when = appointments.ordinary_bookings(world, until)
    ordinary = diary.book(streams.of("ordinary appointments"), who, when)
    other_bookings = np.sort(packed(ordinary.patient, ordinary.booked_at))
    other_opt_outs = np.sort(packed(people.everyone, consent.out_at))
    starts = starts_of(_texts_before_reminders(asking, campaign_texts, reactions))[2:]
    through_texts = []
    for each, start in zip(reactions, starts, strict=True):
        booked_at = each.under_assignment(each.booked_at)
        rows = np.flatnonzero(booked_at < NEVER)
        text = np.where(each.online[rows], start + rows, -1)
        rng = streams.of(f"appointments of {each.enrollment.experiment.experiment_id}")
        through_texts.append(diary.book(rng, each.enrollment.patient[rows], booked_at[rows], text))
    outcomes = tuple(potential_outcomes(each, other_bookings, other_opt_outs) for each in reactions)
    return appointments.join(ordinary, *through_texts), outcomes


def _provoked(people: Population, reactions: tuple[Reactions, ...]) -> tuple[Seconds, Seconds]:
    """The course of events: consent, texts, experiments, bookings and visits, each building on the last."""
    assigned_at = np.full(people.size, NEVER, np.int64)
    stopped_at = np.full(people.size, NEVER, np.int64)
    for each in reactions:
        assigned_at[each.enrollment.patient] = each.enrollment.assigned_at
        stopped_at[each.enrollment.patient] = each.under_assignment(each.stopped_at)
    return assigned_at, stopped_at


def _texts_before_reminders(
    asking: consents.Asking, campaign_texts: Texts, reactions: tuple[Reactions, ...]
) -> list[Texts]:
    return [asking.prompts, campaign_texts, *(each.texts for each in reactions)]
