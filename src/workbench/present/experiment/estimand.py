"""The estimand in words: whom, from when, what was done, what counts, for how long, and what happens in between."""

from workbench.experiments.analysis import Analysis
from workbench.present import numbers


def estimand(analysis: Analysis) -> dict[str, str]:
    """Terms and what they mean in this experiment, in the order in which they are read."""
    settings, counts = analysis.settings, analysis.counts
    treated = " or ".join(f"“{arm.arm}”" for arm in counts.arms[1:])
    told = {
        "Population": _population(analysis),
        "Time zero": "the moment of assignment"
        if counts.data_until
        else "the assignment, whose moment the source does not record",
        "Treatment": f"being assigned to {treated}, compared with “{settings.control}”, whatever arrived or was read",
        "Outcome": f"{settings.outcome_noun}: at least one within {settings.window_days} days of assignment, "
        "however made",
        "Summary": f"difference in the share of {settings.people_noun} with the outcome",
        "In between": "withdrawal of consent, undelivered texts, death and discharge change nothing: everybody is "
        "counted as assigned",
    }
    if settings.guardrail == "opt_out":
        told["Guardrail"] = (
            f"opt-outs within {settings.window_days} days; a rise of more than "
            f"{numbers.points(settings.guardrail_margin)} is harm"
        )
    told["Would break it"] = (
        "scarce slots (whoever was texted takes the others' place), shared phones and households, and experiments "
        "that overlap"
    )
    return told


def _population(analysis: Analysis) -> str:
    settings = analysis.settings
    ages = {"exclude": "adult ", "include": "", "only": "minor "}[settings.minors]
    recorded = "age" not in settings.goes_on_without
    consent = (
        "" if "consent" in settings.goes_on_without else " who had consented to texts when they were assigned"
    )
    return f"{ages if recorded else ''}{settings.people_noun} assigned in the experiment{consent}"
