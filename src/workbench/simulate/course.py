"""The course of events: consent, texts, experiments, bookings and visits, each building on the last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.simulate import appointments, attendance, campaigns, consents
from workbench.simulate.columns import DAY, NEVER, packed
from workbench.simulate.enrollment import Enrollment, enroll
from workbench.simulate.interference import react_in_households
from workbench.simulate.leaving import leave, settle_consent
from workbench.simulate.paired import Paired
from workbench.simulate.phases import AFTERWARDS
from workbench.simulate.population import Population
from workbench.simulate.prompting import assign_prompts, opt_ins
from workbench.simulate.pushes import Anyway
from workbench.simulate.randomness import Index, Seconds
from workbench.simulate.reactions import PotentialOutcomes, Reactions, potential_outcomes, react
from workbench.simulate.reminder_trials import TrialOutcome, run_trial
from workbench.simulate.series import react_to_series
from workbench.simulate.texts import Texts
from workbench.simulate.trial_people import list_people
from workbench.simulate.world import World

Report = Callable[[str], None]


@dataclass(frozen=True)
class Course:
    """What happened, and what would have happened.

    Attributes:
        world: the world as it is at the end; only where a text made people leave, it differs from the one at first.
        asking, consent: the consent prompts, and the story of everyone's consent.
        campaign_texts: the ordinary texts that were sent.
        worn_by: for each person the place, among them, of the text that wore one down; -1 for none.
        enrollments: the assignments of all experiments.
        reactions, outcomes: of the experiments with texts, in the order of the first enrollments.
        paired: the paired outcomes of all experiments, by experiment and outcome.
        visits, attendance: all appointments, and what came of them.
        reminders: the usual reminders.
        trial: the further reminders, where there is a trial of them.
    """

    world: World
    asking: consents.Asking
    consent: consents.Consent
    campaign_texts: Texts
    worn_by: Index
    enrollments: tuple[Enrollment, ...]
    reactions: tuple[Reactions, ...]
    outcomes: tuple[PotentialOutcomes, ...]
    paired: dict[tuple[str, str], Paired]
    visits: appointments.Appointments
    reminders: attendance.Reminders
    trial: TrialOutcome | None
    attendance: attendance.Attendance

    @property
    def text_groups(self) -> list[Texts]:
        """All texts: prompts, campaigns, each experiment's, further reminders, the usual reminders."""
        further = [] if self.trial is None else [self.trial.texts]
        return [
            *_texts_of_experiments(self.asking, self.campaign_texts, self.reactions),
            *further,
            self.reminders.texts,
        ]


def run_course(world: World, report: Report) -> Course:
    """Run the course of events, and say at each stage what is being done.

    Where a text makes people end their treatment, everything after it happens in the world without them.
    """
    scenario = world.settings.declared
    report("Asking for consent, and sending the ordinary texts.")
    asking = consents.ask(world)
    candidates = campaigns.candidate_texts(world)
    survey = campaigns.is_survey(candidates)
    without = consents.wear_down(world, asking.consent, candidates, survey)

    report("Running the experiments under every arm.")
    diary = appointments.Diary(world)
    ordinary = _ordinary(world, diary)
    anyway = Anyway(
        np.sort(packed(ordinary.patient, ordinary.booked_at)),
        np.sort(packed(world.people.everyone, without.out_at)),
    )
    enrollments = enroll(world, without, scenario.experiments)
    reactions = tuple(_react(world, without, each, anyway) for each in enrollments)
    outcomes = tuple(potential_outcomes(each, anyway) for each in reactions)
    consent = consents.stop(world, without, *_provoked(world.people, reactions))
    after = leave(world, reactions)
    left = after is not world
    if left:
        consent = settle_consent(consent, after.people.left_at)
    sent = consent.opted_in(candidates.patient, candidates.sent_at, survey)
    sent &= candidates.sent_at < after.people.left_at[candidates.patient]
    campaign_texts = candidates.keep(sent)

    report("Booking appointments.")
    visits = appointments.join(ordinary, *_through_texts(world, diary, asking, campaign_texts, reactions))
    if left:
        visits = appointments.call_off_on_leaving(visits, after.people.left_at)

    report("Sending reminders, and seeing who comes.")
    reminders = attendance.remind(after, consent, visits)
    came = attendance.attend(after, visits, reminders)
    assigned, paired, trial = list(enrollments), _paired(world, outcomes), None
    if scenario.prompts is not None:
        prompted = assign_prompts(world, asking, scenario.prompts)
        assigned.append(prompted)
        paired[scenario.prompts.experiment_id, "opt_in"] = opt_ins(world, asking, prompted)
    if scenario.trial is not None:
        people = list_people(after, consent, visits, came, scenario.trial.experiment)
        assigned.append(people.enrollment)
        trial = run_trial(after, consent, visits, reminders, came, scenario.trial, people)
        came = attendance.attend(after, visits, reminders, trial.nudges)
        paired |= {(scenario.trial.experiment.experiment_id, name): each for name, each in trial.paired.items()}
    return Course(
        world=after,
        asking=asking,
        consent=consent,
        campaign_texts=campaign_texts,
        worn_by=np.where(consent.out_by >= 0, (np.cumsum(sent) - 1)[consent.out_by], -1),
        enrollments=tuple(assigned),
        reactions=reactions,
        outcomes=outcomes,
        paired=paired,
        visits=visits,
        reminders=reminders,
        trial=trial,
        attendance=came,
    )


def starts_of(groups: Sequence[Texts]) -> Index:
    """The place of each group's first text among all texts."""
    return np.cumsum([0, *(group.patient.size for group in groups[:-1])])


def _ordinary(world: World, diary: appointments.Diary) -> appointments.Appointments:
    """The appointments that are booked without any experiment's doing."""
    who, when = appointments.ordinary_bookings(world, world.settings.end + AFTERWARDS * DAY)
    return diary.book(world.streams.of("ordinary appointments"), who, when)


def _react(world: World, consent: consents.Consent, enrollment: Enrollment, anyway: Anyway) -> Reactions:
    experiment = enrollment.experiment
    if experiment.everybody is not None:
        return react_in_households(world, consent, enrollment, anyway)
    if any(arm.texts > 1 for arm in experiment.arms):
        return react_to_series(world, consent, enrollment, anyway)
    return react(world, consent, enrollment, anyway)


def _through_texts(
    world: World,
    diary: appointments.Diary,
    asking: consents.Asking,
    campaign_texts: Texts,
    reactions: tuple[Reactions, ...],
) -> list[appointments.Appointments]:
    """The appointments that experiments' texts bring about, with the texts through which they are booked."""
    starts = starts_of(_texts_of_experiments(asking, campaign_texts, reactions))[2:]
    groups = []
    for each, start in zip(reactions, starts, strict=True):
        booked_at = each.under_assignment(each.booked_at)
        rows = np.flatnonzero(booked_at < NEVER)
        text = np.where(each.online[rows], start + each.booked_through[rows], -1)
        rng = world.streams.of(f"appointments of {each.enrollment.experiment.experiment_id}")
        groups.append(diary.book(rng, each.enrollment.patient[rows], booked_at[rows], text))
    return groups


def _provoked(people: Population, reactions: tuple[Reactions, ...]) -> tuple[Seconds, Seconds]:
    """When each person was assigned, and when an experiment's text drove each one out; `NEVER` for neither."""
    assigned_at = np.full(people.size, NEVER, np.int64)
    stopped_at = np.full(people.size, NEVER, np.int64)
    for each in reactions:
        assigned_at[each.enrollment.patient] = each.enrollment.assigned_at
        stopped_at[each.enrollment.patient] = each.under_assignment(each.stopped_at)
    return assigned_at, stopped_at


def _paired(world: World, outcomes: tuple[PotentialOutcomes, ...]) -> dict[tuple[str, str], Paired]:
    """The paired outcomes of the experiments with texts, by experiment and outcome."""
    found = {}
    for each in outcomes:
        enrollment = each.enrollment
        days = enrollment.assigned_on(world.settings.end)
        for name, values in each.by_world.items():
            found[enrollment.experiment.experiment_id, name] = Paired(
                each.worlds, values, enrollment.eligible, days, each.chance
            )
    return found


def _texts_of_experiments(
    asking: consents.Asking, campaign_texts: Texts, reactions: tuple[Reactions, ...]
) -> list[Texts]:
    return [asking.prompts, campaign_texts, *(each.texts for each in reactions)]
