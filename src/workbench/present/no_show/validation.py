"""How a no-show study was validated: its sections, sentences, check and metrics."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.validation.periods import least_lead
from workbench.present import numbers
from workbench.present.blocks import Block, ProseBlock, folded, tables_of
from workbench.present.no_show.validation_tables import DISJOINT, RANDOM, ROLLING, designs
from workbench.present.no_show.words import FEATURE_WORDS, MODEL_WORDS, listed
from workbench.present.result import Check, Metric, StudyResult


def how_it_was_validated(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The designs, the choice among models, enough events, and transport where it was asked for."""
    carried = (ProseBlock(text=transport_in_words(analysis)),) if result.has_table("transport") else ()
    return (
        ProseBlock(text=choice_in_words(analysis)),
        *folded("The choice in numbers", tables_of(result, "choice")),
        ProseBlock(text=designs_in_words(analysis)),
        *folded(
            "Every design of validation in numbers",
            tables_of(result, "designs", "design_losses", "design_contrasts"),
        ),
        *folded("Events for each parameter", tables_of(result, "sample_size")),
        *carried,
        *tables_of(result, "transport"),
    )


def choice_in_words(analysis: Analysis) -> str:
    """Which model was chosen, by what, and which others cannot be told from it."""
    choice = analysis.development.choice
    alike = [
        MODEL_WORDS[candidate.model]
        for candidate in choice.candidates
        if candidate.behind is not None and not candidate.told_apart
    ]
    told = (
        f"{listed(alike).capitalize()} cannot be told from it."
        if alike
        else "It is ahead of each of the others by more than noise."
    )
    return (
        f"**{MODEL_WORDS[choice.chosen].capitalize()}** had the smallest log loss on "
        f"{len(analysis.development.blocks)} blocks of days before the test, each predicted by models trained on "
        f"what was known before it. {told} The test was opened once, after the choice."
    )


def designs_in_words(analysis: Analysis) -> str:
    """What each design would have shown, a random split's flattery as measured."""
    development = analysis.development
    flattery, strange = development.flattery, development.new_patients
    lag = analysis.settings.recording_lag_days
    days = f"{lag} {'day' if lag == 1 else 'days'}"
    return (
        "Patients who return are kept: as the model would be used, it knows some of those it predicts. What trains or "
        f"calibrates ends {days} before what is predicted begins, for outcomes of later days may not have been "
        "recorded by then. "
        f"**A random split {_flatters(flattery.auroc, flattery.log_loss)}**: its AUROC is higher by "
        f"{_with_interval(flattery.auroc, 4)}, its log loss lower by {_with_interval(flattery.log_loss, 5)}, on the "
        f"same appointments. Patients of whom the model learned nothing are predicted {_worse(strange.log_loss)}: "
        f"AUROC higher by {_with_interval(strange.auroc, 4)}, log loss lower by "
        f"{_with_interval(strange.log_loss, 5)}."
    )


def transport_in_words(analysis: Analysis) -> str:
    """Where a model came from, and what it knew."""
    found = analysis.transport
    if found is None:
        return "No model was taken from elsewhere."
    known = listed([FEATURE_WORDS[name] for name in found.features])
    return (
        f"The same kind of model, trained on {numbers.count(found.appointments)} appointments of the source "
        f"{found.source}, was tried here. Both places tell of {known}. A model from elsewhere is used for nothing "
        "before it is recalibrated here."
    )


def too_late_in_words(analysis: Analysis) -> str | None:
    """The AUROC that same-day bookings would give, as a warning; None where nothing was booked too late."""
    everything = next((apart for apart in analysis.apart[1:] if apart.among == "all appointments"), None)
    if least_lead(analysis.settings) == 0 or everything is None:
        return None
    days = least_lead(analysis.settings)
    auroc = everything.auroc[analysis.chosen]
    return (
        f"Scored are appointments booked {days} days ahead or more, for which something can still be done. Over all "
        f"appointments the AUROC would be {_with_interval(auroc, 2)}: a warning, for it comes from telling same-day "
        "bookings, which are kept, from the others."
    )


def sample_size_check(analysis: Analysis) -> Check:
    """Whether there are enough events for each regression's parameters: noted where not, for the test's slope tells."""
    found = analysis.development.enough
    if not found:
        detail = "Not computed: no regression is ahead of the rate of all on later weeks."
        return Check(name="Enough events for the parameters", passed=None, detail=detail)
    told = "; ".join(
        f"{MODEL_WORDS[each.model]}: {numbers.number(each.events_per_parameter)} no-shows for each of "
        f"{each.parameters} parameters; needed are {numbers.count(each.needed.appointments)} appointments, which "
        f"{'are there' if each.holds else 'are not there'}"
        for each in found
    )
    detail = f"{told[0].upper()}{told[1:]}."
    holds = all(each.holds for each in found)
    more = "" if holds else " Whether predictions are too extreme for it is told by the slope on the test."
    return Check(name="Enough events for the parameters", passed=holds or None, detail=detail + more)


def validation_metrics(analysis: Analysis) -> list[Metric]:
    """Scores by design, the contrasts between designs, and how far each candidate is behind the chosen one."""
    metrics = []
    for design, scores in designs(analysis)[1:]:
        of = {"model": analysis.chosen, "design": design}
        metrics += [
            _metric("auroc", of, scores.auroc, "AUROC", scores.patients),
            _metric("log_loss", of, scores.log_loss, "nats"),
            _metric("calibration_intercept", of, scores.intercept, "log odds"),
            *([_metric("calibration_slope", of, scores.slope, "slope")] if scores.slope else []),
        ]
    if analysis.tested is not None:
        tested = {"model": analysis.chosen, "design": "temporal"}
        metrics.append(_metric("log_loss", tested, analysis.tested.log_loss, "nats"))
    development = analysis.development
    for design, contrast in ((DISJOINT, development.new_patients), (RANDOM, development.flattery)):
        of = {"model": analysis.chosen, "design": design, "versus": ROLLING}
        metrics += [
            _metric("auroc_difference", of, contrast.auroc, "AUROC"),
            _metric("log_loss_reduction", of, contrast.log_loss, "nats"),
        ]
    metrics += [
        _metric(
            "log_loss_reduction",
            {"model": analysis.chosen, "versus": candidate.model, "design": ROLLING},
            candidate.behind,
            "nats",
        )
        for candidate in development.choice.candidates
        if candidate.behind is not None
    ]
    for found in development.enough:
        of = {"model": found.model}
        per_parameter, shrinkage = found.events_per_parameter, found.expected_shrinkage
        metrics += [
            Metric(name="events_per_parameter", of=of, value=per_parameter, unit="no-shows per parameter"),
            Metric(name="expected_shrinkage", of=of, value=shrinkage, unit="factor"),
        ]
    return [*metrics, *_too_late(analysis), *_transported(analysis)]


def _too_late(analysis: Analysis) -> list[Metric]:
    """AUROC over all appointments, those included for which nothing can be done."""
    return [
        _metric(
            "auroc", {"model": analysis.chosen, "among": apart.among}, apart.auroc[analysis.chosen], "AUROC"
        )
        for apart in analysis.apart[1:]
        if least_lead(analysis.settings) and apart.among == "all appointments"
    ]


def _transported(analysis: Analysis) -> list[Metric]:
    found = analysis.transport
    if found is None:
        return []
    versions = (
        ("as it came", found.as_it_came),
        ("recalibrated in the large", found.in_the_large),
        ("recalibrated logistically", found.logistic),
    )
    return [
        _metric(name, {"trained_on": found.source, "version": version}, estimate, unit)
        for version, scores in versions
        for name, estimate, unit in (
            ("auroc", scores.auroc, "AUROC"),
            ("log_loss", scores.log_loss, "nats"),
            ("calibration_intercept", scores.intercept, "log odds"),
        )
    ]


def _metric(name: str, of: dict[str, str], estimate: Estimate, unit: str, n: int | None = None) -> Metric:
    direction = {
        "auroc": "higher_is_better",
        "auroc_difference": "higher_is_better",
        "log_loss": "lower_is_better",
        "log_loss_reduction": "higher_is_better",
    }.get(name, "neither")
    return Metric.model_validate(
        {
            "name": name,
            "of": of,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "level": estimate.level,
            "interval": "confidence",
            "direction": direction,
            "unit": unit,
            "n": n,
        }
    )


def _flatters(*gains: Estimate) -> str:
    if all(gain.low > 0 for gain in gains):
        return "flatters"
    return "flatters in part" if any(gain.low > 0 for gain in gains) else "does not flatter here, beyond noise"


def _worse(gain: Estimate) -> str:
    if gain.high < 0:
        return "somewhat worse"
    return "somewhat better" if gain.low > 0 else "about as well"


def _with_interval(estimate: Estimate, digits: int) -> str:
    value = numbers.number(estimate.value, digits)
    return f"{value} ({numbers.interval(estimate.low, estimate.high, digits)})"
