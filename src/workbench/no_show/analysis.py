"""The analysis of no-shows: from appointments to scores. A feature frame in, a frozen result out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.clinic_days import ClinicDays, study_clinic_days
from workbench.no_show.decisions.reminders import Reminders, reminders_by_capacity
from workbench.no_show.effect.paradox import Paradox, paradox
from workbench.no_show.effect.study import ReminderStudy, study_reminders
from workbench.no_show.models.training import BASELINES, unfitted
from workbench.no_show.oversight.rehearsal import Rehearsal, rehearse
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.access import Access, Conflict, access_by_group, conflicts
from workbench.no_show.scores.benefit import daily_lists
from workbench.no_show.scores.evaluating import evaluate
from workbench.no_show.scores.evaluation import Evaluation
from workbench.no_show.scores.subgroups import ApartScores, GroupScores, score_apart, score_groups
from workbench.no_show.validation.block_scores import BlockScores, score_block
from workbench.no_show.validation.development import Development, develop
from workbench.no_show.validation.elsewhere import Elsewhere
from workbench.no_show.validation.periods import TOO_LATE, least_lead, with_periods
from workbench.no_show.validation.transport import Transport, transport

Real = NDArray[np.float64]

# Rules of making a list, by what they order it by.
MODEL_LIST, LEAD_LIST, CHANCE_LIST = "the model", "longest lead", "chance"


@dataclass(frozen=True)
class Period:
    """A block of appointments."""

    name: str
    patients: int
    appointments: int
    missed: int


@dataclass(frozen=True)
class Predictions:
    """Probabilities of a no-show on the test, by model, in the order of its rows; shape (n,) each."""

    probability: Mapping[str, Real]
    chosen: str


@dataclass(frozen=True)
class Analysis:
    """What the data say about predicting no-shows.

    `appointments` has the periods of the temporal design; `development` is what was found before the test was opened,
    `tested` how the chosen model did on it, None where all of it came out alike. `apart` scores the test, then all
    appointments of its days, those booked too late for a reminder among them. `alarm` is the calibration alarm run over
    the test.
    """

    settings: NoShow
    appointments: Appointments
    periods: tuple[Period, ...]
    development: Development
    predictions: Predictions
    tested: BlockScores | None
    evaluation: Evaluation
    apart: tuple[ApartScores, ...]
    groups: tuple[GroupScores, ...]
    access: tuple[Access, ...]
    conflicts: tuple[Conflict, ...]
    reminders: Reminders
    alarm: Rehearsal
    paradox: Paradox | None
    transport: Transport | None
    effect: ReminderStudy | None
    clinic_days: ClinicDays

    @property
    def chosen(self) -> str:
        """The learned model with the smallest log loss on blocks of weeks before the test."""
        return self.predictions.chosen

    @property
    def test(self) -> Period:
        """The block everything is scored on."""
        return self.periods[-1]


def analyze(
    appointments: Appointments,
    settings: NoShow,
    elsewhere: Elsewhere | None = None,
    report: Callable[[str], None] | None = None,
) -> Analysis:
    """Choose, train and calibrate; then open the test, once.

    Args:
        appointments: from `load_appointments`.
        settings: the parameters.
        elsewhere: appointments of another source, whose model is tried here.
        report: told what is being done, for it takes a while.

    Raises:
        Refused: one class only in a block, too few days, or nothing to learn from.
    """
    tell = report or (lambda _: None)
    appointments = with_periods(appointments, settings)
    development = develop(_known_by_the_test(appointments, settings), settings, tell)
    tell("scoring them on the test, with intervals clustered by patient")
    opened = _opened(appointments, settings, development, elsewhere, tell)
    return replace(opened, effect=study_reminders(appointments.eligible, settings, tell))


def _known_by_the_test(appointments: Appointments, settings: NoShow) -> pd.DataFrame:
    """The appointments whose outcomes were recorded when the test began."""
    lag = pd.Timedelta(days=settings.recording_lag_days)
    rows = appointments.rows
    return rows[rows["day"] < pd.Timestamp(settings.test_from) - lag].reset_index(drop=True)


def _opened(
    appointments: Appointments,
    settings: NoShow,
    development: Development,
    elsewhere: Elsewhere | None,
    tell: Callable[[str], None],
) -> Analysis:
    """The one place that sees outcomes of the test; nothing is chosen by them."""
    test, chosen = appointments.of("test"), development.choice.chosen
    probability = {name: model.probability(test) for name, model in development.models.items()}
    risk = probability[chosen]
    # Where everybody or nobody missed, the rest of the evaluation says what can be told.
    tested = score_block(test, risk) if test["no_show"].nunique() > 1 else None
    lists_of_days = daily_lists(test["day"].to_numpy(), risk, settings.calls_per_day, settings.seed)
    groups = score_groups(test, risk, settings.subgroups)
    access = access_by_group(test, lists_of_days.called, settings.subgroups)
    lists = {MODEL_LIST: risk, LEAD_LIST: test["lead_days"].to_numpy(float), CHANCE_LIST: 0 * risk}
    return Analysis(
        settings=settings,
        appointments=appointments,
        periods=tuple(_period(name, appointments) for name in ("training", "calibration", "test")),
        development=development,
        predictions=Predictions(probability, chosen),
        tested=tested,
        evaluation=evaluate(
            probability,
            chosen,
            BASELINES,
            test["no_show"].to_numpy(float),
            test["patient"].to_numpy(),
            settings.threshold,
            settings.seed,
            within=settings.plausible_thresholds,
            lists=lists_of_days,
        ),
        apart=_apart(appointments, probability, development, settings),
        groups=groups,
        access=access,
        conflicts=conflicts(access, groups),
        reminders=reminders_by_capacity(test, lists, settings),
        alarm=rehearse(test, risk),
        paradox=paradox(appointments.rows, settings.reminded_from_lead_days),
        effect=None,
        clinic_days=study_clinic_days(appointments, chosen, development.models[chosen], settings, tell),
        transport=_transport(appointments, settings, chosen, elsewhere),
    )


def _apart(
    appointments: Appointments, probability: Mapping[str, Real], development: Development, settings: NoShow
) -> tuple[ApartScores, ...]:
    """The test, then all appointments of its days, told apart by same-day bookings; the test alone where it is all."""
    test, late = appointments.of("test"), appointments.of(TOO_LATE)
    scored = score_apart(test, probability)
    if late.empty:
        return scored
    everything = pd.concat([test, late], ignore_index=True)
    with_late = {
        name: np.concatenate([values, development.models[name].probability(late)])
        for name, values in probability.items()
    }
    among = f"booked {least_lead(settings)} days ahead or more"
    return (replace(scored[0], among=among), *score_apart(everything, with_late))


def _transport(
    appointments: Appointments, settings: NoShow, chosen: str, elsewhere: Elsewhere | None
) -> Transport | None:
    if elsewhere is None:
        return None
    return transport(
        elsewhere.source,
        elsewhere.rows,
        appointments.of("calibration"),
        appointments.of("test"),
        lambda: unfitted(chosen, settings.seed, settings.posterior),
    )


def _period(name: str, appointments: Appointments) -> Period:
    rows = appointments.of(name)
    return Period(name, int(rows["patient"].nunique()), len(rows), int(rows["no_show"].sum()))
