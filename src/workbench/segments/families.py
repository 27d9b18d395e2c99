"""The words by which parameters name families of features and single ones."""

from typing import Literal

Family = Literal["appointments", "engagement", "messages", "surveys", "diagnosis", "phase", "demographics"]
FeatureName = Literal[
    "appointments",
    "missed",
    "called_off",
    "remote",
    "days_ahead",
    "days_between",
    "longest_gap",
    "days_since",
    "confirmed",
    "answered",
    "reply_hours",
    "booked",
    "engagement",
    "texts",
    "recent_texts",
    "symptoms",
    "diagnosis",
    "phase",
    "age",
    "sex",
    "language",
]
# Families whose features are words, not numbers.
CATEGORICAL_FAMILIES: tuple[Family, ...] = ("diagnosis", "phase", "demographics")
