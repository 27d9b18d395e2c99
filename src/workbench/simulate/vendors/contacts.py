"""What only vendors know of the simulated people: made-up names, record numbers, phones and e-mail addresses.

All vendors' files of one provider agree on them, since they hang from a person's place in the table of patients
alone. The numbers of places are spread by a multiplier without a common divisor, so that no two people share one.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.simulate.randomness import Index

# +999 is assigned to no country, so that nobody owns such a number.
COUNTRY = "+999"
PHONES = 10**9
RECORDS = 9 * 10**7
FIRST_RECORD = 10**7
SPREAD = 387_420_489  # 3 ** 18; shares no divisor with PHONES
RECORD_SPREAD = 40_353_607  # 7 ** 9; shares none with RECORDS
DOMAIN = "example.org"  # kept free for examples by RFC 2606

GIVEN = ("Zorb", "Quill", "Thim", "Vask", "Yelm", "Brix", "Oxal", "Plum", "Wend", "Kray", "Juno", "Fyn", "Dree")
GIVEN_ENDS = ("ara", "ek", "ine", "omo", "ith", "urra", "ado", "isk", "elle", "ott", "eya")
FAMILY = (
    "Quizzle",
    "Brambo",
    "Thistel",
    "Morrow",
    "Wexen",
    "Plinth",
    "Ozmer",
    "Fenwa",
    "Grubb",
    "Yarrel",
    "Vonk",
)
FAMILY_ENDS = (
    "wick",
    "dottir",
    "shanks",
    "bottle",
    "feather",
    "quist",
    "maker",
    "thorp",
    "loft",
    "zand",
    "pike",
)


def contacts(patients: pa.Table) -> pa.Table:
    """Names and contact points of the simulated people.

    Args:
        patients: the whole canonical table `patients` of one provider, in its own order.

    Returns:
        A row per person in the same order: `patient_id`, `record_number` (8 digits), `phone` (E.164, of no country),
        `email`, `given`, `family`. Record numbers, phones and addresses are each one person's alone.
    """
    place = np.arange(1, patients.num_rows + 1, dtype=np.int64)
    record = _spelled(FIRST_RECORD + place * RECORD_SPREAD % RECORDS)
    number = place * SPREAD % PHONES
    given, family = _name(number // 10, GIVEN, GIVEN_ENDS), _name(number // 10_000, FAMILY, FAMILY_ENDS)
    phone = pc.binary_join_element_wise(pa.scalar(COUNTRY), _spelled(number, 9), "")
    local = pc.utf8_lower(pc.binary_join_element_wise(given, family, record, "."))
    return pa.table(
        {
            "patient_id": patients["patient_id"],
            "record_number": record,
            "phone": phone,
            "email": pc.binary_join_element_wise(local, pa.scalar(DOMAIN), "@"),
            "given": given,
            "family": family,
        }
    )


def _spelled(numbers: Index, width: int = 0) -> pa.Array:
    """Numbers as text, with zeros before them up to a width."""
    text = pa.array(numbers).cast(pa.string())
    return pc.utf8_lpad(text, width, "0") if width else text


def _name(which: Index, beginnings: tuple[str, ...], ends: tuple[str, ...]) -> pa.Array:
    first = pa.array(beginnings).take(pa.array(which % len(beginnings)))
    last = pa.array(ends).take(pa.array(which // len(beginnings) % len(ends)))
    return pc.binary_join_element_wise(first, last, "")
