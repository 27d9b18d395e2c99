"""Vendors' files agree on who has which number, and no two people share one."""

import pyarrow as pa
import pytest

from workbench.simulate.vendors.contacts import contacts


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return contacts(pa.table({"patient_id": [f"p{place}" for place in range(50_000)]}))


@pytest.mark.parametrize("column", ["patient_id", "record_number", "phone", "email"])
def test_nobody_shares(people, column):
    assert len(set(people[column].to_pylist())) == people.num_rows


def test_numbers_are_of_one_form_and_belong_to_nobody(people):
    assert all(len(number) == 8 and number.isdigit() for number in people["record_number"].to_pylist())
    assert all(len(phone) == 13 and phone.startswith("+999") for phone in people["phone"].to_pylist())
    assert all(email.endswith("@example.org") for email in people["email"].to_pylist())


def test_names_are_varied(people):
    names = list(zip(people["given"].to_pylist(), people["family"].to_pylist(), strict=True))
    assert len(set(names)) > 1_000


def test_a_person_keeps_them_when_others_come_after(people):
    fewer = contacts(people.select(["patient_id"]).slice(0, 100))
    assert fewer.equals(people.slice(0, 100))
