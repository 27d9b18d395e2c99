"""The questions that the playbook gathers verdicts by; a parameter set says which of them it asks."""

from typing import Literal

PlaybookQuestion = Literal[
    "send_time",
    "tone",
    "length",
    "call_to_action",
    "personalization",
    "frequency",
    "reminder_calls",
    "overbooking",
    "other",
]
PLAYBOOK_FIELD = "which question of the playbook the verdict answers; null keeps it out of the playbook"
