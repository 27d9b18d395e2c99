"""What is studied, in words: whom, as of when, by what, and what a group means."""

from workbench.present import numbers
from workbench.present.segmentation.checks import rules_of
from workbench.segments.analysis import Analysis
from workbench.segments.parameters import Segmentation
from workbench.segments.reading.profiles import TELLING


def study_terms(analysis: Analysis) -> dict[str, str]:
    """Terms and what they mean in this segmentation, in the order in which they are read."""
    settings = analysis.settings
    ages = {"exclude": "adult ", "include": "", "only": "minor "}[settings.minors]
    recorded = "age" not in settings.goes_on_without
    return {
        "Population": f"{ages if recorded else ''}{settings.people_noun} in care as of "
        f"{numbers.day(settings.grouped_as_of)}, with at least {settings.least_appointments} appointments "
        f"due in the {settings.lookback_days} days before, "
        "whether or not they agree to texts",
        "What makes the groups": _what_makes_them(analysis),
        "Known when": f"everything that makes the groups as it was known before {numbers.day(settings.grouped_as_of)}; "
        "nothing learned later" + _held_out(settings),
        "A group": _a_group(analysis),
        "Its name": _its_name(analysis),
        "Not for": "deciding about one patient, or sending texts: who has died, left or withdrawn consent is for the "
        "list of each message to tell",
    }


def _held_out(settings: Segmentation) -> str:
    if not settings.hold_out_days:
        return ""
    return (
        f". The {settings.hold_out_days} days after were held out: what happened in them made no group, and tells what "
        f"becomes of each, as known before {numbers.day(settings.as_of)}"
    )


def _what_makes_them(analysis: Analysis) -> str:
    settings = analysis.settings
    made = _listed(_features_used(analysis))
    if settings.demographics_because is not None:
        return f"{made}. Demographics are among them: {settings.demographics_because}"
    diagnosis = "diagnosis" in settings.features
    return f"{made}; no demographics" if diagnosis else f"{made}; no demographics, no diagnosis"


def _features_used(analysis: Analysis) -> list[str]:
    """The features in words; of clinicians' rules those alone that they ask of."""
    rules = rules_of(analysis)
    frame = analysis.frame
    titles = [(each.name, each.title.lower()) for each in frame.features]
    titles += [(each.name, each.title.lower()) for each in frame.categorical]
    return [title for name, title in titles if rules is None or name in rules.features]


def _a_group(analysis: Analysis) -> str:
    settings = analysis.settings
    if settings.method == "rules":
        return "everybody for whom the same one of the approved rules is the first that holds"
    grouping = analysis.grouping
    again = (
        f"found again under resampling (Jaccard {numbers.number(settings.required_stability, 2)} or more), and holding "
        f"at least {numbers.percent(settings.smallest_group, 0)} of the people"
    )
    if grouping is not None and grouping.kind == "cuts":
        return f"a stretch of a continuum, no kind of people: where it was cut is {again}"
    return (
        f"people more alike than a continuum explains: found in fewer than "
        f"{numbers.percent(settings.chance_of_false_groups, 0)} of data sets without groups, {again}"
    )


def _its_name(analysis: Analysis) -> str:
    if analysis.settings.method == "rules":
        return "the one its rule was given by those who approved it"
    return (
        f"proposed from the measures in which it lies {numbers.number(TELLING, 1)} standard deviations or more from "
        "the average; it says what most do, not what each does"
    )


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]
