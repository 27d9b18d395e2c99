"""How vendors name people, and what their other keys are made into.

A reader never sees a pseudonym: it names a person as the vendor does, by a kind of key and a value. Who that is, is
told by the crosswalk alone.
"""

from typing import Literal

KeyKind = Literal["record", "fhir", "phone", "email"]

RECORD: KeyKind = "record"
"""The provider's record number: people are matched across vendors by it."""
FHIR: KeyKind = "fhir"
"""The id of a FHIR Patient resource, without "Patient/"."""
PHONE: KeyKind = "phone"
"""A contact point in the form E.164, such as +15555550123. It may be several people's, and another's tomorrow."""
EMAIL: KeyKind = "email"
"""A contact point: an e-mail address in lower case."""

CONTACT_POINTS: tuple[KeyKind, ...] = (PHONE, EMAIL)

# Canonical columns that hold a vendor's key, and the kind of thing it names: one thing, one kind, so that a message
# named by two vendors gets one canonical key.
VENDOR_KEYS = {
    "message_id": "message",
    "reply_id": "reply",
    "appointment_id": "appointment",
    "response_id": "response",
    "clinician_id": "clinician",
    "cluster_id": "cluster",
    "about": "reply",
}
