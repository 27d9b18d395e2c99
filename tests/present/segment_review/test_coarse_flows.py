"""Flows are told so coarsely that none of few people can be worked out, and no more coarsely than that takes."""

import numpy as np
import pytest

from workbench.present.disclosure import CMS, NHS
from workbench.present.segment_review.coarse_flows import coarse_flows, coarse_number, coarse_words
from workbench.present.unknowns import Unknowns
from workbench.segments.weekly.migration import Migration

TYPICAL = [[3202, 15, 41, 213], [21, 2130, 11, 161], [42, 4, 926, 68], [253, 169, 74, 0]]


def worked_out(counts, profile):
    """What a reader can work out of every flow: from what is told, the exact sizes, and those followed on both days."""
    migration = Migration(np.array(counts))
    told = coarse_flows(migration, profile).told
    unknowns = Unknowns(int(migration.counts.sum()) + 1)
    named = {
        place: unknowns.add(*((0, unknowns.most) if each is None else (each.low, each.high)))
        for place, each in told.items()
    }
    k = migration.groups
    for group in range(k):
        row = {named[place]: 1 for place in told if place[0] == group}
        column = {named[place]: 1 for place in told if place[1] == group}
        unknowns.equate(row, *[int(migration.before[group])] * 2)
        unknowns.equate(column, *[int(migration.after[group])] * 2)
    unknowns.equate({named[i, j]: 1 for i in range(k) for j in range(k)}, *[migration.both] * 2)
    moved = coarse_number(migration.moved)
    ends = (0, 19) if moved is None else (moved - 5, moved + 4)
    unknowns.equate({named[i, j]: 1 for i in range(k) for j in range(k) if i != j}, *ends)
    return {place: unknowns.interval({unknown: 1}) for place, unknown in named.items()}


@pytest.mark.parametrize("profile", [CMS, NHS])
@pytest.mark.parametrize("seed", range(6))
def test_no_flow_of_few_can_be_worked_out(profile, seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 6))
    counts = rng.integers(0, 30, (size, size)) + np.diag(rng.integers(0, 2_000, size))
    counts[-1, -1] = 0
    for place, within in worked_out(counts, profile).items():
        if counts[place] <= profile.few:
            assert within.is_wide(profile.few), (counts, place, within)


def test_what_is_told_is_true():
    counts = np.array(TYPICAL)
    for place, told in coarse_flows(Migration(counts), CMS).told.items():
        assert told is None or told.low <= counts[place] <= told.high


def test_most_of_a_provider_s_week_can_be_told():
    flows = coarse_flows(Migration(np.array(TYPICAL)), CMS)
    assert flows.words(0, 0) == "about 3,200"
    assert flows.words(2, 1) == "under 20"
    assert flows.words(1, 0) == "about 20"
    assert flows.words(3, 3) == ""
    assert flows.drawn(0, 3) == 210
    assert flows.drawn(2, 1) is None


@pytest.mark.parametrize(
    ("count", "told"), [(0, "under 20"), (19, "under 20"), (20, "about 20"), (24, "about 20"), (25, "about 30")]
)
def test_numbers_in_words(count, told):
    assert coarse_words(count) == told


def test_of_few_people_nothing_is_told():
    flows = coarse_flows(Migration(np.array([[12, 3, 0], [2, 30, 1], [0, 0, 0]])), CMS)
    assert set(flows.told.values()) == {None}
    assert flows.words(0, 0) == "–"
