"""What was randomized: people, or clusters of them. Where it was clusters, arms are as large as these say."""

import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.counting.cells import ordered

NO_UNITS = pd.DataFrame({"epoch": [], "arm": [], "units": [], "triggered": []})


def randomized_units(people: ir.Table) -> pd.DataFrame:
    """The clusters of each epoch and arm, where clusters were randomized; empty where people were.

    Clusters were randomized where some have several people and hardly any (one in a hundred) is in two arms.
    Whoever has no cluster is one of her own. A cluster belongs to the epoch of its first member, and is triggered
    where somebody of it is.

    Args:
        people: with patient_id, cluster_id, arm, epoch, and triggered.

    Returns:
        One row per epoch and arm, with units and triggered, both counts of clusters.
    """
    named = people.mutate(cluster=people["cluster_id"].fill_null(people["patient_id"]))
    placed = named.group_by(["arm", "cluster"]).agg(
        epoch=named["epoch"].min(), triggered=named["triggered"].any(), members=named.count()
    )
    found = placed.group_by(["epoch", "arm"]).agg(
        units=placed.count(),
        triggered=placed["triggered"].cast("int64").sum(),
        several=(placed["members"] > 1).cast("int64").sum(),
    )
    cells = found.execute().astype({"units": "int64", "triggered": "int64"})
    clusters = int(named["cluster"].nunique().execute())
    in_two_arms = int(cells["units"].sum()) - clusters
    if not cells["several"].sum() or in_two_arms > clusters / 100:
        return NO_UNITS
    return ordered(cells.drop(columns="several"), ("epoch", "arm"))
