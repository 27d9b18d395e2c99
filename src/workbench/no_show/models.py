"""The models and their baselines: trained on earlier weeks, calibrated on a block of their own.

Each gives probabilities for the appointments of a later block. Logistic regression and gradient boosting see every
feature; the baselines see nothing, the patient's own past, or the lead alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, xlogy
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from workbench.no_show.features import NUMBERS, WORDS
from workbench.no_show.scores.calibration import EDGE, log_odds, recalibration
from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]

BASELINES = ("base_rate", "own_rate", "lead_time")
LEARNED = ("logistic", "boosting")
MODELS = (*BASELINES, *LEARNED)
# Processes that each take all cores for one OpenMP pool stand in each other's way; one thread is fast enough.
THREADS = 1
# Earlier visits that the rate of all counts for, of which the likeliest on the training block is taken.
PRIOR_VISITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
REPLACED = "not recorded"


@dataclass(frozen=True)
class Predictions:
    """Probabilities of a no-show on the test block, by model, in the order of its rows.

    `chosen` is the learned model with the smaller log loss on the calibration block; `best_baseline` the baseline.
    `log_loss` is told by model, on the calibration block. `prior_visits` is the weight of the rate of all in the
    patient's own rate.
    """

    probability: Mapping[str, Real]
    chosen: str
    best_baseline: str
    log_loss: Mapping[str, float]
    prior_visits: float


def predict(
    training: pd.DataFrame,
    calibration: pd.DataFrame,
    test: pd.DataFrame,
    constant: Sequence[str],
    seed: int,
) -> Predictions:
    """Train on the first block, calibrate on the second, predict the third.

    Args:
        training, calibration, test: blocks of `Appointments.rows`, later and later.
        constant: features to leave out, since they do not vary in training.
        seed: of gradient boosting.

    Raises:
        Refused: everybody, or nobody, missed in training or calibration; or no feature varies.
    """
    for name, block in (("training", training), ("calibration", calibration)):
        _refuse_one_class(name, block)
    numbers = [name for name in NUMBERS if name not in constant]
    words = [name for name in WORDS if name not in constant]
    if not numbers and not words:
        raise Refused(
            Fault("features", "none of them varies in training.", "Bring data that tell appointments apart.")
        )
    prior_visits = _likeliest_prior(training)
    raw: dict[str, tuple[Real, Real]] = {}
    base = float(training["no_show"].mean())
    raw["base_rate"] = (np.full(len(calibration), base), np.full(len(test), base))
    raw["own_rate"] = tuple(own_rate(block, base, prior_visits) for block in (calibration, test))  # type: ignore[assignment]
    with threadpool_limits(limits=THREADS):
        for name, model in (
            ("lead_time", _LeadTime()),
            ("logistic", _logistic(numbers, words)),
            ("boosting", _boosting(words, training, seed)),
        ):
            columns = ["lead_days"] if name == "lead_time" else [*numbers, *words]
            model.fit(_typed(training, columns), training["no_show"])
            raw[name] = tuple(  # type: ignore[assignment]
                model.predict_proba(_typed(block, columns))[:, 1] for block in (calibration, test)
            )
    outcome = calibration["no_show"].to_numpy(float)
    probability, losses = {}, {}
    for name, (on_calibration, on_test) in raw.items():
        line = recalibration(log_odds(on_calibration), outcome)
        probability[name] = expit(line.intercept + line.slope * log_odds(on_test))
        losses[name] = log_loss(outcome, expit(line.intercept + line.slope * log_odds(on_calibration)))
    return Predictions(
        probability=probability,
        chosen=min(LEARNED, key=lambda name: losses[name]),
        best_baseline=min(BASELINES, key=lambda name: losses[name]),
        log_loss=losses,
        prior_visits=prior_visits,
    )


def own_rate(rows: pd.DataFrame, base: float, prior_visits: float) -> Real:
    """The patient's own share of missed visits, drawn to the rate of all: (missed + w base) / (visits + w)."""
    missed, past = rows["past_missed"].to_numpy(float), rows["past"].to_numpy(float)
    return (missed + prior_visits * base) / (past + prior_visits)


def log_loss(outcome: Real, probability: Real) -> float:
    """The mean of -log of the probability given to what happened."""
    return float(-np.mean(xlogy(outcome, probability) + xlogy(1 - outcome, 1 - probability)))


def _likeliest_prior(training: pd.DataFrame) -> float:
    base = float(training["no_show"].mean())
    outcome = training["no_show"].to_numpy(float)
    return min(PRIOR_VISITS, key=lambda weight: log_loss(outcome, own_rate(training, base, weight)))


class _LeadTime:
    """The rate by lead, never falling with it (isotonic regression); the line of same-day bookings is their own."""

    def __init__(self) -> None:
        self._rate = IsotonicRegression(y_min=EDGE, y_max=1 - EDGE, out_of_bounds="clip")

    def fit(self, rows: pd.DataFrame, outcome: pd.Series) -> None:
        self._rate.fit(rows["lead_days"].to_numpy(float), outcome.to_numpy(float))

    def predict_proba(self, rows: pd.DataFrame) -> Real:
        rate = self._rate.predict(rows["lead_days"].to_numpy(float))
        return np.column_stack([1 - rate, rate])


def _logistic(numbers: Sequence[str], words: Sequence[str]) -> Any:
    """Logistic regression on splines of the numbers and on the words, weakly drawn to zero."""
    curve = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=False),
        StandardScaler(),
        SplineTransformer(n_knots=5, degree=3, knots="quantile", extrapolation="constant", include_bias=False),
    )
    design = ColumnTransformer(
        [
            ("curves", curve, [name for name in numbers if name not in _STEPS]),
            (
                "steps",
                OneHotEncoder(handle_unknown="ignore", min_frequency=50),
                [n for n in numbers if n in _STEPS],
            ),
            ("words", OneHotEncoder(handle_unknown="ignore", min_frequency=50), list(words)),
            ("same_day", FunctionTransformer(_is_zero), ["lead_days"] if "lead_days" in numbers else []),
        ]
    )
    return make_pipeline(design, LogisticRegression(C=1.0, max_iter=1000))


def _is_zero(rows: Any) -> Real:
    return np.asarray(rows == 0, dtype=float)


# Numbers with few values, told apart one by one.
_STEPS = ("weekday", "last_missed", "past", "past_missed", "same_day_visits", "texts_allowed")


def _boosting(words: Sequence[str], training: pd.DataFrame, seed: int) -> Any:
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=7,
        min_samples_leaf=200,
        l2_regularization=1.0,
        # Stopping early would hold out random rows, whose patients are in training too.
        early_stopping=False,
        categorical_features=list(words) or None,
        random_state=seed,
    )


def _typed(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns with numbers as floats and words as categories."""
    typed = {
        name: rows[name].fillna(REPLACED).astype(str) if name in WORDS else rows[name].astype(float)
        for name in columns
    }
    return pd.DataFrame(typed)


def _refuse_one_class(name: str, block: pd.DataFrame) -> None:
    if block["no_show"].nunique() < 2:
        what = f"in the {name} block {'everybody missed' if block['no_show'].mean() > 0 else 'nobody missed'}."
        raise Refused(Fault("appointments", what, "Choose a longer block, or check the outcomes."))
