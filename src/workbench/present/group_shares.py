"""Shares of groups of people, shown in whole percent where neither they nor what is beside them gives away few."""

from collections.abc import Sequence

from workbench.present import numbers
from workbench.present.disclosure import Profile, hide_small_cells, may_show
from workbench.present.result import Column, Table

# How near to nobody or everybody a share is told where few could be worked out from the share itself.
NEARLY_ALL = 0.05


def may_be_told(counts: Sequence[tuple[int, ...]], profile: Profile) -> tuple[bool, ...]:
    """For each group whether its shares may be told, beside those of the others.

    Args:
        counts: of each group its people, then events of any number of kinds among them.
        profile: which counts are few.
    """
    kinds = max((len(each) for each in counts), default=1) - 1
    table = Table(
        id="groups",
        caption="Groups",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="people", title="People", kind="people"),
            *(Column(name=f"events_{kind}", title="Events", kind="events") for kind in range(kinds)),
        ],
        rows=[[str(group), *each] for group, each in enumerate(counts)],
        groups="attributes",
    )
    return tuple(row[1] is not None for row in hide_small_cells(table, profile).rows)


def shares_told(people: Sequence[int], events: Sequence[int], profile: Profile) -> list[str | None]:
    """The share of each group in whole percent; None where it may not be told."""
    told = may_be_told(list(zip(people, events, strict=True)), profile)
    return [
        numbers.percent(profile.rounded(some) / profile.rounded(all_), 0) if shown and all_ else None
        for all_, some, shown in zip(people, events, told, strict=True)
    ]


def shares_of_all(people: Sequence[int], profile: Profile) -> list[str | None]:
    """The share of everybody that each group holds, in whole percent of what is shown; None where it may not be told.

    Such a share is no share of the group's own people, and counts no events among them: a column of it is an interval,
    and is hidden where the group's people are.
    """
    told = may_be_told([(each,) for each in people], profile)
    whole = max(profile.rounded(sum(people)), 1)
    return [
        numbers.percent(profile.rounded(each) / whole, 0) if shown else None
        for each, shown in zip(people, told, strict=True)
    ]


def coarse_share(events: int, people: int, profile: Profile) -> str | None:
    """A share in whole percent; near 0 or 1, where few could be worked out from it, only that it is near.

    None where even that would tell of few.
    """
    if may_show(people, events, profile):
        return numbers.percent(profile.rounded(events) / profile.rounded(people), 0)
    if profile.is_few(people) or NEARLY_ALL * people <= profile.few + 1:
        return None
    if people - events < NEARLY_ALL * people:
        return f"over {numbers.percent(1 - NEARLY_ALL, 0)}"
    return f"below {numbers.percent(NEARLY_ALL, 0)}" if events < NEARLY_ALL * people else None
