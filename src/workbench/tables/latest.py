"""What held of a person at a moment: the newest change that was told by then."""

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

CHANNEL = "sms"


def with_latest(rows: ir.Table, changes: ir.Table, at: str, name: str) -> ir.Table:
    """Adds `name`: the value of the newest change that held, and was told, at each row's moment; null where none.

    Args:
        rows: with patient_id and the moment's column; a person may stand in several rows.
        changes: patient_id, value, since (from when on it held) and told (from when on it was known).
        at: the column of the rows that holds the moment.
        name: what the value is called.
    """
    # The rows are read twice below, and a chain of these would double with each link: kept inside the engine where
    # they are joined from several tables.
    if rows.op().find(ops.JoinChain):
        rows = rows.cache()
    asked = rows.select("patient_id", at).distinct()
    before = asked.join(changes, "patient_id")
    before = before.filter((before["since"] <= before[at]) & (before["told"] <= before[at]))
    # Of changes of one moment the last in the alphabet counts, so that an opt-out counts before an opt-in.
    newest = ibis.window(
        group_by=["patient_id", at], order_by=[ibis.desc("since"), ibis.desc("told"), ibis.desc("value")]
    )
    before = before.mutate(_order=ibis.row_number().over(newest))
    latest = before.filter(before["_order"] == 0).select("patient_id", at, **{name: "value"})
    joined = rows.left_join(latest, ["patient_id", at])
    return joined.select(*rows.columns, name)


def changes_for(consents: ir.Table, purpose: str) -> ir.Table:
    """Changes of consent that bear on texts for a purpose: those of that purpose, and those of all."""
    bears = (consents["purpose"] == purpose) | (consents["scope"] == "all")
    return consents.filter((consents["channel"] == CHANNEL) & bears)


def consent_history(changes: ir.Table) -> ir.Table:
    """Changes of consent in the form of `with_latest`: they hold, and are told, from when they were made."""
    at = changes["changed_at"]
    return changes.select("patient_id", value=changes["status"], since=at, told=at)
