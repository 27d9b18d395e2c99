"""Whose a vendor's row is: matched by record number, never merged by a phone, and told where it is nobody's."""

ANN, BEN, ANNS_PHONE, BENS_PHONE = "MRN-100200", "MRN-100300", "+15555550101", "+15555550102"


def ehr(clinic):
    return clinic.feed(
        tables={"patients": [clinic.patient(ANN), clinic.patient(BEN)]},
        contacts=[clinic.phone_of(ANN, ANNS_PHONE), clinic.phone_of(BEN, BENS_PHONE)],
    )


def test_people_are_matched_across_vendors_by_record_number(clinic):
    survey = {
        "response_id": "R1",
        **clinic.of(ANN),
        "instrument": "PHQ-9",
        "score": 4.0,
        "responded_at": clinic.at(3),
    }
    clinic.ingest(
        ehr=ehr(clinic),
        surveys=clinic.feed({"surveys": [survey]}),
        sms=clinic.feed({"messages": [clinic.text(1, ANNS_PHONE)]}),
    )
    assert clinic.rows("surveys")[0]["patient_id"] == clinic.pseudonym(ANN)
    assert clinic.rows("messages")[0]["patient_id"] == clinic.pseudonym(ANN)
    assert clinic.pseudonym(ANN) != clinic.pseudonym(BEN)


def test_a_fhir_patient_is_her_record_number(clinic):
    seen = {"person_kind": "fhir", "person_value": "f1", "birth_year": 1980, "known_at": clinic.at(1)}
    feed = clinic.feed({"patients": [seen]}, links=[{"kind": "fhir", "value": "f1", "record": ANN}])
    lists = clinic.feed(
        {"assignments": [{"experiment_id": "e", **clinic.of(ANN), "arm": "a", "probability": 0.5}]}
    )
    clinic.ingest(ehr=feed, lists=lists)
    assert clinic.rows("assignments")[0]["patient_id"] == clinic.rows("patients")[0]["patient_id"]


def test_a_pseudonym_stays_and_says_nothing(clinic):
    clinic.ingest(ehr=ehr(clinic))
    before = clinic.pseudonym(ANN)
    clinic.later()
    clinic.ingest(
        ehr=clinic.feed(
            {
                "patients": [
                    clinic.patient(ANN, sex="male", known_at=clinic.at(20, month=10)),
                    clinic.patient("MRN-3"),
                ]
            }
        )
    )
    assert clinic.pseudonym(ANN) == before
    assert before is not None
    assert not set(before[1:]) - set("0123456789abcdef")


def test_a_phone_of_two_is_counted_and_its_texts_are_given_to_neither(clinic):
    feed = ehr(clinic)
    feed.contacts = [clinic.phone_of(ANN, ANNS_PHONE), clinic.phone_of(BEN, ANNS_PHONE)]
    account = clinic.ingest(
        ehr=feed,
        sms=clinic.feed({"messages": [clinic.text(1, ANNS_PHONE)], "consents": [clinic.stop(ANNS_PHONE)]}),
    )
    assert account.people.shared == 1
    assert clinic.rows("messages") == []
    assert {row["patient_id"] for row in clinic.rows("consents")} == {
        clinic.pseudonym(ANN),
        clinic.pseudonym(BEN),
    }
    sms = next(feed for feed in account.feeds if feed.feed == "sms")
    assert sms.people["messages"].shared == 1
    assert sms.people["consents"].shared == 0


def test_a_phone_that_changed_hands_is_each_owners_in_her_time(clinic):
    feed = ehr(clinic)
    feed.contacts = [
        clinic.phone_of(ANN, ANNS_PHONE, valid_to=clinic.at(9)),
        clinic.phone_of(BEN, ANNS_PHONE, valid_from=clinic.at(9)),
    ]
    early, late = (
        clinic.text(1, ANNS_PHONE, sent_at=clinic.at(8)),
        clinic.text(2, ANNS_PHONE, sent_at=clinic.at(9)),
    )
    account = clinic.ingest(ehr=feed, sms=clinic.feed({"messages": [early, late]}))
    assert account.people.shared == 0
    owners = {row["sent_at"]: row["patient_id"] for row in clinic.rows("messages")}
    assert owners == {clinic.at(8): clinic.pseudonym(ANN), clinic.at(9): clinic.pseudonym(BEN)}


def test_a_phone_no_longer_told_of_somebody_ends_with_the_export(clinic):
    clinic.ingest(ehr=ehr(clinic))
    clinic.later()
    feed = ehr(clinic)
    feed.contacts = [clinic.phone_of(ANN, "+15555550103"), clinic.phone_of(BEN, ANNS_PHONE)]
    before, after = clinic.at(20, month=10), clinic.at(2, month=11)
    texts = [clinic.text(1, ANNS_PHONE, sent_at=before), clinic.text(2, ANNS_PHONE, sent_at=after)]
    account = clinic.ingest(ehr=feed, sms=clinic.feed({"messages": texts}))
    owners = {row["sent_at"]: row["patient_id"] for row in clinic.rows("messages")}
    assert owners == {before: clinic.pseudonym(ANN), after: clinic.pseudonym(BEN)}
    assert account.people.shared == 0
    again = clinic.ingest(ehr=feed, sms=clinic.feed({"messages": texts}))
    assert again.generation is None


def test_rows_of_nobody_known_are_counted_and_left(clinic):
    account = clinic.ingest(
        ehr=ehr(clinic),
        sms=clinic.feed({"messages": [clinic.text(1, "+15555550199"), clinic.text(2, BENS_PHONE)]}),
    )
    assert next(feed for feed in account.feeds if feed.feed == "sms").people["messages"].unmatched == 1
    assert clinic.merged(account, "messages").rows == 1


def test_without_a_table_of_patients_record_numbers_register_people(clinic):
    rows = [{"appointment_id": "1", **clinic.of(ANN), "status": "attended", "known_at": clinic.at(1)}]
    account = clinic.ingest(book=clinic.feed({"appointments": rows}))
    assert account.people.people == 1
    assert clinic.rows("appointments")[0]["patient_id"] == clinic.pseudonym(ANN)


def test_a_record_number_told_later_takes_over(clinic):
    seen = {"person_kind": "fhir", "person_value": "f1", "birth_year": 1980, "known_at": clinic.at(1)}
    clinic.ingest(ehr=clinic.feed({"patients": [seen]}))
    before = clinic.rows("patients")[0]["patient_id"]
    clinic.ingest(ehr=clinic.feed({"patients": [seen]}, links=[{"kind": "fhir", "value": "f1", "record": ANN}]))
    assert clinic.pseudonym(ANN) == before


def test_no_vendors_key_stands_in_the_tables(clinic):
    clinic.ingest(ehr=ehr(clinic), sms=clinic.feed({"messages": [clinic.text(1, ANNS_PHONE)]}))
    folder = clinic.location / "current"
    for path in folder.iterdir():
        content = path.read_bytes()
        for secret in (ANN, BEN, ANNS_PHONE, "SM1"):
            assert secret.encode() not in content, path.name
    shown = str([clinic.rows(name) for name in ("patients", "messages")])
    assert not any(secret in shown for secret in (ANN, BEN, ANNS_PHONE, "SM1"))


def test_one_thing_has_one_key_whoever_names_it(clinic):
    survey = {
        "response_id": "R1",
        **clinic.of(ANN),
        "message_id": "SM1",
        "instrument": "PHQ-9",
        "score": 4.0,
        "responded_at": clinic.at(12),
    }
    clinic.ingest(
        ehr=ehr(clinic),
        surveys=clinic.feed({"surveys": [survey]}),
        sms=clinic.feed({"messages": [clinic.text(1, ANNS_PHONE)]}),
    )
    assert clinic.rows("surveys")[0]["message_id"] == clinic.rows("messages")[0]["message_id"]
