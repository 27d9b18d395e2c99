"""What providers call the columns and words that canonical tables have, as far as a draft guesses at them."""

# Canonical table: canonical column: names in small words. A name fits where its words are among the column's.
NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "appointments": {
        "appointment_id": (
            "appointment id",
            "appointment number",
            "appt id",
            "visit id",
            "visit number",
            "booking number",
            "booking id",
        ),
        "status": ("appointment status", "status", "outcome", "no show", "attendance", "state"),
        "starts_at": (
            "appointment day",
            "appointment date",
            "appointment time",
            "visit date",
            "starts at",
            "start",
        ),
        "booked_at": ("scheduled day", "booked", "booking date", "booked at", "scheduled on", "created"),
        "clinic_id": ("clinic", "site", "facility", "neighbourhood", "neighborhood", "location"),
        "clinician_id": ("clinician", "therapist", "provider", "practitioner", "doctor"),
        "type": ("appointment type", "visit type", "service", "type"),
        "modality": ("modality", "visit mode"),
        "duration_minutes": ("duration", "minutes"),
        "canceled_by": ("canceled by", "cancelled by"),
        "known_at": ("updated at", "last updated", "modified", "changed"),
        "reminded": ("sms received", "reminded", "reminder sent"),
    },
    "messages": {
        "message_id": ("message id", "sms id", "sid"),
        "kind": ("message kind", "message type", "kind"),
        "sent_at": ("sent at", "date sent", "send time", "sent"),
        "status": ("message status", "delivery status", "status"),
        "campaign_id": ("campaign",),
        "template_id": ("template",),
        "tone": ("tone",),
        "error_code": ("error code",),
        "parts": ("segments", "parts"),
        "price": ("price", "cost"),
        "known_at": ("updated at", "last updated"),
    },
    "replies": {
        "reply_id": ("reply id",),
        "message_id": ("message id", "answers"),
        "received_at": ("received at", "received"),
        "intent": ("intent",),
    },
    "surveys": {
        "response_id": ("response id", "submission id", "survey response"),
        "message_id": ("message id", "sms id"),
        "instrument": ("instrument", "questionnaire", "survey name", "survey"),
        "score": ("score", "rating", "nps", "total"),
        "responded_at": (
            "responded at",
            "response date",
            "submitted",
            "answered",
            "completed",
            "created at",
            "date",
        ),
    },
    "consents": {
        "channel": ("channel",),
        "purpose": ("purpose",),
        "scope": ("scope",),
        "status": ("consent status", "consent", "opt in", "status"),
        "source": ("consent source", "source"),
        "wording_version": ("wording", "version"),
        "changed_at": ("consent date", "changed at", "changed"),
    },
    "assignments": {
        "experiment_id": ("experiment", "study", "trial"),
        "cluster_id": ("cluster", "household"),
        "stratum": ("stratum", "phase"),
        "arm": ("arm", "segment", "group", "variant", "treatment"),
        "probability": ("probability", "share"),
        "epoch": ("epoch", "allocation"),
        "assigned_at": ("assigned", "randomized", "drawn"),
    },
    "patients": {
        "birth_year": ("birth year", "year of birth", "age"),
        "sex": ("sex", "gender"),
        "language": ("language",),
        "time_zone": ("time zone", "timezone"),
        "enrolled_at": ("enrolled", "registration date", "registered"),
        "ended_at": ("discharged", "ended"),
        "deceased_at": ("deceased", "died"),
        "do_not_text": ("do not text",),
    },
    "patient_states": {
        "clinic_id": ("clinic", "site"),
        "diagnosis_group": ("diagnosis group", "diagnosis"),
        "treatment_phase": ("treatment phase", "phase"),
        "therapy_type": ("therapy type", "therapy"),
        "valid_from": ("valid from", "from", "since"),
        "known_at": ("updated at", "recorded"),
    },
    "sessions": {
        "clinic_id": ("clinic", "site", "facility"),
        "clinician_id": ("clinician", "therapist", "provider", "practitioner"),
        "starts_at": ("starts at", "session start", "start", "from"),
        "ends_at": ("ends at", "session end", "end", "to"),
        "capacity": ("capacity", "places", "slots"),
    },
    "clinics": {
        "clinic_id": ("clinic", "site", "facility"),
        "time_zone": ("time zone", "timezone"),
    },
}

RECORD_NAMES = (
    "mrn",
    "medical record number",
    "record number",
    "chart number",
    "patient id",
    "patient number",
    "person id",
    "external data reference",
    "external reference",
    "custom data",
    "pseudonym",
    "patient",
)
MESSAGE_NAMES = ("message sid", "message id", "sms id", "sms sid", "sid")

# Canonical word: what it is called, in small words.
WORDS: dict[str, tuple[str, ...]] = {
    "attended": (
        "came",
        "completed",
        "complete",
        "done",
        "fulfilled",
        "arrived",
        "show",
        "kept",
        "checked out",
    ),
    "no_show": ("missed", "no show", "noshow", "absent", "did not attend", "dna"),
    "canceled": ("cancelled", "called off", "cancel"),
    "late_canceled": ("late cancel", "late cancelled", "canceled late", "cancelled late"),
    "rescheduled": ("moved",),
    "scheduled": ("booked", "open", "planned", "confirmed", "upcoming"),
    "delivered": ("received",),
    "failed": ("error",),
    "pending": ("queued", "sending", "accepted"),
    "undelivered": ("not delivered",),
    "opt_in": ("yes", "opted in", "in", "granted", "true", "1", "active"),
    "opt_out": ("no", "opted out", "out", "withdrawn", "revoked", "false", "0", "stop"),
    "re_engagement": ("reengagement", "recall", "win back"),
    "reminder": ("appointment reminder",),
    "consent_prompt": ("consent",),
    "distress": ("crisis",),
}

# Answers of PHQ-9, GAD-7 and their kin, and their points (Kroenke, Spitzer and Williams 2001; Spitzer et al. 2006).
FREQUENCIES = {"not at all": 0, "several days": 1, "more than half the days": 2, "nearly every day": 3}
INSTRUMENTS = {"phq9": "PHQ-9", "phq": "PHQ-9", "gad7": "GAD-7", "gad": "GAD-7", "nps": "satisfaction"}


def fits(name: str, called: str) -> bool:
    """Whether all words of a name are among those that a column is called by."""
    return set(name.split()) <= set(called.split())


def canonical_word(word: str, vocabulary: tuple[str, ...]) -> str | None:
    """The word of the vocabulary that a provider's word stands for, as far as it can be guessed."""
    given = word.lower().replace("_", " ").replace("-", " ").strip()
    for canonical in vocabulary:
        if given in (canonical.replace("_", " "), *WORDS.get(canonical, ())):
            return canonical
    return None
