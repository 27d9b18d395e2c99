"""What is true of a simulated provider: estimands from paired potential outcomes, not coefficients."""

from datetime import timedelta
from typing import Any

import numpy as np

from workbench.simulate.appointments import KEPT, Appointments
from workbench.simulate.attendance import Attendance
from workbench.simulate.consents import WORDINGS, Asking, Consent
from workbench.simulate.course import Course
from workbench.simulate.paired import estimates
from workbench.simulate.patient_types import TYPES
from workbench.simulate.phases import PHASES
from workbench.simulate.pooling import Count, mean, minus
from workbench.simulate.population import ADULT_FROM, DIAGNOSES, Population
from workbench.simulate.randomness import Truth
from workbench.simulate.reactions import PotentialOutcomes
from workbench.simulate.settings import ProviderSettings

NOTE = (
    "Every rate is taken over all people of the population under every arm, each with the same latent draws, also "
    "where the window ends after the data do. It is the truth of these very people. What a study observes differs "
    "from it by the accident of who was randomized to which arm, and by people whose window has not closed; an "
    "interval of a study is checked against these numbers. A wider interval, for people like these, holds them too."
)
POPULATION = (
    f"Assigned before the end of the data; adult (year of the data end minus birth year is {ADULT_FROM} or more); "
    "opted in to texts for care at the assignment. Analyzed as assigned, whether the text arrived or not."
)


def provider_truth(course: Course) -> dict[str, Any]:
    """Everything that `truth.json` holds."""
    settings, people = course.world.settings, course.world.people
    truth = {
        "schema": 1,
        "seed": settings.seed,
        "scenario": settings.scenario,
        "settings": {
            "patients": Count(settings.patients),
            "starts_on": settings.first_day.isoformat(),
            "ends_on": settings.ends_on.isoformat(),
            "separation": settings.separation,
        },
        "note": NOTE,
        "experiments": {
            each.enrollment.experiment.experiment_id: _experiment(settings, people, each)
            for each in course.outcomes
        },
        "no_show": _no_show(settings, course.visits, course.attendance),
        "consent": _consent(settings, people, course.asking, course.consent),
        "patient_types": _patient_types(settings, people),
    }
    scenario = settings.declared
    if scenario.truth:
        truth["laboratory"] = {
            "title": scenario.title,
            "question": scenario.question,
            "changed": scenario.changed,
            "expected": scenario.expected,
            "estimands": estimates(scenario.truth, course.paired),
        }
    return truth


def _experiment(settings: ProviderSettings, people: Population, outcomes: PotentialOutcomes) -> dict[str, Any]:
    enrollment = outcomes.enrollment
    experiment = enrollment.experiment
    diagnosis = people.diagnosis[enrollment.patient]
    counted = enrollment.eligible
    by_diagnosis = {name: counted & (diagnosis == place) for place, name in enumerate(DIAGNOSES)}
    by_phase = {name: counted & (enrollment.stratum == place) for place, name in enumerate(PHASES)}
    return {
        "control": experiment.names[0],
        "arms": list(experiment.names),
        "first_assignment_on": (settings.ends_on + timedelta(days=experiment.first_day)).isoformat(),
        "last_assignment_on": (settings.ends_on + timedelta(days=experiment.last_day)).isoformat(),
        "window_days": experiment.window_days,
        "outcomes": {
            "booking": "any appointment booked later than the assignment and within the window, by whatever way",
            "opt_out": "any opt-out of texts for care later than the assignment and within the window",
        },
        "population": POPULATION,
        "assigned": Count(counted.size),
        "overall": _estimands(outcomes, counted),
        "by_diagnosis_group": {name: _estimands(outcomes, who) for name, who in by_diagnosis.items()},
        "by_treatment_phase": {name: _estimands(outcomes, who) for name, who in by_phase.items()},
    }


def _estimands(outcomes: PotentialOutcomes, who: Truth) -> dict[str, Any]:
    """People, rates under every arm, and differences from the control; rates are null where there is nobody."""
    names = outcomes.enrollment.experiment.names
    rates = {
        outcome: [mean(under) for under in happens[who].T]
        for outcome, happens in (("booking", outcomes.booking), ("opt_out", outcomes.opt_out))
    }
    arms = {
        name: {outcome: values[place] for outcome, values in rates.items()} for place, name in enumerate(names)
    }
    control = arms[names[0]]
    return {
        "people": Count(who.sum()),
        "arms": arms,
        "differences": {
            name: {outcome: minus(arms[name][outcome], control[outcome]) for outcome in rates}
            for name in names[1:]
        },
    }


def _no_show(settings: ProviderSettings, visits: Appointments, attendance: Attendance) -> dict[str, Any]:
    held = (visits.fate == KEPT) & (visits.starts_at >= settings.start) & (visits.starts_at < settings.end)
    texted = held & attendance.reminded
    with_text = mean(attendance.risk_reminded[texted])
    without = mean(attendance.risk_unreminded[texted])
    return {
        "appointments": Count(held.sum()),
        "mean_risk": mean(attendance.risk[held]),
        "missed": mean(attendance.missed[held]),
        "reminders": {
            "population": "appointments not called off for which a reminder had arrived",
            "appointments": Count(texted.sum()),
            "risk_reminded": with_text,
            "risk_not_reminded": without,
            "difference": minus(with_text, without),
        },
    }


def _consent(
    settings: ProviderSettings, people: Population, asking: Asking, consent: Consent
) -> dict[str, Any]:
    adults = np.flatnonzero(people.adult & (people.left_at >= settings.end))
    opted_in = consent.opted_in(adults, np.full(adults.size, settings.end - 1))
    answered = asking.prompted & (asking.consent.answered_at < settings.end)
    agrees = asking.agrees[answered]
    return {
        "adults_in_care_at_the_end": Count(adults.size),
        "opted_in_at_the_end": mean(opted_in),
        "prompt_wording": {
            "population": "adults who answered a consent prompt sent by text",
            "people": Count(answered.sum()),
            "agrees": {wording: mean(agrees[:, place]) for place, wording in enumerate(WORDINGS)},
            "difference": minus(mean(agrees[:, 1]), mean(agrees[:, 0])),
        },
    }


def _patient_types(settings: ProviderSettings, people: Population) -> dict[str, Any]:
    """Shares of the planted types; where nothing separates them, everybody is of one and the same."""
    adults = people.adult & (people.left_at >= settings.end)
    kind = people.manners.type[adults]
    return {
        "population": "adults in care at the end of the data",
        "people": Count(adults.sum()),
        "separation": settings.separation,
        "shares": {name: mean(kind == place) for place, name in enumerate(TYPES)}
        if settings.separation
        else {},
    }
