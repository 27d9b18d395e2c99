"""Consent resources become changes of consent only where the settings name what they are about."""

import pytest

SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope|patient-privacy"
RULES = {
    "consents": {
        "rules": [
            {"category": "urn:own|texts", "scope": SCOPE, "purpose": "care", "source": "staff"},
            {"category": "urn:own|all-texts", "scope": SCOPE, "purpose": "care", "reach": "all"},
            {"category": "urn:own|mail", "scope": SCOPE, "purpose": "marketing", "channel": "email"},
            {"category": "urn:own|part2", "scope": SCOPE, "purpose": "part2"},
        ],
        "sources": {"urn:own|by-web": "web"},
        "wordings": "urn:wording:",
    }
}
PERMIT, DENY = ({"coding": [{"code": code}]} for code in ("OPTIN", "OPTOUT"))


@pytest.fixture
def consent(fhir):
    def made(key="c1", *categories, **elements):
        always = {
            "status": "active",
            "scope": {"coding": [dict(zip(("system", "code"), SCOPE.split("|"), strict=True))]},
            "category": [fhir.concept("urn:own", code) for code in categories or ("texts",)],
            "patient": {"reference": "Patient/ann"},
            "dateTime": "2026-05-01T12:00:00Z",
            "policyRule": PERMIT,
        }
        return fhir.of("Consent", key, **{**always, **elements})

    return made


def changes(told):
    return told.rows("consents", "changed_at", "status")


GIVEN = "2026-05-01T12:00:00Z"


def test_without_a_mapping_they_are_counted_and_left(read, consent):
    told = read(consent(), consent("c2", "part2"))
    assert told.dropped("Consent") == {"of a category and scope that the settings do not name": 2}
    # An empty table would say that consent is recorded, and nobody's.
    assert "consents" not in told.reading.tables


def test_a_change_of_consent(read, consent):
    told = read(
        consent(updated="2026-05-02T00:00:00Z", policy=[{"uri": "urn:law"}, {"uri": "urn:wording:v2"}]), **RULES
    )
    assert told.rows("consents") == [
        {
            "person_kind": "fhir",
            "person_value": "ann",
            "channel": "sms",
            "purpose": "care",
            "scope": "this_kind",
            "status": "opt_in",
            "source": "staff",
            "wording_version": "v2",
            "changed_at": GIVEN,
        }
    ]


@pytest.mark.parametrize(
    ("categories", "told_of"),
    [
        (("all-texts",), ("sms", "care", "all", None)),
        (("mail", "by-web"), ("email", "marketing", "this_kind", "web")),
        (("texts", "by-web"), ("sms", "care", "this_kind", "web")),
        (("part2",), ("record", "part2", "this_kind", None)),
    ],
)
def test_what_a_category_is_about(read, consent, categories, told_of):
    told = read(consent("c1", *categories), **RULES)
    assert told.rows("consents", "channel", "purpose", "scope", "source") == [told_of]


@pytest.mark.parametrize(
    ("elements", "status"),
    [
        ({"policyRule": PERMIT}, "opt_in"),
        ({"policyRule": DENY}, "opt_out"),
        ({"policyRule": None, "provision": {"type": "permit"}}, "opt_in"),
        ({"policyRule": None, "provision": {"type": "deny"}}, "opt_out"),
        ({"policyRule": DENY, "provision": {"type": "permit"}}, "opt_out"),
        ({"policyRule": DENY, "provision": {"provision": [{"type": "permit"}]}}, "opt_out"),
        ({"status": "rejected"}, "opt_out"),
    ],
)
def test_whether_it_permits(read, consent, elements, status):
    assert changes(read(consent(**elements), **RULES)) == [(GIVEN, status)]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"status": "draft"}, "not in force yet"),
        ({"status": "proposed"}, "not in force yet"),
        ({"status": "entered-in-error"}, "entered in error"),
        ({"status": "done"}, "with a status that FHIR R4 does not know"),
        (
            {"scope": {"coding": [{"code": "research"}]}},
            "of a category and scope that the settings do not name",
        ),
        ({"patient": None}, "whose patient cannot be told"),
        ({"dateTime": None}, "without a date"),
        ({"policyRule": None}, "that neither permits nor denies"),
        ({"policyRule": {"coding": [{"code": "OPTINR"}]}}, "that neither permits nor denies"),
        ({"provision": {"provision": [{"type": "deny"}]}}, "that permits with exceptions"),
        ({"provision": {"period": {"end": "2026-04-01"}}}, "that ended before it was given"),
    ],
)
def test_consents_that_tell_nothing(read, consent, elements, reason):
    told = read(consent(**elements), **RULES)
    assert told.dropped("Consent") == {reason: 1}
    assert changes(told) == []


def test_a_permission_ends_with_its_period_also_in_the_future(read, consent):
    told = read(consent(provision={"period": {"start": "2026-01-01", "end": "2027-05-01"}}), **RULES)
    assert changes(told) == [(GIVEN, "opt_in"), ("2027-05-02T04:00:00Z", "opt_out")]
    assert told.rows("consents", "source", "status") == [("staff", "opt_in"), (None, "opt_out")]
    assert told.told("Consent") == {"permitting until an end": 1}


def test_a_prohibition_does_not_end(read, consent):
    told = read(consent(policyRule=DENY, provision={"period": {"end": "2027-05-01"}}), **RULES)
    assert changes(told) == [(GIVEN, "opt_out")]


def test_an_inactive_permission_ended_when_it_was_last_updated(read, consent):
    told = read(consent(status="inactive", updated="2026-06-01T00:00:00Z"), **RULES)
    assert changes(told) == [(GIVEN, "opt_in"), ("2026-06-01T00:00:00Z", "opt_out")]


def test_a_newer_consent_to_the_same_takes_its_place(read, consent):
    told = read(
        consent(status="inactive", updated="2026-06-01T00:00:01Z"),
        consent("c2", dateTime="2026-06-01T00:00:00Z"),
        consent(
            "c3", "mail", dateTime="2026-05-20T00:00:00Z", status="inactive", updated="2026-06-01T00:00:00Z"
        ),
        **RULES,
    )
    assert told.rows("consents", "channel", "changed_at", "status") == [
        ("email", "2026-05-20T00:00:00Z", "opt_in"),
        ("email", "2026-06-01T00:00:00Z", "opt_out"),
        ("sms", GIVEN, "opt_in"),
        ("sms", "2026-06-01T00:00:00Z", "opt_in"),
    ]


def test_versions_with_dates_of_their_own_are_changes(read, consent):
    told = read(
        consent(updated="2026-05-01T12:00:00Z"),
        consent(updated="2026-05-03T12:00:00Z", policy=[{"uri": "urn:wording:v1"}]),
        consent(updated="2026-07-01T12:00:00Z", dateTime="2026-07-01", policyRule=DENY),
        consent(updated="2026-07-01T12:00:00Z", dateTime="2026-07-01", policyRule=DENY),
        **RULES,
    )
    assert told.rows("consents", "changed_at", "status", "wording_version") == [
        (GIVEN, "opt_in", "v1"),
        ("2026-07-01T04:00:00Z", "opt_out", None),
    ]
    assert told.dropped("Consent") == {
        "an older version of the same resource": 1,
        "repeating another line": 1,
    }


def test_a_later_error_takes_all_versions_away(read, consent):
    told = read(
        consent(updated="2026-05-01T12:00:00Z"),
        consent(updated="2026-05-03T12:00:00Z", status="entered-in-error"),
        **RULES,
    )
    assert told.dropped("Consent") == {"entered in error": 2}
