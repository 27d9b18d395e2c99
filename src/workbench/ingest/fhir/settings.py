"""What a source file says of a FHIR feed.

Codes are written `system|code`, as FHIR's searches write them.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.ingest.contact_points import COUNTRY_CODE, NORTH_AMERICA
from workbench.ingest.feed_settings import FeedSettings
from workbench.parameters.schedule import TimeZone

Code = Annotated[str, Field(pattern=r"^[^|\s]*\|[^|\s]+$", description="system|code")]
Word = Annotated[str, Field(min_length=1, max_length=80)]
AppointmentStatus = Literal[
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
]
APPOINTMENT_STATUSES: tuple[str, ...] = get_args(AppointmentStatus)
EpisodeStatus = Literal["planned", "waitlist", "active", "onhold", "finished"]
Instrument = Literal["PHQ-9", "GAD-7"]
ConsentSource = Literal["intake_prompt", "web", "staff", "keyword", "platform_block", "guardian"]

CANCELATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
PART2 = "part2"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Cancelation(_Strict):
    """What a code of `cancelationReason` means."""

    by: Literal["patient", "clinic"] | None = None
    rescheduled: bool = Field(default=False, description="whether another appointment took its place")


class AppointmentSettings(_Strict):
    """How Appointment resources become appointments."""

    arrived_is_attended: bool = Field(
        default=False,
        description="whether arrived and checked-in mean attended; else scheduled until fulfilled",
    )
    late_cancel_hours: int = Field(
        default=24,
        ge=0,
        le=24 * 14,
        description="a cancelation by the patient this short before the start is late",
    )
    cancelations: dict[Code, Cancelation] = Field(
        default={}, description="codes of cancelationReason beside those of HL7, which tell patient or provider"
    )
    types: dict[Code, Word] = Field(
        default={}, description="codes of appointmentType, serviceType or serviceCategory: the canonical type"
    )
    modalities: dict[Code, Word] = Field(default={}, description="the same codes: the modality, such as video")


class DiagnosisGroup(_Strict):
    """A diagnosis group, and the codes of Condition resources that belong to it."""

    group: Word
    codes: tuple[Code, ...] = Field(
        min_length=1, description="system|code; a code that ends in * stands for all that begin so"
    )


class StateSettings(_Strict):
    """How Condition and EpisodeOfCare resources become states of patients."""

    diagnosis_groups: tuple[DiagnosisGroup, ...] = Field(
        default=(), description="where several conditions hold at once, the first group in this order counts"
    )
    phases_by_status: dict[EpisodeStatus, Word] = Field(
        default={
            "planned": "intake",
            "waitlist": "intake",
            "active": "active",
            "onhold": "lapsed",
            "finished": "ended",
        },
        description="status of EpisodeOfCare: treatment phase; a status left out makes no phase",
    )
    phases_by_type: dict[Code, Word] = Field(
        default={},
        description="a code of EpisodeOfCare.type: the phase while it is under way, before the status",
    )
    therapies_by_type: dict[Code, Word] = Field(
        default={}, description="a code of EpisodeOfCare.type: type of therapy"
    )


class ConsentRule(_Strict):
    """What a Consent resource with this category and scope is about."""

    category: Code
    scope: Code
    purpose: Literal["care", "marketing", "survey", "part2"]
    channel: Word | None = Field(default=None, description="sms where it is not given; record for part2")
    reach: Literal["this_kind", "all"] = Field(
        default="this_kind", description="whether it is about this purpose alone, or about all texts"
    )
    source: ConsentSource | None = Field(default=None, description="how such consents come about")

    @model_validator(mode="after")
    def _part2_is_no_text(self) -> "ConsentRule":
        if self.purpose == PART2 and self.channel not in (None, "record"):
            raise ValueError("a consent basis under 42 CFR Part 2 is about records: its channel is record")
        return self

    @property
    def told_channel(self) -> str:
        """The channel, given or not."""
        return self.channel or ("record" if self.purpose == PART2 else "sms")


class ConsentSettings(_Strict):
    """How Consent resources become changes of consent; those that no rule names are counted and left."""

    rules: tuple[ConsentRule, ...] = ()
    sources: dict[Code, ConsentSource] = Field(
        default={},
        description="a further code of category: how the consent came about, before the rule's source",
    )
    wordings: str | None = Field(
        default=None, description="what comes before the wording's version in the URI of Consent.policy"
    )

    @field_validator("rules")
    @classmethod
    def _named_once(cls, rules: tuple[ConsentRule, ...]) -> tuple[ConsentRule, ...]:
        named = [(rule.category, rule.scope) for rule in rules]
        if len(set(named)) < len(named):
            raise ValueError("two rules name the same category and scope; keep one")
        return rules


class EncounterSettings(_Strict):
    """Whether Encounter resources are read as visits, where a provider exports no Appointment."""

    used_as: Literal["nothing", "visits"] = Field(
        default="nothing",
        description="visits: attended appointments; the source must then say not_recorded: no_show",
    )
    classes: tuple[str, ...] = Field(
        default=("AMB", "VR"), min_length=1, description="codes of Encounter.class that are visits"
    )


class FhirFeed(FeedSettings):
    """A FHIR R4 bulk export: NDJSON, one resource a line, plain or as .gz."""

    reads: Literal["fhir"]
    time_zone: TimeZone = Field(
        description="the zone of dates without a time, and of patients of whom none is told"
    )
    record_system: str | None = Field(
        default=None,
        min_length=1,
        description="system of the identifier that is the record number; else the identifier of type MR",
    )
    phone_country: str = Field(
        default=NORTH_AMERICA, pattern=f"^{COUNTRY_CODE}$", description="code of phones without one, such as 44"
    )
    clinics: dict[str, Word] = Field(
        default={}, description="reference such as Location/12 or Organization/3: clinic; else the id alone"
    )
    time_zones: dict[str, TimeZone] = Field(default={}, description="clinic: its zone and that of its patients")
    do_not_text: str | None = Field(
        default=None,
        description="URL of an extension of Patient whose valueBoolean true means not to be texted",
    )
    appointments: AppointmentSettings = AppointmentSettings()
    encounters: EncounterSettings = EncounterSettings()
    states: StateSettings = StateSettings()
    consents: ConsentSettings = ConsentSettings()
    questionnaires: dict[str, Instrument] = Field(
        default={}, description="canonical URL of a questionnaire, without version: the instrument it is"
    )

    @property
    def knows_no_show(self) -> bool:
        """An Encounter tells of a visit that took place."""
        return self.encounters.used_as != "visits"

    @field_validator("clinics")
    @classmethod
    def _references(cls, clinics: dict[str, str]) -> dict[str, str]:
        wrong = [key for key in clinics if key.partition("/")[0] not in ("Location", "Organization")]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no reference such as Location/12 or Organization/3")
        return clinics
