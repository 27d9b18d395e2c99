"""What was randomized: people, or clusters of them."""

from workbench.experiments.counting.counts import count_experiment


def units(tables, parameters, placed):
    for arm, cluster, epoch, texted in placed:
        name = tables.person(arm, cluster=cluster, epoch=epoch)
        if texted:
            tables.text(name, "2026-03-03 09:00", "delivered")
    found = count_experiment(tables.known(), parameters()).units
    return [tuple(row) for row in found.itertuples(index=False)]


def test_clusters_are_units_where_each_is_in_one_arm(tables, parameters):
    placed = [
        ("plain", "a", 1, True),
        ("plain", "a", 1, False),
        ("warm", "b", 1, False),
        ("warm", "b", 1, False),
    ]
    placed += [("plain", None, 1, False), ("warm", "c", 1, True)]
    assert units(tables, parameters, placed) == [(0, "plain", 2, 1), (0, "warm", 2, 1)]


def test_people_are_units_where_they_share_clusters_over_both_arms(tables, parameters):
    placed = [(arm, cluster, 1, False) for arm in ("plain", "warm") for cluster in ("a", "b") for _ in range(2)]
    assert units(tables, parameters, placed) == []


def test_people_are_units_where_nobody_shares_a_cluster(tables, parameters):
    assert units(tables, parameters, [("plain", "a", 1, False), ("warm", "b", 1, False)]) == []
