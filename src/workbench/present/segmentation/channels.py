"""Whom texts do not suit, told as groups: tables, and the sentences of a report. Never who they are."""

from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.group_shares import coarse_share, shares_told
from workbench.present.result import Cell, Column, Fact, Table
from workbench.segments.analysis import Analysis
from workbench.segments.use.channels import FEWEST_SENT, FEWEST_UNANSWERED, SUITED, Kind, UnsuitedPeople


def channels_table(analysis: Analysis, profile: Profile) -> Table:
    """Each kind of people whom texts may not suit: how many, how texts fare with them, and what to try instead.

    People may be of several kinds, so that rows add up to nothing.
    """
    return Table(
        id="other_channel",
        caption="Whom texts may not suit",
        columns=[
            Column(name="who", title="Who", kind="label"),
            Column(name="share", title="Of all", kind="interval"),
            Column(name="agree", title="Agree to texts", kind="interval"),
            Column(name="lost", title="Texts lost", kind="interval"),
            Column(name="instead", title="Try instead", kind="text"),
        ],
        rows=[_kind_row(analysis, each, profile) for each in analysis.channels.kinds],
        groups="none",
        note=f"Of {analysis.settings.people_noun} in this study. Who is of several kinds stands in each. Lost: not "
        "delivered, of the texts whose end is known. Few people, or shares that would give away few, are not shown.",
    )


def unsuited_by_group_table(analysis: Analysis, profile: Profile) -> Table:
    """The share of each group that is of each kind, and of any."""
    found = analysis.channels
    sizes = [group.people for group in analysis.groups]
    by_kind = [shares_told(sizes, each.by_group, profile) for each in found.kinds]
    by_kind.append(shares_told(sizes, found.any_by_group, profile))
    rows: list[list[Cell]] = [
        [group.letter, *(shares[at] for shares in by_kind)] for at, group in enumerate(analysis.groups)
    ]
    return Table(
        id="other_channel_by_group",
        caption="Whom texts may not suit, by group",
        columns=[
            Column(name="group", title="Group", kind="label"),
            *(Column(name=each.kind.name, title=each.kind.title, kind="interval") for each in found.kinds),
            Column(name="any", title="Any of these", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Shares of a group’s people, of those put into it. Not shown: few, or what would give away few.",
    )


def channels_in_words(analysis: Analysis) -> str:
    """What the tables say, and which groups are for another channel."""
    settings = analysis.settings
    told = [
        "For each kind of people below another channel is the better first choice: texts reach a child or whoever "
        f"holds the phone, are not wanted, do not arrive (half or more of at least {FEWEST_SENT}), or were never "
        f"answered ({FEWEST_UNANSWERED} or more)."
    ]
    flagged = [analysis.groups[at].label for at in analysis.channels.flagged if at < len(analysis.groups)]
    if flagged:
        told.append(
            f"Texts suit fewer than {numbers.percent(SUITED, 0)} of {' and of '.join(flagged)}: plan another channel "
            "for the whole group."
        )
    if "minors" in settings.other_channel and settings.minors == "exclude":
        told.append(
            "Minors are not in this study; whoever cares for them is to be asked by another channel in any case."
        )
    return " ".join(told)


def channels_fact(analysis: Analysis, profile: Profile) -> Fact | None:
    """The line of the verdict on other channels; None where nobody was looked for, or too few to tell of."""
    found = analysis.channels
    share = coarse_share(found.any_kind, analysis.everyone.people, profile)
    if not found.kinds or share is None:
        return None
    kinds = ", ".join(each.kind.title.lower() for each in found.kinds)
    return Fact(
        label="Another channel",
        text=f"{share} of these {analysis.settings.people_noun} are people whom texts may not suit ({kinds}): reach "
        "them by a call or a letter first.",
    )


def who_in_words(kind: Kind, elderly_from: int) -> str:
    """A kind of people in words, such as "of 80 years or more"."""
    return kind.who.format(age=elderly_from)


def _kind_row(analysis: Analysis, each: UnsuitedPeople, profile: Profile) -> list[Cell]:
    share = coarse_share(each.people, analysis.everyone.people, profile)
    told = share is not None
    return [
        f"{each.kind.title}: {who_in_words(each.kind, analysis.settings.elderly_from)}",
        share,
        coarse_share(each.consenting, each.people, profile) if told else None,
        coarse_share(each.lost, each.sent, profile) if told and each.sent else None,
        each.kind.instead,
    ]
