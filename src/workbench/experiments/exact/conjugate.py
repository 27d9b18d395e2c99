"""Independent arms with conjugate priors: rates, event rates and means. Closed forms, but for what compares arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln

from workbench.experiments.exact.event_rates import ArmExposure, exposure_faults
from workbench.experiments.exact.independent import IndependentPosterior, Margin
from workbench.experiments.exact.kernels import EventRateKernel, NormalKernel
from workbench.experiments.exact.means import ArmMean, mean_faults
from workbench.experiments.exact.priors import BetaPrior, GammaPrior, MeanPrior
from workbench.experiments.exact.quadrature import Array
from workbench.experiments.exact.rates import ArmCounts, count_faults
from workbench.experiments.exact.scales import LOG, LOGIT, PLAIN, sinh_scale
from workbench.refusal import Fault, Refused


@dataclass(frozen=True)
class LogitKernel:
    """a x - (a + b) log(1 + exp(x)): what Beta(a, b) says of a log odds x."""

    a: float
    b: float
    ceiling: float = np.inf

    @property
    def peak(self) -> float:
        """The log odds of the mean."""
        return float(np.log(self.a / self.b))

    def __call__(self, at: Array) -> Array:
        """The kernel at log odds of any shape."""
        return -self.a * np.logaddexp(0, -at) - self.b * np.logaddexp(0, at)

    def width(self, at: float) -> float:
        """The standard deviation there."""
        return min(float(2 * np.cosh(at / 2) / np.sqrt(self.a + self.b)), 1.0)


@dataclass(frozen=True)
class StudentKernel:
    """What a Student t says of the inverse hyperbolic sine of a value, the center and unit being the scale's."""

    location: float
    unit: float
    degrees: float
    center: float
    scale_unit: float
    ceiling: float = np.inf

    @property
    def peak(self) -> float:
        """As good as its mode: the location's."""
        return float(np.arcsinh((self.location - self.center) / self.scale_unit))

    def __call__(self, at: Array) -> Array:
        """The kernel at locations of any shape."""
        u = (self.center + self.scale_unit * np.sinh(at) - self.location) / self.unit
        # Far out the hyperbolic cosine of the change of variables is its exponent.
        return np.logaddexp(at, -at) - (self.degrees + 1) * np.log(np.hypot(1, u / np.sqrt(self.degrees)))

    def width(self, at: float) -> float:
        """The standard deviation there."""
        # The hyperbolic sine itself bends on a scale of 1.
        return min(float(self.unit / (self.scale_unit * np.cosh(at))), 0.5)


def beta_rates(
    counts: Sequence[ArmCounts], control: str, prior: BetaPrior | None = None
) -> IndependentPosterior:
    """Rates with one Beta prior for each arm by itself.

    Args:
        counts: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: flat where there is none.

    Raises:
        Refused: as `RatePosterior`.
    """
    _refuse(count_faults(counts, control))
    prior = prior or BetaPrior()
    a, b = prior.events, prior.others
    updated = [(a + entry.events, b + entry.people - entry.events) for entry in counts]
    margins = {
        entry.arm: Margin.of_kernel(LogitKernel(*each)) for entry, each in zip(counts, updated, strict=True)
    }
    events, others = (sum(each[place] for each in updated) for place in (0, 1))
    extra = len(counts) - 1
    alike = betaln(events - extra * a, others - extra * b) - betaln(a, b)
    differ = sum(betaln(*each) - betaln(a, b) for each in updated)
    return IndependentPosterior(margins, control, LOGIT, float(differ - alike))


def gamma_event_rates(observed: Sequence[ArmExposure], control: str, prior: GammaPrior) -> IndependentPosterior:
    """Poisson rates with one gamma prior for each arm by itself.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: in units of exposure.

    Raises:
        Refused: as `EventRatePosterior`.
    """
    _refuse(exposure_faults(observed, control))
    updated = [(prior.events + entry.events, prior.exposure + entry.exposure) for entry in observed]
    margins = {
        entry.arm: Margin.of_kernel(EventRateKernel(*each))
        for entry, each in zip(observed, updated, strict=True)
    }

    def log_evidence(shape: float, exposure: float) -> float:
        fresh = prior.events * np.log(prior.exposure) - gammaln(prior.events)
        return float(fresh + gammaln(shape) - shape * np.log(exposure))

    total = [prior.events + sum(e.events for e in observed), prior.exposure + sum(e.exposure for e in observed)]
    differ = sum(log_evidence(*each) for each in updated)
    return IndependentPosterior(margins, control, LOG, differ - log_evidence(*total))


def normal_means(observed: Sequence[ArmMean], control: str, sd: float | None = None) -> IndependentPosterior:
    """Means with flat priors for each arm by itself.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        sd: the standard deviation of people where it is known: normal posteriors. Where it is None it is estimated
            for each arm, under a flat prior of its log: Student t with n - 1 degrees (Gelman et al. 2013, 3.2).

    Raises:
        Refused: arms that cannot be compared, or without a spread; fewer than three people where it is estimated.
    """
    if sd is not None:
        if not 0 < sd < np.inf:
            raise Refused(Fault("sd", "it is not above 0.", "Give the standard deviation of people."))
        _refuse(mean_faults(observed, control))
        known = {
            entry.arm: Margin.of_kernel(NormalKernel(entry.mean, sd / np.sqrt(entry.people)))
            for entry in observed
        }
        return IndependentPosterior(known, control, PLAIN, None)
    _refuse(mean_faults(observed, control))
    few = [
        Fault(f"arm {entry.arm}", "it has two people, whose mean has no expectation.", "Wait for a third.")
        for entry in observed
        if entry.people < 3
    ]
    _refuse(few)
    return _student(
        {entry.arm: (entry.mean, entry.error, entry.people - 1.0) for entry in observed}, control, None
    )


def normal_means_with_prior(
    observed: Sequence[ArmMean], control: str, prior: MeanPrior
) -> IndependentPosterior:
    """Means and standard deviations of people with one conjugate prior for each arm by itself: Student t.

    Args:
        observed: one entry per arm; two arms or more.
        control: the arm that the others are compared with.
        prior: see `MeanPrior`; worth more than one person with the data, so that an expectation exists.

    Raises:
        Refused: arms that cannot be compared, or without a spread.

    Reference: Gelman et al. 2013, section 3.3; the evidence is equation 95 of Murphy 2007 for its equation 86.
    """
    _refuse(mean_faults(observed, control))

    def updated(people: float, mean: float, squares: float) -> tuple[float, float, float]:
        """Worth, mean, and sum of squares after these people."""
        worth = prior.worth + people
        center = (prior.worth * prior.mean + people * mean) / worth
        pull = prior.worth * people / worth * (mean - prior.mean) ** 2
        return worth, center, prior.worth * prior.sd**2 + squares + pull

    def log_evidence(people: float, worth: float, squares: float) -> float:
        start = prior.worth * prior.sd**2
        found = gammaln(worth / 2) - gammaln(prior.worth / 2) + (np.log(prior.worth) - np.log(worth)) / 2
        found += prior.worth / 2 * np.log(start) - worth / 2 * np.log(squares)
        return float(found - people / 2 * np.log(np.pi))

    each = {e.arm: (e.people, *updated(e.people, e.mean, (e.people - 1) * e.sd**2)) for e in observed}
    differ = sum(log_evidence(people, worth, squares) for people, worth, _, squares in each.values())
    people = sum(e.people for e in observed)
    mean = sum(e.people * e.mean for e in observed) / people
    around = sum((e.people - 1) * e.sd**2 + e.people * (e.mean - mean) ** 2 for e in observed)
    worth, _, squares = updated(people, mean, around)
    posterior = {
        arm: (center, float(np.sqrt(squares)) / worth, worth)
        for arm, (_, worth, center, squares) in each.items()
    }
    return _student(posterior, control, differ - log_evidence(people, worth, squares))


def _student(
    posterior: dict[str, tuple[float, float, float]], control: str, log_bayes_factor: float | None
) -> IndependentPosterior:
    """From location, scale and degrees of freedom of each arm."""
    center = float(np.mean([location for location, _, _ in posterior.values()]))
    unit = min(scale for _, scale, _ in posterior.values())
    margins = {
        arm: Margin.of_kernel(StudentKernel(*each, center=center, scale_unit=unit))
        for arm, each in posterior.items()
    }
    return IndependentPosterior(margins, control, sinh_scale(center, unit), log_bayes_factor)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Refused(*faults)
