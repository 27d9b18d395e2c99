"""What would break the estimand, told person by person: texts at the wrong time, shared homes, other experiments."""

import ibis
import ibis.expr.types as ir

from workbench.experiments.counting.happened import is_inside, texts_of_campaign
from workbench.experiments.counting.people import untimed
from workbench.experiments.parameters import ABTest
from workbench.tables.known import KnownTables

# Statuses of texts that were never handed over for sending.
_UNSENT = ("canceled", "pending")


def tells_texts(known: KnownTables) -> bool:
    """Whether the source says which texts the campaign sent to whom, and when."""
    return known.has("messages", "campaign_id") and known.has("messages", "sent_at") and not untimed(known)


def with_disturbances(known: KnownTables, told: ir.Table, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds triggered, texted_before, overlapping, each true or false, and cluster_size.

    `triggered` is whether the campaign sent the person a text within the primary's window, `texted_before` whether it
    did before the assignment, `overlapping` whether she was assigned in another experiment no farther from this
    assignment than the window is long. `cluster_size` counts the people of her arm in her cluster, herself included.

    Args:
        known: the tables.
        told: the people with all that is told of them already, to which this is added.
        people: the same people as they are kept inside the engine, beside whom the tables are read: reading them
            beside `told` would make the engine keep that whole.
        settings: the parameters.
    """
    sized = _with_cluster_size(known, told)
    texted = _texted(known, people, settings)
    elsewhere = _elsewhere(known, people, settings)
    joined = sized.left_join(texted, sized["patient_id"] == texted["texted"])
    joined = joined.left_join(elsewhere, joined["patient_id"] == elsewhere["assigned_elsewhere"])
    return joined.select(
        *told.columns,
        "cluster_size",
        triggered=joined["triggered"].fill_null(False),
        texted_before=joined["texted_before"].fill_null(False),
        overlapping=joined["assigned_elsewhere"].notnull(),
    )


def _with_cluster_size(known: KnownTables, people: ir.Table) -> ir.Table:
    if not known.has("assignments", "cluster_id"):
        return people.mutate(cluster_size=ibis.literal(1, "int64"))
    placed = people.filter(people["cluster_id"].notnull())
    shared = placed.group_by(clustered_arm="arm", cluster="cluster_id").agg(people_in_it=placed.count())
    shared = shared.filter(shared["people_in_it"] > 1)
    joined = people.left_join(
        shared, [people["arm"] == shared["clustered_arm"], people["cluster_id"] == shared["cluster"]]
    )
    return joined.select(*people.columns, cluster_size=joined["people_in_it"].fill_null(1))


def _texted(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Whom the campaign sent a text, one row each."""
    if not tells_texts(known):
        nobody = people.filter(ibis.literal(False))
        return nobody.select(
            texted="patient_id", triggered=ibis.literal(False), texted_before=ibis.literal(False)
        )
    sent = texts_of_campaign(known, people, settings)
    sent = sent.filter(sent["status"].notin(_UNSENT))
    inside = is_inside(sent["sent_at"], sent["assigned_at"], settings.primary.window_days)
    before = sent["sent_at"] < sent["assigned_at"]
    told = sent.group_by("patient_id").agg(triggered=inside.any(), texted_before=before.any())
    return told.rename(texted="patient_id")


def _elsewhere(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Who was assigned in another experiment about the same time, one row each."""
    rows = known.table("assignments")
    rows = rows.filter(rows["experiment_id"] != settings.experiment)
    if untimed(known):
        return people.semi_join(rows, "patient_id").select(assigned_elsewhere="patient_id")
    both = people.select("patient_id", "assigned_at").join(
        rows.select("patient_id", other_at="assigned_at"), "patient_id"
    )
    days = ibis.interval(hours=24 * settings.primary.window_days)
    near = (both["other_at"] <= both["assigned_at"] + days) & (both["assigned_at"] <= both["other_at"] + days)
    return both.filter(near).select(assigned_elsewhere="patient_id").distinct()
