"""Alarms and spans of a review in words; counts of few are told as few."""

from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.group_shares import shares_of_all
from workbench.segments.weekly.alarms import Alarm, Kind
from workbench.segments.weekly.review import Review

TO_DO: dict[Kind, str] = {
    "dissolving": "Plan nothing more by this group; find the groups anew, and see whether it comes back.",
    "dissolved": "Plan nothing more by this group, and say to whom of those who use it.",
    "born": "Read its profile with the clinical lead, and name it, before anything is planned by it.",
    "yardstick": "Ask whether recording or care has changed; if it is care, find the groups anew.",
    "scatter": "Find the groups anew: people lie farther from what the groups stand for.",
    "certainty": "Find the groups anew: more people stand between two groups than did.",
    "share": "Look at who came and left, and hold what is planned by this group against its new size.",
    "movement": "Look at the flows: habits changed, and not only their counts.",
    "refit_due": "Run the segmentation; until then this definition stays in use.",
}


def alarm_in_words(alarm: Alarm, review: Review, profile: Profile) -> str:
    """What was seen, in a sentence."""
    match alarm.kind:
        case "dissolving":
            return f"{_group(alarm, review)} is dissolving: it holds {_held(alarm, review, profile)}."
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


def alarm_to_do(alarm: Alarm) -> str:
    """What to do about it."""
    return TO_DO[alarm.kind]


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
