"""What models, groups and moments are called in a no-show report."""

from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.subgroups import NOT_RECORDED

MODEL_WORDS = {
    "base_rate": "rate of all",
    "own_rate": "patient's own rate",
    "lead_time": "lead time alone",
    "logistic": "logistic regression",
    "boosting": "gradient boosting",
    "pooled": "Bayesian regression with clinics pooled",
}
BASELINE_PHRASES = {
    "base_rate": "the rate of all",
    "own_rate": "the patient's own rate",
    "lead_time": "the lead time alone",
}
BY_WORDS = {
    "lead": "lead",
    "history": "earlier visits known",
    "age_band": "age",
    "sex": "sex",
    "language": "language",
    "ethnicity": "ethnicity",
    "disability": "disability",
    "payer": "payer",
    "diagnosis_group": "diagnosis group",
    "treatment_phase": "treatment phase",
    "clinic_id": "clinic",
}
FEATURE_WORDS = {
    "lead_days": "lead in calendar days",
    "hour": "hour of the appointment",
    "weekday": "weekday",
    "booked_hour": "hour of the booking",
    "age": "age",
    "past": "earlier visits",
    "past_missed": "earlier visits missed",
    "recent_missed": "share missed of late",
    "last_missed": "whether the last visit was missed",
    "days_since_last": "days since the last visit",
    "same_day_visits": "other visits that day",
    "texts_allowed": "consent to texts for care",
    "type": "type of appointment",
    "modality": "modality",
    "diagnosis_group": "diagnosis group",
    "treatment_phase": "treatment phase",
}


def group_words(by: str, group: str) -> str:
    """What a group is called; of those without a record, what is not recorded."""
    return f"{BY_WORDS[by]} {NOT_RECORDED}" if group == NOT_RECORDED else group


def moment_words(settings: NoShow) -> str:
    """The moment of prediction, as in "predicted at the moment of booking"."""
    days = settings.decide_days_before
    if days is None:
        return "at the moment of booking"
    return f"at the midnight that begins the day {days} {'day' if days == 1 else 'days'} before the appointment"


def listed(words: list[str]) -> str:
    """Words in a row: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"
