"""The estimand in words: of which appointments, predicted when, what counts, and under which care."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.validation.periods import least_lead
from workbench.present import numbers
from workbench.present.no_show.words import FEATURE_WORDS, listed, moment_words


def estimand(analysis: Analysis) -> dict[str, str]:
    """Terms and what they mean in this study, in the order in which they are read."""
    settings = analysis.settings
    ages = {"exclude": "adults", "include": "everybody, minors among them", "only": "minors"}[settings.minors]
    days = analysis.appointments.of("test")["day"]
    first, last = days.min().date(), days.max().date()
    used = [words for name, words in FEATURE_WORDS.items() if name not in analysis.appointments.constant]
    told = {
        "Population": f"appointments of {ages}, booked and not called off by the moment of prediction",
        "Moment of prediction": moment_words(settings),
        "Outcome": "the patient did not come, and nobody had called the appointment off; one called off after the "
        "moment of prediction counts as not missed",
        "Under which care": "the usual one, with the reminders of that time: a low risk may be low because of a "
        "reminder, and what would happen without it is not known from these data",
        "Tested on": f"appointments from {numbers.day(first)} to {numbers.day(last)}, later than all that trained "
        "and calibrated",
        "Known of each": f"{listed(used)}; each as recorded by the moment of prediction",
        "Not used": "sex, language, ethnicity, disability, payer, whether a reminder was sent, and, but by the "
        "regression that pools clinics, the clinic",
    }
    least = least_lead(settings)
    if least:
        told["Scored"] = (
            f"those booked {least} days ahead or more, for which something can still be done; the others train alone"
        )
    if analysis.appointments.constant:
        missing = [FEATURE_WORDS[name] for name in analysis.appointments.constant]
        told["Not recorded, or the same for all"] = listed(missing)
    return told
