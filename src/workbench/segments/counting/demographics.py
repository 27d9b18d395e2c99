"""Age band, sex and language of each person, for those who ask for them in so many words."""

from itertools import pairwise

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables

# The first age of each band but the lowest.
AGES = (18, 30, 45, 60, 75)
AGE_BANDS = (
    f"under {AGES[0]}",
    *(f"{low} to {high - 1}" for low, high in pairwise(AGES)),
    f"{AGES[-1]} and over",
)


def with_demographics(known: KnownTables, people: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """Adds those of age_band, sex and language that are asked for; null where they are not recorded."""
    patients = known.table("patients")
    found = {
        name: _age_band(known.as_of.year - patients["birth_year"]) if name == "age_band" else patients[name]
        for name in columns
    }
    joined = people.left_join(patients.select("patient_id", **found), "patient_id")
    return joined.select(*people.columns, *columns)


def _age_band(age: ir.IntegerValue) -> ir.StringValue:
    below = zip(AGES, AGE_BANDS[:-1], strict=True)
    return ibis.cases((age.isnull(), None), *((age < most, band) for most, band in below), else_=AGE_BANDS[-1])
