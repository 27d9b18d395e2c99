"""Alarms and spans of a review in words; counts of few are told as few."""

from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.group_shares import shares_of_all
from workbench.segments.weekly.alarms import Alarm, Kind
from workbench.segments.weekly.definition import Definition
from workbench.segments.weekly.review import Review

TO_DO: dict[Kind, str] = {
    "dissolving": "Plan nothing more by this group; find the groups anew, and see whether it comes back.",
    "nobody": "Plan nothing more by this group, and ask those who approved the rules whether it is still wanted.",
    "dissolved": "Plan nothing more by this group, and tell those who use it.",
    "born": "Read its profile with the clinical lead, and name it, before anything is planned by it.",
    "yardstick": "Ask whether recording or care has changed; if it is care, find the groups anew.",
    "scatter": "Find the groups anew: people lie farther from what the groups stand for.",
    "certainty": "Find the groups anew: more people stand between two groups than did.",
    "share": "Look at who came and left, and hold what is planned by this group against its new size.",
    "movement": "Look at the flows: habits changed, and not only their counts.",
    "refit_due": "Run the segmentation; until then this definition stays in use.",
}
# Groups that rules define are not found anew: what they should be is for those to say who approved them.
OF_RULES: dict[Kind, str] = {
    "born": "Read its profile with the clinical lead before anything is planned by it.",
    "yardstick": "Ask whether recording or care has changed; if it is care, ask those who approved the rules whether "
    "their bounds still hold.",
    "share": "Look at who came and left, hold what is planned by this group against its new size, and ask those who "
    "approved the rules whether it still is the group they meant.",
    "refit_due": "Run the segmentation: the rules stay as approved, and until then this version stays in use.",
}
AS_DEFINED = frozenset({"dissolved", "born", "yardstick", "refit_due"})
OF_WORDS = "Look at the flows: habits, or words such as diagnosis and phase, changed, and not only counts."


def alarm_in_words(alarm: Alarm, review: Review, profile: Profile) -> str:
    """What was seen, in a sentence."""
    by_rules = review.definition is not None and review.definition.by_rules
    return _of_rules(alarm, review) if by_rules and alarm.kind in AS_DEFINED else _told(alarm, review, profile)


def _of_rules(alarm: Alarm, review: Review) -> str:
    """Of groups that rules define, what would be told otherwise had they been found."""
    match alarm.kind:
        case "dissolved":
            return f"The version of {_days_ago(alarm)} has no group {alarm.letter} any more."
        case "born":
            return f"The version of {_days_ago(alarm)} has a group {alarm.letter} that was not there before."
        case "yardstick":
            measure = review.features[alarm.about or 0].title
            moved = (
                f"People differ in “{measure}” {numbers.number(alarm.value, 2)} times as much as on"
                if abs(alarm.threshold) >= 1
                else f"Everybody has moved in “{measure}” by {numbers.number(alarm.value, 2, signed=True)} standard "
                "deviations since"
            )
            return f"{moved} the day of the version, and the rules ask of it."
        case _:
            return (
                f"The version is {numbers.number(alarm.value)} days old; by the segmentation's own schedule it is due "
                "to be made anew."
            )


def _told(alarm: Alarm, review: Review, profile: Profile) -> str:
    match alarm.kind:
        case "dissolving":
            return f"{_group(alarm, review)} is dissolving: it holds {_held(alarm, review, profile)}."
        case "nobody":
            return f"Nobody is in group {review.letters[alarm.about or 0]} any more."
        case "dissolved":
            return f"At the refit {_days_ago(alarm)} group {alarm.letter} was not found again: it is dissolved."
        case "born":
            return f"At the refit {_days_ago(alarm)} group {alarm.letter} was born: none of those before matches it."
        case "share":
            way = "gained" if alarm.value > 0 else "lost"
            since = numbers.day(review.weeks[0].day)
            return (
                f"{_group(alarm, review)} has {way} {numbers.points(abs(alarm.value), 0)} of everybody since "
                f"{since}, more than chance."
            )
        case "yardstick":
            measure = review.features[alarm.about or 0].title
            if abs(alarm.threshold) >= 1:
                return (
                    f"People differ in “{measure}” {numbers.number(alarm.value, 2)} times as much as when the groups "
                    "were found: the yardstick is out of date."
                )
            return (
                f"Everybody has moved in “{measure}” by {numbers.number(alarm.value, 2, signed=True)} standard "
                "deviations since the groups were found: the yardstick is out of date."
            )
        case "scatter":
            return (
                f"People lie {numbers.number(alarm.value, 2)} times as far from the centers of their groups, in "
                "squared distance, as when these were found."
            )
        case "certainty":
            return (
                f"The mean probability of the group that people are put into has fallen by "
                f"{numbers.points(abs(alarm.value), 0)}."
            )
        case "movement":
            return f"More people moved {span_in_words(review, alarm.about or 0)} than noise explains."
        case "refit_due":
            return (
                f"The groups were found {numbers.number(alarm.value)} days ago; they are due to be found anew."
            )


def alarm_to_do(alarm: Alarm, definition: Definition) -> str:
    """What to do about it, by whether the groups were found or are defined by rules, and whether words make them."""
    if alarm.kind == "movement" and definition.yardstick["categorical"]:
        return OF_WORDS
    return (TO_DO | OF_RULES if definition.by_rules else TO_DO)[alarm.kind]


def span_in_words(review: Review, place: int) -> str:
    """The week, or all the weeks looked back on."""
    if place == 0:
        return "in the last week"
    return f"over {len(review.weeks) - 1} weeks"


def _held(alarm: Alarm, review: Review, profile: Profile) -> str:
    """How much a group holds of what it must; no share from which few in another group could be worked out."""
    people = [int(each) for each in review.weeks[-1].people]
    needed = f"{numbers.percent(alarm.threshold, 0)} needed"
    if profile.is_few(people[alarm.about or 0]):
        return f"{profile.few} or fewer people of {needed}"
    if shares_of_all(people, profile)[alarm.about or 0] is None:
        return f"less than the {needed}"
    return f"{numbers.percent(alarm.value, 0)} of {needed}"


def _group(alarm: Alarm, review: Review) -> str:
    return f"Group {review.letters[alarm.about or 0]}"


def _days_ago(alarm: Alarm) -> str:
    return f"{numbers.number(alarm.value)} days ago"
