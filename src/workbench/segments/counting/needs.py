"""Tables and columns that a segmentation reads."""

from collections.abc import Mapping

from workbench.segments.features.catalog import columns_of
from workbench.segments.parameters import Segmentation

STATES = ("diagnosis_group", "treatment_phase")
DEMOGRAPHICS = ("age_band", "sex", "language")
GAPS = ("gaps", "longest_gap", "days_since")
RESPONSES = ("answered", "booked", "responded")


def state_columns(settings: Segmentation) -> tuple[str, ...]:
    """The columns of patient_states that describe people, or make groups; each once."""
    asked = (column for column in columns_of(settings) if column in STATES)
    return tuple(dict.fromkeys([*settings.profile_by, *asked]))


def demographic_columns(settings: Segmentation) -> tuple[str, ...]:
    """The columns of demographics that make groups."""
    return tuple(column for column in columns_of(settings) if column in DEMOGRAPHICS)


def asks_for(settings: Segmentation, columns: tuple[str, ...]) -> bool:
    """Whether a feature is asked for that is made of one of these columns."""
    return not set(columns).isdisjoint(columns_of(settings))


def needed_columns(settings: Segmentation, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns a segmentation reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    responses, demographics = asks_for(settings, RESPONSES), demographic_columns(settings)
    by_text = ("message_id",) if responses else ()
    age = recorded["age"] or "age_band" in demographics
    needed: dict[str, tuple[str, ...]] = {
        "patients": (
            "patient_id",
            *(("birth_year",) if age else ()),
            *(column for column in demographics if column != "age_band"),
            "enrolled_at",
            "ended_at",
            "deceased_at",
        ),
        "appointments": (
            "appointment_id",
            "patient_id",
            "modality",
            "booked_at",
            "starts_at",
            "status",
            "canceled_by",
            "known_at",
            *by_text,
        ),
        "messages": ("message_id", "patient_id", "kind", "sent_at", "status", "known_at"),
    }
    states = state_columns(settings)
    if states:
        needed["patient_states"] = ("patient_id", *states, "valid_from", "known_at")
    if recorded["consent"]:
        needed["consents"] = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    if responses or asks_for(settings, ("confirmed",)):
        needed["replies"] = ("patient_id", "received_at", "intent", *by_text)
    if asks_for(settings, ("symptoms",)):
        needed["surveys"] = ("patient_id", "instrument", "score", "responded_at")
    return needed
