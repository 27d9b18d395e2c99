"""The verdict on data quality in sentences: headline, reasons, facts, checks in words."""

from workbench.outreach.inspection import THEMES, Inspection
from workbench.outreach.verdict import DataQualityDecision
from workbench.present import numbers
from workbench.present.data_quality.tables import rows_in_words, sought_in_words
from workbench.present.data_quality.words import ACTOR_WORDS, THEME_WORDS, counted, listed, rows_of
from workbench.present.disclosure import Profile
from workbench.present.result import Check, Fact, Verdict
from workbench.tables.quality.rule import Answer, Theme

# More are told in the table alone.
MOST_REASONS = 6
# What decides whether a text was allowed.
TEXTING: tuple[Theme, ...] = ("consent", "after_care", "hours")
ON_TEXTING = "consent, death or discharge, and quiet hours"


def verdict_in_words(inspection: Inspection, decision: DataQualityDecision, profile: Profile) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    return Verdict(
        decision=decision,
        headline=headline(inspection, decision),
        reasons=_reasons(inspection, profile),
        facts=_facts(inspection, profile),
    )


def checks_in_words(inspection: Inspection) -> list[Check]:
    """A check for each theme: failed by a fault, noted where something was found or could not be asked."""
    held, silent = inspection.with_status("passed"), inspection.with_status("not_asked")
    asked = f"{len(inspection.answers) - len(silent)} of {len(inspection.answers)} checks could be asked."
    checks = [Check(name="Asked", passed=bool(held), detail=asked)]
    for theme in THEMES:
        answers = inspection.of(theme)
        if not answers:
            continue
        states = {answer.status for answer in answers}
        passed = False if "fault" in states else None if states & {"finding", "not_asked"} else True
        checks.append(Check(name=THEME_WORDS[theme], passed=passed, detail=_theme_in_words(answers)))
    for missing, why in sorted(inspection.settings.goes_on_without.items()):
        name = f"{missing.replace('_', '-').capitalize()} not recorded"
        checks.append(Check(name=name, passed=None, detail=why))
    return checks


def headline(inspection: Inspection, decision: DataQualityDecision) -> str:
    """What the tables may be used for, in one sentence."""
    faults, findings = inspection.with_status("fault"), inspection.with_status("finding")
    match decision:
        case "not_fit":
            tables = listed(rows_of(answer.rule.table) for answer in faults)
            stops = "stops" if len(faults) == 1 else "stop"
            return f"Mend first: {counted(len(faults), 'fault')} {stops} every study that reads {tables}."
        case "fit_with_findings":
            themes = listed(THEME_WORDS[answer.rule.theme].lower() for answer in findings)
            return f"The tables can be used; {counted(len(findings), 'finding')} must be looked at: {themes}."
        case "fit_for_use":
            asked = len(inspection.with_status("passed"))
            return f"The tables can be used: all {asked} checks that could be asked hold."
        case "invalid":
            return "Nothing can be said of these tables: no check could be asked."


def found_in_words(answer: Answer, profile: Profile) -> str:
    """A finding or fault in one sentence with its rows."""
    return f"{sought_in_words(answer)}: {rows_in_words(answer, profile)}."


def texting_in_words(inspection: Inspection) -> str:
    """Whether every text that went out was allowed, in a few sentences, for whoever looks for that alone."""
    answers = [answer for theme in TEXTING for answer in inspection.of(theme)]
    found = sum(answer.status == "finding" for answer in answers)
    silent = [answer for answer in answers if answer.status == "not_asked"]
    asked = len(answers) - len(silent)
    why = " ".join(dict.fromkeys(answer.why_not for answer in silent))
    if not asked:
        return f"Nothing can be said of {ON_TEXTING}. {why}"
    held = "all hold" if not found else f"{counted(found, 'finding')} must be looked at"
    rest = f" {counted(len(silent), 'check')} could not be asked. {why}" if silent else ""
    return f"Of {counted(asked, 'check')} on {ON_TEXTING}, {held}.{rest}"


def _reasons(inspection: Inspection, profile: Profile) -> list[str]:
    found = inspection.with_status("fault", "finding")
    reasons = [found_in_words(answer, profile) for answer in found[:MOST_REASONS]]
    if len(found) > MOST_REASONS:
        reasons.append(f"The others are in the table: {len(found) - MOST_REASONS} more.")
    if not found:
        reasons.append(f"{len(inspection.with_status('passed'))} checks were asked and hold.")
    silent = len(inspection.with_status("not_asked"))
    if silent:
        reasons.append(f"{counted(silent, 'check')} could not be asked: {_lacking(inspection)}.")
    return reasons


def _facts(inspection: Inspection, profile: Profile) -> list[Fact]:
    found = inspection.with_status("fault", "finding")
    facts = [Fact(label="What to do first", text=found[0].rule.mend if found else "Nothing.")]
    if found:
        facts.append(Fact(label="How many rows", text=found_in_words(found[0], profile)))
    facts += [
        Fact(label="Were texts allowed", text=texting_in_words(inspection)),
        Fact(label="Who must act", text=_who(found, inspection.settings.who_must_act)),
        Fact(
            label="How sure",
            text=f"Every row known by {numbers.day(inspection.settings.as_of)} was looked at; nothing is estimated. "
            "What was never recorded cannot be found.",
        ),
    ]
    return facts


def _who(found: tuple[Answer, ...], who_must_act: str) -> str:
    actors = listed(ACTOR_WORDS[answer.rule.actor].lower() for answer in found) if found else ""
    return f"{who_must_act} Concerned: {actors}." if actors else who_must_act


def _theme_in_words(answers: tuple[Answer, ...]) -> str:
    told = []
    for status, noun in (("fault", "fault"), ("finding", "finding")):
        number = sum(answer.status == status for answer in answers)
        if number:
            told.append(counted(number, noun))
    passed = sum(answer.status == "passed" for answer in answers)
    if passed:
        told.append(f"{counted(passed, 'check')} {'holds' if passed == 1 else 'hold'}")
    silent = sum(answer.status == "not_asked" for answer in answers)
    if silent:
        told.append(f"{silent} could not be asked, for what is told of each below")
    return f"{'; '.join(told)}."


def _lacking(inspection: Inspection) -> str:
    """Why checks could not be asked, by what the source has not."""
    told = []
    if inspection.absent:
        told.append(f"the source has no table {listed(inspection.absent)}".replace("_", " "))
    if inspection.not_recorded:
        told.append(f"it does not record {listed(inspection.not_recorded)}".replace("_", "-"))
    return "; ".join(told) or "columns are missing, as told of each check"
