"""Scoring every model on the test: once on the whole, and in every replicate of the bootstrap."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.no_show.scores.accuracy import Accuracy
from workbench.no_show.scores.benefit import (
    Benefit,
    CapacityBenefit,
    DailyLists,
    NetBenefits,
    thresholds_told,
)
from workbench.no_show.scores.calibration import log_odds, vary
from workbench.no_show.scores.curve import CurvePoint, Distance, Loess, distances
from workbench.no_show.scores.discrimination import Ranked, aurocs
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.evaluation import Evaluation, Gain, Scores, Tenth
from workbench.no_show.scores.expansion import Lines
from workbench.no_show.scores.replicates import Sums, drawn_patients
from workbench.no_show.scores.unfit import refuse_outcomes, told_of_one_class, told_unfit
from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]
Index = NDArray[np.int64]
Replicated = dict[tuple[str, str], Real]

REPLICATES = 1000
BINS = 10


def evaluate(
    probability: Mapping[str, Real],
    chosen: str,
    baselines: Sequence[str],
    outcome: Real,
    patient: Index,
    threshold: float,
    seed: int,
    *,
    within: tuple[float, float] | None = None,
    lists: DailyLists | None = None,
    replicates: int = REPLICATES,
) -> Evaluation:
    """Score every model on the test block.

    Args:
        probability: predictions by model, each of shape (n,).
        chosen: the model whose curve, gains and net benefit are told.
        baselines: the models it is held against.
        outcome: 1 where the appointment was missed, else 0, shape (n,).
        patient: cluster of each appointment, shape (n,).
        threshold: the risk above which a call pays; net benefit is told at it too.
        seed: of the bootstrap.
        within: the plausible range of that threshold; None for half and twice of it.
        lists: whom the clinic would call at its capacity, chosen by the chosen model; None for no such lists.
        replicates: of the bootstrap.

    Raises:
        Refused: the chosen model gives a probability outside 0 to 1, or an outcome is neither 0 nor 1.
    """
    refuse_outcomes(outcome)
    left_out = {name: why for name, values in probability.items() if (why := told_unfit(values, outcome.size))}
    if chosen in left_out:
        raise Refused(Fault(f"model {chosen}", left_out[chosen], "Mend the model before scoring it."))
    names = [name for name in probability if name not in left_out]
    scored = _Scored({name: probability[name] for name in names}, chosen, outcome, patient)
    asked = thresholds_told(threshold, within or (threshold / 2, min(2 * threshold, (1 + threshold) / 2)))
    scored.add_benefits(asked, threshold, lists)
    scored.replicate(replicates, seed)
    return Evaluation(
        scores=tuple(scored.scores(name) for name in names),
        gains=tuple(scored.gain(name) for name in baselines if name in names),
        tenths=scored.tenths(),
        curve=scored.curve(),
        **dict(zip(("eavg", "e90"), scored.distances(seed), strict=True)),
        benefits=scored.benefits(asked),
        capacity=scored.capacity(threshold, lists) if lists else None,
        left_out=left_out,
        one_class=told_of_one_class(outcome, patient),
    )


class _Scored:
    """What is measured of each model, on the whole test and in every replicate."""

    def __init__(self, probability: Mapping[str, Real], chosen: str, outcome: Real, patient: Index) -> None:
        self._probability, self._chosen = probability, chosen
        self._outcome, self._patient = outcome, patient
        self._sums = Sums(patient)
        self._accuracy = {name: Accuracy(p, outcome, self._sums) for name, p in probability.items()}
        self._ranked: dict[str, Ranked] = {}
        self._lines: dict[str, Lines] = {}
        self._at = {name: place for place, name in enumerate(probability)}
        self._both = np.unique(outcome).size == 2
        if self._both:
            self._aurocs = aurocs(list(probability.values()), outcome, patient)
            for name, values in probability.items():
                odds, auroc = log_odds(values), self._aurocs.values[self._at[name]]
                self._ranked[name] = Ranked(values, outcome, self._sums.cluster)
                self._lines[name] = Lines(odds, outcome, self._sums, sloped=vary(odds) and 0 < auroc < 1)
        risk = probability[chosen]
        self._bins = _tenths(risk)
        self._in_bins = self._sums.add(*(values for values in self._bin_sums()))
        varies = vary(log_odds(risk))
        self._loess = Loess(risk, outcome, self._sums.cluster) if varies else None
        self._value: Replicated = {}
        self._draws: Replicated = {}

    def add_benefits(self, thresholds: Sequence[float], threshold: float, lists: DailyLists | None) -> None:
        """Have net benefit measured at thresholds, and for the clinic's lists."""
        benefits = NetBenefits(self._outcome, self._sums)
        risk = self._probability[self._chosen]
        self._thresholds = benefits.of_thresholds(risk, thresholds)
        listed = [lists.called, lists.called & (risk >= threshold)] if lists else []
        self._listed = benefits.of_lists(listed, [threshold] * len(listed)) if lists else None

    def replicate(self, replicates: int, seed: int) -> None:
        """Measure everything once, and in every replicate."""
        self._value = self._measured(np.ones((self._sums.patients, 1)))
        blocks = [self._measured(drawn) for drawn in drawn_patients(self._sums.patients, replicates, seed)]
        self._draws = {key: np.concatenate([block[key] for block in blocks], axis=-1) for key in self._value}

    def scores(self, name: str) -> Scores:
        """All scores of one model."""
        closed = self._aurocs.estimate(self._at[name]) if self._both else None
        return Scores(
            model=name,
            intercept=self._estimate_where_defined(name, "intercept"),
            slope=self._estimate_where_defined(name, "slope"),
            auroc=closed,
            auroc_check=self._estimate_where_defined(name, "auroc"),
            average_precision=self._estimate_where_defined(name, "average_precision"),
            brier=self._estimate(name, "brier"),
            scaled_brier=self._estimate_where_defined(name, "scaled_brier"),
            log_loss=self._estimate(name, "log_loss"),
        )

    def gain(self, baseline: str) -> Gain:
        """The chosen model against a baseline."""
        at = self._at
        brier, log_loss = (
            Estimate.percentile(
                float((self._value[baseline, kind] - self._value[self._chosen, kind])[0]),
                self._draws[baseline, kind] - self._draws[self._chosen, kind],
            )
            for kind in ("brier", "log_loss")
        )
        auroc = self._aurocs.difference(at[self._chosen], at[baseline]) if self._both else None
        return Gain(baseline, auroc, brier, log_loss)

    def tenths(self) -> tuple[Tenth, ...]:
        """Predicted and observed by tenth of predicted risk, those that are empty left out."""
        risk = self._probability[self._chosen]
        groups = ((place, self._bins == place) for place in range(BINS))
        return tuple(
            Tenth(
                patients=int(np.unique(self._patient[inside]).size),
                appointments=int(inside.sum()),
                missed=int(self._outcome[inside].sum()),
                predicted=float(risk[inside].mean()),
                observed=self._estimate("chosen", "tenths", place),
            )
            for place, inside in groups
            if inside.any()
        )

    def curve(self) -> tuple[CurvePoint, ...]:
        """The flexible calibration curve with its pointwise band; empty where predictions do not vary."""
        if self._loess is None:
            return ()
        return tuple(
            CurvePoint(float(place), self._estimate("chosen", "curve", at))
            for at, place in enumerate(self._loess.places)
        )

    def distances(self, seed: int) -> tuple[Distance | None, Distance | None]:
        """Eavg and E90."""
        if self._loess is None:
            return None, None
        return distances(self._loess, self._probability[self._chosen], self._outcome, self._patient, seed)

    def benefits(self, thresholds: Sequence[float]) -> tuple[Benefit, ...]:
        """Net benefit at every threshold."""
        return tuple(
            Benefit(
                threshold=threshold,
                model=self._estimate("chosen", "benefit", place),
                everybody=float(self._value["chosen", "everybody"][place, 0]),
                gain=self._estimate("chosen", "benefit_gain", place),
                standardized=self._estimate("chosen", "standardized", place) if self._outcome.any() else None,
            )
            for place, threshold in enumerate(thresholds)
        )

    def capacity(self, threshold: float, lists: DailyLists) -> CapacityBenefit:
        """Net benefit of the clinic's lists."""
        odds, by_lot = threshold / (1 - threshold), lists.by_lot
        return CapacityBenefit(
            threshold=threshold,
            implied=lists.implied,
            called=float(lists.called.mean()),
            model=self._estimate("chosen", "listed", 0),
            worth_calling=self._estimate("chosen", "listed", 1),
            chance=float(np.mean(by_lot * self._outcome - odds * by_lot * (1 - self._outcome))),
        )

    def _measured(self, drawn: Real) -> Replicated:
        """Everything in each replicate, by model and measure; the last axis is of replicates."""
        found = self._sums.under(drawn)
        measured: Replicated = {}
        for name, accuracy in self._accuracy.items():
            measured[name, "brier"] = accuracy.brier(found)
            measured[name, "log_loss"] = accuracy.log_loss(found)
            if self._both:
                measured[name, "scaled_brier"] = accuracy.scaled_brier(found)
        for name, ranked in self._ranked.items():
            measured[name, "auroc"], measured[name, "average_precision"] = ranked.under(drawn)
        for name, lines in self._lines.items():
            measured[name, "intercept"] = lines.in_the_large(found, drawn)
            slope = lines.slope(found, drawn)
            if slope is not None:
                measured[name, "slope"] = slope
        missed, size = np.split(found[self._in_bins], 2)
        with np.errstate(all="ignore"):  # nobody of a tenth in a replicate
            measured["chosen", "tenths"] = missed / size
        if self._loess is not None:
            measured["chosen", "curve"] = self._loess.under(drawn)
        measured["chosen", "benefit"] = self._thresholds.model(found)
        measured["chosen", "everybody"] = self._thresholds.everybody(found)
        measured["chosen", "benefit_gain"] = self._thresholds.gain(found)
        measured["chosen", "standardized"] = self._thresholds.standardized(found)
        if self._listed is not None:
            measured["chosen", "listed"] = self._listed.model(found)
        return measured

    def _bin_sums(self) -> list[Real]:
        inside = [(self._bins == place).astype(float) for place in range(BINS)]
        return [*(values * self._outcome for values in inside), *inside]

    def _estimate(self, name: str, measure: str, place: int | None = None) -> Estimate:
        value, draws = self._value[name, measure], self._draws[name, measure]
        if place is not None:
            value, draws = value[place], draws[place]
        return Estimate.percentile(float(value[0]), draws)

    def _estimate_where_defined(self, name: str, measure: str) -> Estimate | None:
        return self._estimate(name, measure) if (name, measure) in self._value else None


def _tenths(probability: Real) -> Index:
    """The tenth each prediction falls into; equal predictions fall into one."""
    edges = np.quantile(probability, np.arange(1, BINS) / BINS)
    return np.searchsorted(edges, probability, side="right")
