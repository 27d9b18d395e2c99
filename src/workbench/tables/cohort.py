"""Who may be studied: age and consent, told of each person as of a moment.

`people` is a table with patient_id and the time column named by `at`; each function adds one column to it. A
source that does not record age or consent says so, and then everybody passes: the study says why it goes on.
"""

from typing import Literal

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables

CHANNEL = "sms"
# A person is adult for certain once the calendar year of as_of minus the birth year is 19.
ADULT_FROM = 19

Minors = Literal["exclude", "include", "only"]


def with_age(known: KnownTables, people: ir.Table, minors: Minors) -> ir.Table:
    """Adds of_age: whether the person's age is one the study is about.

    Who has no birth year is not known to be adult, and not known to be a minor.
    """
    if known.source.not_recorded.age is not None or minors == "include":
        return people.mutate(of_age=ibis.literal(True))
    patients = known.table("patients")
    adult = patients.select("patient_id", adult=known.as_of.year - patients["birth_year"] >= ADULT_FROM)
    joined = people.left_join(adult, "patient_id").drop("patient_id_right")
    of_age = joined["adult"] if minors == "exclude" else ~joined["adult"]
    return joined.mutate(of_age=of_age.fill_null(False)).drop("adult")


def with_consent(known: KnownTables, people: ir.Table, at: str, purpose: str) -> ir.Table:
    """Adds consented: whether the last change of consent up to the moment `at` was an opt-in."""
    if known.source.not_recorded.consent is not None:
        return people.mutate(consented=ibis.literal(True))
    before = people.select("patient_id", at).join(consent_changes(known, purpose), "patient_id")
    before = before.filter(before["changed_at"] <= before[at])
    # An opt-out and an opt-in of the same moment count as the opt-out.
    window = ibis.window(group_by="patient_id", order_by=[ibis.desc("changed_at"), ibis.desc("status")])
    latest = before.mutate(_order=ibis.row_number().over(window))
    latest = latest.filter(latest["_order"] == 0).select("patient_id", "status")
    joined = people.left_join(latest, "patient_id").drop("patient_id_right")
    return joined.mutate(consented=(joined["status"] == "opt_in").fill_null(False)).drop("status")


def consent_changes(known: KnownTables, purpose: str) -> ir.Table:
    """Changes of consent that bear on texts for a purpose: those of that purpose, and those of all."""
    consents = known.table("consents")
    bears = (consents["purpose"] == purpose) | (consents["scope"] == "all")
    return consents.filter((consents["channel"] == CHANNEL) & bears).select(
        "patient_id", "status", "changed_at"
    )


def with_state(known: KnownTables, people: ir.Table, at: str, column: str) -> ir.Table:
    """Adds the column of patient_states that was valid, and known, at the moment `at`."""
    states = known.table("patient_states").select("patient_id", "valid_from", "known_at", column)
    before = people.select("patient_id", at).join(states, "patient_id")
    before = before.filter((before["valid_from"] <= before[at]) & (before["known_at"] <= before[at]))
    window = ibis.window(group_by="patient_id", order_by=[ibis.desc("valid_from"), ibis.desc("known_at")])
    latest = before.mutate(_order=ibis.row_number().over(window))
    latest = latest.filter(latest["_order"] == 0).select("patient_id", column)
    return people.left_join(latest, "patient_id").drop("patient_id_right")
