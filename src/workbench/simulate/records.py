"""What the provider would know at the end of the data: the course of events as canonical tables."""

import numpy as np
import pyarrow as pa

from workbench.simulate import clinics, replies, texts
from workbench.simulate.appointment_versions import appointments_table
from workbench.simulate.appointments import KEPT
from workbench.simulate.columns import NEVER
from workbench.simulate.consent_changes import consents_table
from workbench.simulate.consents import KEYWORD
from workbench.simulate.course import Course, starts_of
from workbench.simulate.enrollment import assignments_table
from workbench.simulate.phases import patient_states_table
from workbench.simulate.population import patients_table
from workbench.simulate.randomness import Index
from workbench.simulate.surveys import surveys_table
from workbench.simulate.world import World


def write_down(course: Course) -> dict[str, pa.Table]:
    """The ten canonical tables by name."""
    world = course.world
    settings, people = world.settings, world.people
    groups = course.text_groups
    starts = starts_of(groups)
    everything = texts.join(groups)
    ids = texts.message_ids(world.streams, everything)
    answers = _answers(world, course, starts)
    attended = (course.visits.fate == KEPT) & ~course.attendance.missed
    in_clinic = (course.visits.patient[attended], course.visits.starts_at[attended])
    return {
        "patients": patients_table(people, settings),
        "patient_states": patient_states_table(people, world.phases, settings),
        "consents": consents_table(world, course.consent),
        "messages": texts.messages_table(settings, people, everything, ids),
        "replies": replies.replies_table(world, answers, everything, ids),
        "assignments": assignments_table(world, course.enrollments),
        "appointments": appointments_table(world, course.visits, course.attendance, ids),
        "sessions": clinics.sessions_table(world.staff, settings, world.clock),
        "surveys": surveys_table(world, course.campaign_texts, int(starts[1]), ids, in_clinic),
        "clinics": clinics.clinics_table(),
    }


def _answers(world: World, course: Course, starts: Index) -> list[replies.Replies]:
    consent = course.consent
    groups = course.text_groups
    answers = [
        replies.to_reminders(world, course.visits, course.attendance, course.reminders, int(starts[-1])),
        replies.to_other_texts(world, texts.join(groups[1:-1]), int(starts[1])),
    ]
    worn = np.flatnonzero((course.worn_by >= 0) & (consent.out_source == KEYWORD))
    answers.append(replies.stops(starts[1] + course.worn_by[worn], consent.out_at[worn]))
    for reaction, start in zip(course.reactions, starts[2 : 2 + len(course.reactions)], strict=True):
        stopped_at = consent.stopped_at[reaction.enrollment.patient]
        rows = np.flatnonzero(stopped_at < NEVER)
        answers.append(replies.stops(start + reaction.stopped_through[rows], stopped_at[rows]))
    return answers
