"""The analysis of no-shows: from appointments to scores. A feature frame in, a frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.no_show.effect.paradox import Paradox, paradox
from workbench.no_show.effect.study import ReminderStudy, study_reminders
from workbench.no_show.evaluation import Evaluation, evaluate
from workbench.no_show.frame import Appointments
from workbench.no_show.models import BASELINES, Predictions, predict
from workbench.no_show.parameters import NoShow
from workbench.no_show.reminders import Reminders, reminders_by_capacity
from workbench.no_show.subgroups import ApartScores, GroupScores, score_apart, score_groups

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
class Analysis:
    """What the data say about predicting no-shows."""

    settings: NoShow
    appointments: Appointments
    periods: tuple[Period, ...]
    predictions: Predictions
    evaluation: Evaluation
    apart: tuple[ApartScores, ...]
    groups: tuple[GroupScores, ...]
    reminders: Reminders
    paradox: Paradox | None
    effect: ReminderStudy | None

    @property
    def chosen(self) -> str:
        """The learned model that did better on the calibration block."""
        return self.predictions.chosen

    @property
    def test(self) -> Period:
        """The block everything is scored on."""
        return self.periods[-1]


def analyze(
    appointments: Appointments, settings: NoShow, report: Callable[[str], None] | None = None
) -> Analysis:
    """Train, calibrate, test.

    Args:
        appointments: from `load_appointments`.
        settings: the parameters.
        report: told what is being done, for it takes a while.

    Raises:
        Refused: one class only in a block, or nothing to learn from.
    """
    tell = report or (lambda _: None)
    training, calibration, test = (appointments.of(name) for name in ("training", "calibration", "test"))
    tell("training and calibrating the models")
    predictions = predict(training, calibration, test, appointments.constant, settings.seed)
    risk = predictions.probability[predictions.chosen]
    tell("scoring them, with intervals clustered by patient")
    evaluation = evaluate(
        predictions.probability,
        predictions.chosen,
        BASELINES,
        test["no_show"].to_numpy(float),
        test["patient"].to_numpy(),
        settings.threshold,
        settings.seed,
    )
    lists = {
        MODEL_LIST: risk,
        LEAD_LIST: test["lead_days"].to_numpy(float),
        CHANCE_LIST: 0 * risk,
    }
    return Analysis(
        settings=settings,
        appointments=appointments,
        periods=tuple(_period(name, appointments) for name in ("training", "calibration", "test")),
        predictions=predictions,
        evaluation=evaluation,
        apart=score_apart(test, predictions.probability),
        groups=score_groups(test, risk, settings.subgroups),
        reminders=reminders_by_capacity(test, lists, settings),
        paradox=paradox(appointments.rows, settings.reminded_from_lead_days),
        effect=study_reminders(appointments.eligible, settings, report),
    )


def _period(name: str, appointments: Appointments) -> Period:
    rows = appointments.of(name)
    return Period(name, int(rows["patient"].nunique()), len(rows), int(rows["no_show"].sum()))
