"""Every feature there is, by families, in words a reader understands."""

from workbench.segments.features.engagement import ENGAGEMENT
from workbench.segments.features.feature import CategoricalFeature, Feature
from workbench.segments.parameters import Segmentation

FEATURES = (
    Feature(
        "appointments",
        "appointments",
        "due",
        "weeks",
        "Appointments",
        "appointments that came due in four weeks, those the clinic called off left out",
        "per four weeks",
        "rate",
        "come often",
        "come seldom",
    ),
    Feature(
        "missed",
        "appointments",
        "missed",
        "kept",
        "Missed",
        "share of the appointments not called off that the patient missed",
        "share",
        "share",
        "miss often",
        "seldom miss",
    ),
    Feature(
        "called_off",
        "appointments",
        "called_off",
        "due",
        "Called off",
        "share of the appointments that the patient called off or moved",
        "share",
        "share",
        "call off often",
        "seldom call off",
    ),
    Feature(
        "remote",
        "appointments",
        "remote",
        "due",
        "By video or phone",
        "share of the appointments held by video or phone",
        "share",
        "share",
        "by video or phone",
        "in person",
    ),
    Feature(
        "days_ahead",
        "appointments",
        "log_days_ahead",
        "due",
        "Booked ahead",
        "days between booking and appointment (geometric mean)",
        "days",
        "days",
        "book far ahead",
        "book at short notice",
    ),
    Feature(
        "days_between",
        "appointments",
        "log_gaps",
        "gaps",
        "Days between visits",
        "days from one appointment attended to the next (geometric mean)",
        "days",
        "days",
        "come at long intervals",
        "come at short intervals",
        core=False,
    ),
    Feature(
        "longest_gap",
        "appointments",
        "longest_gap",
        None,
        "Longest gap",
        "longest time without an appointment attended, from the first attended to the day looked from",
        "days",
        "days",
        "stay away for long",
        "never stay away for long",
        core=False,
    ),
    Feature(
        "days_since",
        "appointments",
        "days_since",
        None,
        "Days since the last visit",
        "days from the last appointment attended to the day looked from",
        "days",
        "days",
        "have not come lately",
        "came lately",
        core=False,
    ),
    Feature(
        "confirmed",
        "engagement",
        "confirmed",
        "reminders",
        "Reminders confirmed",
        "share of the reminders that the patient answered with a confirmation",
        "share",
        "share",
        "confirm reminders",
        "leave reminders unanswered",
    ),
    Feature(
        "answered",
        "engagement",
        "answered",
        "texts",
        "Texts answered",
        "share of the texts of any kind that the patient answered, other than by STOP",
        "share",
        "share",
        "answer texts",
        "seldom answer texts",
        core=False,
    ),
    Feature(
        "reply_hours",
        "engagement",
        "log_reply_hours",
        "answered",
        "Time to reply",
        "hours from a text to its first answer (geometric mean)",
        "hours",
        "hours",
        "answer late",
        "answer at once",
        core=False,
    ),
    Feature(
        "booked",
        "engagement",
        "booked",
        "booking_texts",
        "Booked through a text",
        "share of the re-engagement texts through which the patient booked an appointment",
        "share",
        "share",
        "book through texts",
        "seldom book through texts",
        core=False,
    ),
    ENGAGEMENT,
    Feature(
        "texts",
        "messages",
        "texts",
        "weeks",
        "Texts",
        "texts received in four weeks, of any kind",
        "per four weeks",
        "rate",
        "receive many texts",
        "receive few texts",
    ),
    Feature(
        "recent_texts",
        "messages",
        "recent_texts",
        None,
        "Texts lately",
        "texts received in the last 28 days, of any kind",
        "in the last four weeks",
        "rate",
        "received many texts lately",
        "received few texts lately",
        core=False,
    ),
    Feature(
        "symptoms",
        "surveys",
        "symptoms",
        "answers",
        "Symptoms",
        "mean answer on symptom scales, as a share of the highest score",
        "share",
        "share",
        "report more symptoms",
        "report fewer symptoms",
    ),
)

CATEGORICAL = (
    CategoricalFeature(
        "diagnosis", "diagnosis", "diagnosis_group", "Diagnosis", "diagnosis group known by the day looked from"
    ),
    CategoricalFeature(
        "phase", "phase", "treatment_phase", "Treatment phase", "treatment phase known by the day looked from"
    ),
    CategoricalFeature("age", "demographics", "age_band", "Age", "age in the year looked from, in bands"),
    CategoricalFeature("sex", "demographics", "sex", "Sex", "sex as recorded"),
    CategoricalFeature("language", "demographics", "language", "Language", "language as recorded"),
)


def asked_features(settings: Segmentation) -> tuple[Feature, ...]:
    """The measures that the parameters ask for."""
    return tuple(
        each
        for each in FEATURES
        if each.family in settings.features
        and (each.core or settings.measures == "all")
        and each.name not in settings.leave_out
    )


def asked_categories(settings: Segmentation) -> tuple[CategoricalFeature, ...]:
    """The categorical features that the parameters ask for."""
    return tuple(
        each for each in CATEGORICAL if each.family in settings.features and each.name not in settings.leave_out
    )


def columns_of(settings: Segmentation) -> tuple[str, ...]:
    """The columns of counts and words that the asked features are made of, each once."""
    numbers = (
        column
        for each in asked_features(settings)
        for column in (each.events, each.trials)
        if column is not None
    )
    words = (each.column for each in asked_categories(settings))
    return tuple(dict.fromkeys([*numbers, *words]))
