"""Which message suits which group: what an experiment's effects by group support, and no more than that.

The effects come from a model in which groups borrow from each other, so that a small group's luck is no finding. A
message is supported for a group only where the experiment stands, its rule and its guardrails do not speak against the
message, and the group's own interval lies above no effect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Said = Literal["supported", "keep_control", "no_difference", "not_answered", "not_studied"]
# What an experiment may say of an arm, and what that means for groups.
Standing = Literal["adopted", "allowed", "set_aside", "harmful", "open"]


@dataclass(frozen=True)
class GroupEffect:
    """The gain by an arm over the control in one group, positive where it is better; credible from `low` to `high`.

    `named` says that the model itself names the group for this arm, with few wrong signs expected.
    """

    group: str
    arm: str
    gain: float
    low: float
    high: float
    named: bool


@dataclass(frozen=True)
class GroupMessage:
    """What is supported for a group: `arm` is the message where one is supported, `effect` what it rests on."""

    group: str
    said: Said
    arm: str | None = None
    effect: GroupEffect | None = None


def messages_for_groups(
    groups: Iterable[str], effects: Iterable[GroupEffect], standing: Mapping[str, Standing]
) -> tuple[GroupMessage, ...]:
    """What the experiment supports for each group.

    Args:
        groups: every group there is, whether or not the experiment has people of it.
        effects: of every arm but the control in the groups that were studied.
        standing: of every arm but the control, by the experiment's verdict: "adopted"; "allowed" where the rule found
            too little to adopt it or to set it aside; "set_aside" where it makes no difference that matters; "harmful",
            to the outcome or to a guardrail; "open" before there is a valid verdict on it.
    """
    by_group: dict[str, list[GroupEffect]] = {}
    for effect in effects:
        by_group.setdefault(effect.group, []).append(effect)
    return tuple(_message(group, by_group.get(group, []), standing) for group in groups)


def _message(group: str, effects: list[GroupEffect], standing: Mapping[str, Standing]) -> GroupMessage:
    if not effects:
        return GroupMessage(group, "not_studied")
    supported = [effect for effect in effects if _is_supported(effect, standing[effect.arm])]
    if supported:
        best = max(supported, key=lambda effect: effect.gain)
        return GroupMessage(group, "supported", best.arm, best)
    answered = [effect for effect in effects if standing[effect.arm] != "open"]
    if not answered:
        return GroupMessage(group, "not_answered")
    if all(effect.high < 0 or standing[effect.arm] == "harmful" for effect in answered):
        return GroupMessage(group, "keep_control")
    return GroupMessage(group, "no_difference")


def _is_supported(effect: GroupEffect, standing: Standing) -> bool:
    """An arm that was not adopted for all is supported for a group only where the model names it."""
    return effect.low > 0 and (standing == "adopted" or (standing == "allowed" and effect.named))
