"""Answers to surveys of each person within the lookback."""

import ibis
import ibis.expr.types as ir

from workbench.segments.counting.lookback import is_recent, with_counts
from workbench.segments.parameters import Segmentation
from workbench.tables.exact_sum import exact_sum
from workbench.tables.known import KnownTables
from workbench.tables.schema import INSTRUMENT_SCORES

# Other instruments say nothing of symptoms.
SYMPTOM_SCALES = {name: highest for name, (_, highest) in INSTRUMENT_SCORES.items()}


def with_symptoms(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds answers and symptoms: answers on symptom scales, and the sum of their scores as shares of the scale."""
    rows = known.table("surveys")
    rows = rows.filter(
        is_recent(rows["responded_at"], known, settings), rows["instrument"].isin(list(SYMPTOM_SCALES))
    )
    highest = ibis.cases(*((rows["instrument"] == name, float(most)) for name, most in SYMPTOM_SCALES.items()))
    shares = rows.select("patient_id", share=rows["score"] / highest)
    counts = shares.group_by("patient_id").agg(answers=shares.count(), symptoms=exact_sum(shares["share"], 12))
    return with_counts(people, counts)
