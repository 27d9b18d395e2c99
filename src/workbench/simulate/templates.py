"""What a text is before it is sent: its wording's traits, as the table of messages tells them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Template:
    """A text as it was written; `annoyance` is how far it wears on a patient, 1 for an ordinary one."""

    template_id: str
    campaign_id: str
    kind: str
    tone: str
    personalization: str
    length: int
    cta: str
    annoyance: float = 1.0

    @property
    def parts(self) -> int:
        """The number of parts in which a network carries it."""
        return 1 if self.length <= 160 else -(-self.length // 153)


PROMPTS = (
    Template("prompt-v1", "consent prompt", "consent_prompt", "formal", "generic", 158, "reply", 0.0),
    Template("prompt-v2", "consent prompt", "consent_prompt", "empathetic", "generic", 151, "reply", 0.0),
)
REMINDER = Template(
    "reminder-1", "appointment reminder", "reminder", "neutral", "personalized", 127, "confirm", 0.0
)
EVE_REMINDER = replace(REMINDER, template_id="reminder-eve", length=98)
SUPPORTING_REMINDER = replace(
    REMINDER, template_id="reminder-support", tone="empathetic", length=156, cta="reschedule"
)
