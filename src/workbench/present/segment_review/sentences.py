"""The verdict of a segment review in sentences: headline, reasons, the facts a decision needs, checks in words."""

from collections.abc import Sequence

from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.result import Check, Fact, Table, Verdict
from workbench.present.segment_review.words import alarm_in_words, alarm_to_do
from workbench.segments.weekly.definition import Lineage
from workbench.segments.weekly.review import Review
from workbench.segments.weekly.verdict import ReviewVerdict

NO_NOISE = (
    "What makes these groups is not counted from events: who is in another group is there because a word or measure of "
    "hers changed, and not by noise."
)


def verdict_in_words(review: Review, verdict: ReviewVerdict, tables: Sequence[Table]) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them.

    Args:
        review: from `review_groups`.
        verdict: from `decide`.
        tables: of the result, which passed disclosure control.
    """
    return Verdict(
        decision=verdict.decision,
        headline=_headline(review, verdict),
        reasons=_reasons(review, verdict, tables),
        facts=_facts(review, verdict),
    )


def checks_in_words(review: Review, verdict: ReviewVerdict) -> list[Check]:
    """What the review rests on."""
    checks = [
        Check(
            name="Data up to date",
            passed=verdict.is_current,
            detail=f"The newest appointment known was recorded on {numbers.day(review.data_until.date())}.",
        )
    ]
    if review.definition is not None:
        checks.append(
            Check(
                name="Nothing cut anew",
                passed=True,
                detail=f"Everybody was scored on every day by one definition, of "
                f"{numbers.day(review.definition.as_of)} ({review.definition.fingerprint[:8]}); nobody "
                "moves because others did.",
            )
        )
    for missing, why in sorted(review.settings.goes_on_without.items()):
        checks.append(
            Check(name=f"{missing.replace('_', '-').capitalize()} not recorded", passed=None, detail=why)
        )
    return checks


def lineage_in_words(lineage: Lineage, by_rules: bool) -> str:
    """How the groups, found or defined by rules, follow those of the version before."""
    if lineage.why_not is not None:
        return lineage.why_not
    told = [f"went on: {', '.join(lineage.went_on)}"] if lineage.went_on else []
    told += [f"born: {', '.join(lineage.born)}"] if lineage.born else []
    told += [f"dissolved: {', '.join(lineage.dissolved)}"] if lineage.dissolved else []
    told += [f"{of} split into {' and '.join(into)}" for of, into in lineage.split.items()]
    told += [f"{into} merged from {' and '.join(of)}" for into, of in lineage.merged.items()]
    before, how = (
        numbers.day(lineage.as_of),
        "by the people in both, and by their centers where measures make them",
    )
    if by_rules:
        how = f"by their names where rules defined both, else {how}"
    opening = "The groups" if by_rules else "At the refit, the groups"
    return f"{opening} were matched with those of {before} {how}; {'; '.join(told)}."


def _headline(review: Review, verdict: ReviewVerdict) -> str:
    count = len(review.alarms)
    since = numbers.day(review.definition.as_of) if review.definition else ""
    by_rules = review.definition is not None and review.definition.by_rules
    still = "The groups are as the rules define them" if by_rules else f"The groups found on {since} still fit"
    match verdict.decision:
        case "invalid":
            return "The data end too early to say how the groups stand today."
        case "no_groups":
            return f"There are no groups of {review.settings.people_noun} to follow."
        case "not_fit":
            return f"The groups found on {since} are out of date: find them anew before planning by them."
        case "fit_with_findings":
            call = "one thing calls" if count == 1 else f"{count} things call"
            return f"{still}; {call} for a look."
        case "fit_for_use":
            return f"{still}, and nothing calls for a look."


def _reasons(review: Review, verdict: ReviewVerdict, tables: Sequence[Table]) -> list[str]:
    if verdict.decision == "invalid":
        return [f"The newest appointment known was recorded on {numbers.day(review.data_until.date())}."]
    if review.definition is None:
        return [
            "The segmentation found no groups as of the first of the weeks, so that nobody can move between them."
        ]
    profile = PROFILES[review.settings.disclosure]
    reasons = [alarm_in_words(alarm, review, profile) for alarm in review.alarms]
    movement = next((table for table in tables if table.id == "movement"), None)
    if movement is not None:
        span, people, moved, noise, excess = (str(cell) for cell in movement.rows[0])
        reasons.append(
            f"Of {people} {review.settings.people_noun} followed on both days, {moved} are in another group {span}; "
            f"{noise} would be by noise alone: {excess}."
        )
    elif not review.movements:
        reasons.append(NO_NOISE)
    return reasons


def _facts(review: Review, verdict: ReviewVerdict) -> list[Fact]:
    to_do = "Nothing; look again next week."
    if review.alarms and review.definition is not None:
        to_do = alarm_to_do(review.alarms[0], review.definition)
    if review.definition is None or verdict.decision == "invalid":
        to_do = "Plan nothing by groups until there are some to follow, and the data are up to date."
    return [
        Fact(label="What to do", text=to_do),
        Fact(label="How sure", text=_how_sure(review)),
        Fact(label="Definition", text=_definition(review)),
        Fact(label="Who must act", text=review.settings.who_must_act),
    ]


def _how_sure(review: Review) -> str:
    if review.definition is not None and not review.movements:
        return NO_NOISE
    claimed = (
        "Movement is claimed where there is none in "
        f"{numbers.percent(review.settings.chance_of_false_movement, 0)} of weeks"
    )
    return f"{claimed}; other alarms ring more seldom where nothing has changed."


def _definition(review: Review) -> str:
    if review.version:
        return f"Version {review.version}, as it was kept."
    by_rules = review.definition is not None and review.definition.by_rules
    made = "the rules were applied" if by_rules else "groups were found anew"
    return f"None was kept from a week before or earlier, so that {made} as of the first of the weeks."
