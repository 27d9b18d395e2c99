"""The verdict on message load in sentences: headline, reasons, the facts a decision needs, checks in words."""

from workbench.message_load.analysis import Analysis
from workbench.message_load.causal.analysis import CausalAnalysis
from workbench.message_load.curve import LoadPoint
from workbench.message_load.verdict import OLDEST_DATA, Gate, LoadVerdict, at_high_load
from workbench.present import numbers
from workbench.present.kept_groups import fixed_beforehand
from workbench.present.message_load.ceilings import ceiling_in_words
from workbench.present.message_load.kept_up import following_in_words, follows_bookings, saturation_in_words
from workbench.present.message_load.tables import spoken_estimate, tells_high_load
from workbench.present.result import Check, Fact, Verdict

_NAMES = {
    "current": "Data up to date",
    "enough_opt_outs": "Enough opt-outs",
    "sampled": "Sampler",
    "enough_at_high_load": "Enough texts at the high load",
}


def verdict_in_words(analysis: Analysis, causal: CausalAnalysis, verdict: LoadVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, causal, verdict),
        reasons=_reasons(analysis, verdict),
        facts=[
            Fact(label="What to do", text=_what_to_do(verdict)),
            Fact(label="How sure", text=_how_sure(analysis, causal)),
            Fact(label="How many are enough", text=plain(_how_many(causal))),
            Fact(label="Ceiling", text=plain(ceiling_in_words(causal.ceiling))),
            Fact(label="Who must act", text=analysis.settings.who_must_act),
        ],
    )


def _how_many(causal: CausalAnalysis) -> str:
    """The load that is enough; where it is told although texts follow bookings, with what that may mean."""
    told = saturation_in_words(causal.saturation)
    if causal.saturation.middle.load is None or not follows_bookings(causal.effects):
        return told
    return f"{told} {following_in_words(causal.effects)}"


def checks_in_words(analysis: Analysis, verdict: LoadVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    checks = [
        Check(name=_NAMES[gate.name], passed=gate.passed, detail=_gate(gate, analysis))
        for gate in verdict.gates
    ]
    if analysis.risk is not None:
        checks += [
            Check(
                name="Frailty",
                passed=None,
                detail="Variance between people of how readily they opt out, 0 where all are alike: "
                f"{spoken_estimate(analysis.risk.frailty, 1)}. Who opts out easily is gone first, so that those "
                "who got many texts are the patient ones; the curve allows for it.",
            ),
            Check(
                name="Wear",
                passed=None,
                detail="The risk of a text goes with the number of texts so far, raised to the power "
                f"{spoken_estimate(analysis.risk.wear, 2)}; below 0 it would fade.",
            ),
        ]
    checks.append(
        Check(
            name="Nobody drew lots",
            passed=None,
            detail="Who gets many texts differs from who gets few in ways that no table holds. A rise with load is a "
            "hypothesis until frequency is randomized.",
        )
    )
    if analysis.counts.groups is not None:
        checks.append(fixed_beforehand(analysis.counts.groups, "the beginning of the days studied"))
    for missing, why in sorted(analysis.settings.goes_on_without.items()):
        checks.append(
            Check(name=f"{missing.replace('_', '-').capitalize()} not recorded", passed=None, detail=why)
        )
    return checks


def plain(text: str) -> str:
    """A sentence of a section as one of a fact, where nothing is set in bold."""
    return text.replace("**", "")


def texts_in_words(point: LoadPoint) -> str:
    """A band of load in words: "4 texts in seven days"."""
    return f"{point.band} texts in seven days"


def _headline(analysis: Analysis, causal: CausalAnalysis, verdict: LoadVerdict) -> str:
    match verdict.decision:
        case "invalid":
            return "Nothing can be told of message load: a check failed that every number here rests on."
        case "keep_collecting":
            return "Too early to say: too few people opted out after a text."
        case "not_identified":
            return (
                "Whether many texts drive people to opt out cannot be told: too few were sent to anybody in one week."
                if not verdict.gates[-1].passed
                else "Whether many texts drive people to opt out cannot be told from what was sent."
            )
        case "ceiling_supported":
            at_most = numbers.number(causal.ceiling.texts_a_week or 0.0, 1)
            return (
                f"At most about {at_most} texts a week: by lot, more were shown to cost more than they bring."
            )
        case _:
            point = at_high_load(analysis)
            times = f"{numbers.number(point.ratio.value, 1)} times that of a single text"
            if verdict.decision == "hypothesis_to_test":
                return f"The risk of opting out at {texts_in_words(point)} is about {times}: test it by lot."
            return f"No effect of load was seen: the risk of opting out at {texts_in_words(point)} is about {times}."


def _reasons(analysis: Analysis, verdict: LoadVerdict) -> list[str]:
    failed = [gate for gate in verdict.gates if not gate.passed]
    if analysis.risk is None or any(gate.otherwise == "invalid" for gate in failed):
        return [_gate(gate, analysis) for gate in failed]
    point, level = at_high_load(analysis), numbers.percent(analysis.settings.level, 0)
    reasons = [_gate(gate, analysis) for gate in failed]
    if not tells_high_load(analysis):
        return [*reasons, f"At {texts_in_words(point)} few people opted out, so that nothing is told of it."]
    reasons.append(
        f"At {texts_in_words(point)} the risk per text is {spoken_estimate(point.ratio, 1)} times that of a single "
        f"text ({level} interval), other things alike; {numbers.number(analysis.settings.material_ratio, 1)} times "
        "would matter."
    )
    return reasons


def _what_to_do(verdict: LoadVerdict) -> str:
    match verdict.decision:
        case "hypothesis_to_test":
            return "Randomize how often people are texted, before anybody sets a ceiling."
        case "ceiling_supported":
            return "Keep to the ceiling."
        case "no_load_effect_seen":
            return "Set no ceiling for the sake of opt-outs within the loads that were sent."
        case "not_identified":
            return "Randomize how often people are texted, where more texts are planned; else nothing."
        case "keep_collecting":
            return "Wait for more opt-outs, and look again."
        case _:
            return "Mend what failed, and run the study again."


def _how_sure(analysis: Analysis, causal: CausalAnalysis) -> str:
    if analysis.risk is None:
        return "Counts alone: nothing was estimated."
    return (
        f"{numbers.count(analysis.counts.answered)} opt-outs after {numbers.count(analysis.counts.texts)} texts to "
        f"{numbers.count(analysis.counts.people)} people; observed, and not randomized."
        f"{_by_lot(causal)}"
    )


def _by_lot(causal: CausalAnalysis) -> str:
    arms = causal.ceiling.arms
    if not arms:
        return ""
    people = numbers.count(sum(arm.people for arm in arms))
    return f" Frequency was drawn by lot for {people} people, in {len(arms)} arms."


def _gate(gate: Gate, analysis: Analysis) -> str:
    settings = analysis.settings
    match gate.name:
        case "current":
            until = numbers.day(analysis.counts.data_until.date())
            within = "" if gate.passed else "not "
            return (
                f"Texts and changes of consent are known until {until}, {within}within {OLDEST_DATA.days} days of "
                f"{numbers.day(settings.as_of)}."
            )
        case "enough_opt_outs":
            than = "At least" if gate.passed else "Fewer than"
            return (
                f"{than} {numbers.count(settings.fewest_opt_outs)} opt-outs answer a text in the days studied."
            )
        case "sampled":
            how = "did" if gate.passed else "did not"
            return f"The sampler {how} pass its diagnostics (R-hat, effective draws, divergences, energy)."
        case _:
            than = "At least" if gate.passed else "Fewer than"
            return (
                f"{than} {numbers.count(settings.fewest_at_high_load)} opt-outs would be expected after the texts sent "
                f"at {texts_in_words(at_high_load(analysis))}, were they as harmless as a single text."
            )
