"""How many extra bookings to make: the most that keep within the caps, for everybody, and save more than noise."""

from collections.abc import Sequence

from workbench.no_show.decisions.overbooking import Policy
from workbench.no_show.parameters import Overbooking


def recommended(found: Sequence[Policy], asked: Overbooking, few: set[tuple[str, str]]) -> Policy:
    """The largest number by lot that keeps within every cap and saves more than noise; no extra booking at worst.

    Args:
        found: from `policies`.
        asked: the caps.
        few: groups of too few patients to be judged.
    """
    fit = [
        each
        for each in found
        if each.beside == "by lot"
        and (each.extra == 0 or (within_caps(each, asked, few) and each.gain.low > 0))
    ]
    return max(fit, key=lambda each: each.extra)


def within_caps(policy: Policy, asked: Overbooking, few: set[tuple[str, str]]) -> bool:
    """Whether expected waiting, overtime and late ends keep within their caps, over all and in every group."""
    judged = [(policy.wait, policy.late)] + [
        (group.wait, group.late) for group in policy.groups if (group.by, group.group) not in few
    ]
    return policy.overtime <= asked.longest_overtime and all(
        wait <= asked.longest_wait and late <= asked.largest_late for wait, late in judged
    )
