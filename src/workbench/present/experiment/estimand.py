"""The estimand in words: whom, from when, what was done, what counts, for how long, and what happens in between."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.metrics import Metric
from workbench.present import numbers
from workbench.present.disclosure import PROFILES, told_count

_IN_BETWEEN = {
    "opt_out": "withdrawal of consent",
    "undelivered": "an undelivered text",
    "death": "death",
    "discharge": "the end of treatment",
}
_OUTCOMES = {
    "booking": "at least one within {days} days of assignment, however made",
    "opt_out": "a withdrawal of consent within {days} days of assignment",
    "opt_in": "consent given within {days} days of assignment",
    "reply": "at least one text back within {days} days of assignment",
    "attendance": "at least one appointment that begins within {days} days of assignment and is attended",
    "discharge": "the end of treatment within {days} days of assignment",
}


def estimand(analysis: Analysis) -> dict[str, str]:
    """Terms and what they mean in this experiment, in the order in which they are read."""
    settings, counts = analysis.settings, analysis.counts
    treated = " or ".join(f"“{arm.arm}”" for arm in counts.arms[1:])
    primary = settings.primary
    told = {
        "Population": _population(analysis),
        "Time zero": "the moment of assignment"
        if counts.data_until
        else "the assignment, whose moment the source does not record",
        "Treatment": f"being assigned to {treated}, compared with “{settings.control}”, whatever arrived or was read",
        "Outcome": f"{primary.name}: {_OUTCOMES[primary.of].format(days=primary.window_days)}",
        "Summary": f"difference in the share of {settings.people_noun} with the outcome, where "
        f"{'more' if primary.sign > 0 else 'less'} is better",
    }
    told |= {f"In between: {what}": _handled(analysis, name) for name, what in _IN_BETWEEN.items()}
    if settings.guardrails:
        label = "Guardrail" if len(settings.guardrails) == 1 else "Guardrails"
        told[label] = "; ".join(_guarded(metric) for metric in settings.guardrails)
    through = _through(analysis)
    if through:
        told["Through the text"] = through
    told["Would break it: scarce slots"] = (
        "whoever was texted may take the others' place, so that the difference is larger than texting all would make "
        "it; no check here can tell, and only to randomize by clinic and week would avoid it"
    )
    told["Would break it: shared phones and households"] = _shared(analysis)
    told["Would break it: other experiments"] = _overlapping(analysis)
    return told


def _population(analysis: Analysis) -> str:
    settings = analysis.settings
    ages = {"exclude": "adult ", "include": "", "only": "minor "}[settings.minors]
    recorded = "age" not in settings.goes_on_without
    asked = "consent" not in settings.goes_on_without and settings.primary.of != "opt_in"
    consent = " who had consented to texts when they were assigned" if asked else ""
    return f"{ages if recorded else ''}{settings.people_noun} assigned in the experiment{consent}"


def _handled(analysis: Analysis, name: str) -> str:
    if getattr(analysis.settings.intercurrent_events, name) == "composite":
        return "composite: whatever follows it counts as no outcome, though it still counts in guardrails"
    return "treatment policy: everybody is counted as assigned, whether it happens or not"


def _guarded(metric: Metric) -> str:
    change = "rise" if metric.sign < 0 else "fall"
    return (
        f"{metric.name} within {metric.window_days} days; a {change} of more than "
        f"{numbers.points(metric.smallest_effect)} is harm"
    )


def _through(analysis: Analysis) -> str:
    """Which share of bookings was made through a text: description, for a text may bring a call as well."""
    profile = PROFILES[analysis.settings.disclosure]
    found = analysis.counts.through
    if found is None:
        return ""
    shares = []
    for arm in analysis.counts.arms:
        made, through = (int(found.loc[found["arm"] == arm.arm, name].sum()) for name in found.columns[1:])
        shown = made > profile.few and profile.few < through < made - profile.few
        shares.append(
            f"“{arm.arm}” {numbers.percent(through / made, 0) if shown else 'not shown, for it is of few'}"
        )
    return f"share of bookings made through a text, which describes and decides nothing: {', '.join(shares)}"


def _shared(analysis: Analysis) -> str:
    shared = analysis.counts.disturbances.in_shared_clusters
    reason = "one text reaches several people, and what one does moves the others"
    if shared is None:
        return f"{reason}; who shares them is not recorded"
    return f"{reason}; {_told(analysis, shared)} in a cluster with others of their arm"


def _overlapping(analysis: Analysis) -> str:
    days = analysis.settings.primary.window_days
    overlapping = analysis.counts.disturbances.overlapping
    if overlapping is None:
        return "what they change is counted here; the source does not tell of them"
    return (
        f"what they change is counted here; {_told(analysis, overlapping)} assigned in another experiment within "
        f"{days} days before or after"
    )


def _told(analysis: Analysis, count: int) -> str:
    """So many people of the cohort, in words that give back no few."""
    enrolled = sum(arm.enrolled for arm in analysis.counts.arms)
    told = told_count(count, enrolled, count, PROFILES[analysis.settings.disclosure])
    return f"{told} of the {analysis.settings.people_noun} {'was' if told == 'none' else 'were'}"
