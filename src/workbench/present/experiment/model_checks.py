"""Whether the models beside the verdict fit their data, and whether their priors speak in what they tell.

The verdict does not rest on them: what fails is withheld and noted, and fails no report.
"""

from collections.abc import Iterator, Sequence

from workbench.experiments.analysis import Analysis
from workbench.experiments.models.checks import SENSITIVE, TAIL, PosteriorChecks, PowerScaling
from workbench.experiments.models.clusters import FEWEST, ClusterPosterior
from workbench.present import numbers
from workbench.present.result import Check
from workbench.sampling.diagnostics import Diagnostics


def model_checks(analysis: Analysis) -> Iterator[Check]:
    """The checks of every model that was fitted; the sampler of the model by segment is a gate of the verdict."""
    segments = analysis.segments
    if segments is not None and segments.diagnostics.sound and segments.checks is not None:
        yield _extremes(
            "the model by segment", segments.checks, otherwise="its list of named segments is withheld"
        )
        yield _priors("the model by segment", segments.checks.sensitivity)
    for model, found in (
        ("the model of factors", analysis.factors),
        ("the model of the covariate", analysis.standardized),
        ("the model of clusters", analysis.clusters),
    ):
        if found is None:
            continue
        if isinstance(found, ClusterPosterior) and found.withheld is not None:
            yield _few_clusters()
            continue
        yield _sampler(model, found.diagnostics)
        if found.diagnostics.sound:
            yield _extremes(model, found.checks, otherwise="read its numbers with doubt")
            yield _priors(model, found.checks.sensitivity)
    if analysis.cure is not None:
        yield _sampler("the cure model", analysis.cure.diagnostics)


def sampler_in_words(diagnostics: Diagnostics) -> str:
    """How well a sampler did, in one sentence."""
    return (
        f"R-hat at most {numbers.number(diagnostics.r_hat, 3)}, effective draws at least "
        f"{numbers.count(int(min(diagnostics.ess_bulk, diagnostics.ess_tail)))}, "
        f"{diagnostics.divergences} divergences, E-BFMI at least {numbers.number(diagnostics.e_bfmi, 2)}."
    )


def surprises(checks: PosteriorChecks) -> str:
    """The declared extremes that are rare under a model."""
    return ", ".join(check.extreme for check in checks.predictive if not check.passed)


def _few_clusters() -> Check:
    detail = (
        f"Some arm has fewer than {FEWEST} clusters, too few to know how alike their members are; none is told."
    )
    return Check(name="Arms by cluster", passed=None, detail=detail)


def _sampler(model: str, diagnostics: Diagnostics) -> Check:
    told = sampler_in_words(diagnostics)
    if diagnostics.sound:
        return Check(name=f"Sampler of {model}", passed=True, detail=told)
    return Check(name=f"Sampler of {model}", passed=None, detail=f"{told} Its numbers are not shown.")


def _extremes(model: str, checks: PosteriorChecks, otherwise: str) -> Check:
    told = "; ".join(f"{check.extreme} {numbers.number(check.above, 3)}" for check in checks.predictive)
    detail = f"Of data made by the fitted model this share lies above the observed: {told}."
    if not checks.passed:
        rare = f"Rare under the model, {numbers.number(TAIL, 3)} or less on a side: {surprises(checks)}"
        detail = f"{detail} {rare}; {otherwise}."
    return Check(name=f"Extremes as {model} expects", passed=checks.passed or None, detail=detail)


def _priors(model: str, sensitivity: Sequence[PowerScaling]) -> Check:
    told = "; ".join(
        f"“{one.estimand}” {numbers.number(one.prior, 2)} and {numbers.number(one.likelihood, 2)}"
        for one in sensitivity
    )
    detail = (
        "How far each estimand moves per doubling of the weight of the top-level priors, and of the data: "
        f"{told}. From {numbers.number(SENSITIVE, 2)} on the priors speak in it; where both do, they may disagree."
    )
    return Check(name=f"Priors of {model}", passed=None, detail=detail)
