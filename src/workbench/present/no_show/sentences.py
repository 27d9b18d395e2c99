"""The verdict of a no-show study in sentences: headline, reasons, facts, checks, and what the model is not for."""

from workbench.no_show.analysis import CHANCE_LIST, MODEL_LIST, Analysis
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.verdict import Gate, NoShowVerdict
from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.no_show.score_sentences import score_checks
from workbench.present.no_show.validation import sample_size_check, too_late_in_words
from workbench.present.no_show.words import BASELINE_PHRASES, BY_WORDS, MODEL_WORDS, listed, moment_words
from workbench.present.result import Check, Fact, Verdict

NOT_FOR = """\
- **Denying or delaying care.** A high risk is a reason to help someone come, never to refuse, move or shorten a visit.
- **Punishing.** No fee, warning, last place in a queue or discharge may rest on a predicted risk.
- **Overbooking a patient's slot.** Who is double-booked because of a high risk waits longer for having come; what the
  model knows of a single person is far too little for that.
- **Judging patients.** Missing a visit has reasons (illness, shifts, no one to look after a child) that are in no
  table.
- **Measuring what reminders do.** The risk is that under the reminders of the past. Whether a call or a text keeps a
  slot is found out by an experiment.
- **Other places and times.** It is tested on these clinics and weeks; elsewhere, or later, calibration comes first.
"""


def verdict_in_words(analysis: Analysis, verdict: NoShowVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, verdict),
        reasons=_reasons(analysis, verdict),
        facts=_facts(analysis, verdict),
    )


def checks_in_words(analysis: Analysis, verdict: NoShowVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    checks = [
        Check(name=_GATE_NAMES[gate.name], passed=gate.passed, detail=gate_in_words(gate, analysis))
        for gate in verdict.gates
    ]
    off = [
        f"{group.group} (by {BY_WORDS[group.by]})"
        for group in analysis.groups
        if not PROFILES[analysis.settings.disclosure].is_few(group.patients)
        and (group.excess.low > 0.02 or group.excess.high < -0.02)
    ]
    checks.append(
        Check(
            name="Groups off by more than 2 points",
            passed=None,
            detail=f"{listed(off)}.".capitalize() if off else "None, as far as their sizes can tell.",
        )
    )
    checks += score_checks(analysis)
    checks.append(sample_size_check(analysis))
    for missing, why in sorted(analysis.settings.goes_on_without.items()):
        checks.append(
            Check(name=f"{missing.replace('_', '-').capitalize()} not recorded", passed=None, detail=why)
        )
    return checks


def gate_in_words(gate: Gate, analysis: Analysis) -> str:
    """What a gate found, in one sentence."""
    settings = analysis.settings
    scores = analysis.evaluation.of(analysis.chosen)
    match gate.name:
        case "no_shows":
            enough = "are there" if gate.passed else "are not there yet"
            return f"The {numbers.count(settings.fewest_no_shows)} no-shows that a test needs {enough}."
        case "maturity":
            return (
                f"Of the past appointments {numbers.percent(analysis.appointments.maturity, 0)} have a recorded "
                f"outcome; {numbers.percent(settings.required_maturity, 0)} are required."
            )
        case "intercept":
            bound = numbers.number(settings.largest_miscalibration, 2)
            return f"Calibration intercept {_with_interval(scores.intercept, 2)}; declared within ±{bound}."
        case "slope":
            if scores.slope is None and scores.intercept is not None:
                return "All predictions are the same, so that they have no slope."
            bounds = numbers.interval(*settings.slope_within, 2)
            return f"Calibration slope {_with_interval(scores.slope, 2)}; declared within {bounds}."


_GATE_NAMES = {
    "no_shows": "Enough no-shows in the test",
    "maturity": "Outcomes complete",
    "intercept": "Risks right on the whole",
    "slope": "Risks neither too extreme nor too alike",
}


def paradox_in_words(analysis: Analysis) -> str:
    """Why reminded patients miss more or fewer appointments, and why neither is an effect."""
    found = analysis.paradox
    if found is None:
        return "Whether a reminder was sent is not recorded, so that nothing can be told of it."
    shares = [numbers.percent(group.share.value) for group in found.groups]
    days = analysis.settings.reminded_from_lead_days
    all_leads = f"{shares[0]} of the reminded miss their appointment, and {shares[1]} of the others"
    if found.among_long is None:
        return (
            f"{all_leads}. This is no effect of reminders: they go to patients who agreed to texts, whose number works "
            "and who booked early enough, and these differ from the others in more than the text. A reminder is "
            "therefore no feature of the model."
        )
    turn = (
        "The sign turns because a text is sent only where a visit was booked days ahead, and such visits are "
        "missed more often in any case, while same-day bookings are hardly ever missed nor reminded. "
        if found.turns
        else ""
    )
    return (
        f"Over all leads, {all_leads}: reminders seem to do harm. Among leads of {days} days and more it is "
        f"{shares[2]} of the reminded and {shares[3]} of the others: now they seem to help. **Neither is an effect.** "
        f"{turn}"
        "Even among like leads the reminded differ from the others (in their consent, their phone, the clinic and the "
        "day). What a reminder does is found out by sending some and withholding others by lot. The model therefore "
        "does not learn from reminders: it would take the lead's doing for theirs."
    )


def file_in_words(analysis: Analysis) -> str | None:
    """What the whole file holds before anything was dropped, and what is told of its rows; None for own tables."""
    file = analysis.appointments.whole_file
    if file is None:
        return None
    profile = PROFILES[analysis.settings.disclosure]
    told = [
        f"{profile.fewer_than if profile.is_few(counted.rows) else numbers.count(counted.rows)} rows {counted.reason}"
        for counted in file.told
    ]
    shares = (file.reminded["missed"] / file.reminded["appointments"]).map(numbers.percent).tolist()
    reminded = (
        f"Of the reminded {shares[0]} missed, of the others {shares[1]}; among leads of "
        f"{analysis.settings.reminded_from_lead_days} days and more {shares[2]} and {shares[3]}. "
        if len(shares) == 4
        else ""
    )
    return (
        f"The file as it came holds {numbers.count(file.appointments)} appointments of {numbers.count(file.patients)} "
        f"patients, of which {numbers.percent(file.missed / file.appointments, 2)} were missed; "
        f"{numbers.count(file.same_day)} were booked for the same calendar day, of which "
        f"{numbers.percent(file.same_day_missed / max(file.same_day, 1), 2)} were missed. {reminded}Rows that cannot "
        "be right are left out as the table says; steps that leave out few are told together."
        + (f" Kept, but to be known: {'; '.join(told)}." if told else "")
    ).strip()


def assumptions_in_words(analysis: Analysis) -> str:
    """What the threshold and the worth of a list rest on."""
    settings = analysis.settings
    return (
        f"A call costs {numbers.number(settings.call_cost, 2)}, a slot that is used is worth "
        f"{numbers.number(settings.kept_slot_value, 2)}, and a call is assumed to keep "
        f"{numbers.percent(settings.call_keeps, 0)} of the visits that would be missed. A call then pays from a risk "
        f"of {numbers.percent(settings.threshold, 0)}. The first two are the provider's to know; the third is an "
        "assumption that only an experiment can test."
    )


def _headline(analysis: Analysis, verdict: NoShowVerdict) -> str:
    settings = analysis.settings
    model = MODEL_WORDS[analysis.chosen]
    match verdict.decision:
        case "invalid":
            return "Do not use these risks: on later weeks they are off by more than was declared."
        case "keep_collecting":
            return "Too early to say: the later weeks hold too little to judge the model by."
        case "not_useful":
            found = "no better than" if not verdict.ahead else "better than"
            more = (
                ""
                if verdict.pays
                else ", and calls chosen by it are worth no more than calling everybody or nobody"
            )
            return f"{model.capitalize()} is {found} {BASELINE_PHRASES[verdict.gain.baseline]}{more}."
    asked = analysis.reminders.at(MODEL_LIST, settings.calls_per_day)
    chance = analysis.reminders.at(CHANCE_LIST, settings.calls_per_day)
    return (
        f"{numbers.count(settings.calls_per_day)} calls a day to the highest risks would have reached "
        f"{numbers.percent(asked.share_caught, 0)} of the no-shows, where chance reaches "
        f"{numbers.percent(chance.share_caught, 0)}; the risks can be trusted as numbers."
    )


def _reasons(analysis: Analysis, verdict: NoShowVerdict) -> list[str]:
    failed = [gate for gate in verdict.gates if not gate.passed]
    if failed:
        return [gate_in_words(gate, analysis) for gate in failed]
    scores = analysis.evaluation.of(analysis.chosen)
    ahead = "ahead of" if verdict.ahead else "not ahead, beyond noise, of"
    reasons = []
    if scores.slope is not None:
        reasons.append(
            f"Calibration holds on later weeks: in the large {_with_interval(scores.intercept, 2)}, slope "
            f"{_with_interval(scores.slope, 2)}."
        )
    reasons += [
        f"At a risk of {numbers.percent(analysis.settings.threshold, 0)}, from which a call pays, calling by the model "
        f"is worth {_with_interval(verdict.benefit.gain, 0, 1000)} no-shows per 1,000 appointments more than calling "
        "everybody or nobody.",
        f"{MODEL_WORDS[analysis.chosen].capitalize()} has an AUROC of {_with_interval(scores.auroc, 2)} and is {ahead} "
        f"{BASELINE_PHRASES[verdict.gain.baseline]}, its best baseline, by {_with_interval(verdict.gain.auroc, 3)}.",
    ]
    too_late = too_late_in_words(analysis)
    if too_late is not None:
        reasons.append(too_late)
    return reasons


def _facts(analysis: Analysis, verdict: NoShowVerdict) -> list[Fact]:
    settings = analysis.settings
    asked = analysis.reminders.at(MODEL_LIST, settings.calls_per_day)
    facts = [Fact(label="What to do", text=_to_do(analysis, verdict))]
    if verdict.decision in {"use_with_oversight", "not_useful"}:
        facts += [
            Fact(
                label="People",
                text=f"Of 100 patients called, {numbers.number(100 * asked.precision)} would have missed; "
                f"{numbers.percent(1 - asked.share_caught, 0)} of the no-shows are on no list.",
            ),
            Fact(
                label="Money",
                text=f"Slots kept less the cost of calls: {numbers.number(asked.gain / analysis.reminders.days)} a "
                "day, if a call keeps "
                f"{numbers.percent(settings.call_keeps, 0)} of the visits that would be missed (an assumption).",
            ),
        ]
    facts += [
        Fact(label="How sure", text=_how_sure(analysis)),
        Fact(
            label="Risk",
            text="That a high risk is held against a patient: see what this must not be used for.",
        ),
        Fact(label="Who must act", text=settings.who_must_act),
        Fact(label="What would change our mind", text=_change_of_mind(verdict)),
    ]
    return facts


def _to_do(analysis: Analysis, verdict: NoShowVerdict) -> str:
    match verdict.decision:
        case "use_with_oversight":
            return (
                f"Call the highest risks, told {moment_words(analysis.settings)}; people decide whom, and an "
                "experiment tells whether calls help."
            )
        case "not_useful":
            return f"Order the list by {BASELINE_PHRASES[verdict.gain.baseline]}, or by nothing."
        case "keep_collecting":
            return "Decide nothing yet."
        case _:
            return "Use these risks for no decision; calibrate the model anew and test it on further weeks."


def _how_sure(analysis: Analysis) -> str:
    scores = analysis.evaluation.of(analysis.chosen)
    return (
        f"Calibration slope {_with_interval(scores.slope, 2)}, AUROC {_with_interval(scores.auroc, 2)} on later weeks; "
        "95 % intervals, clustered by patient, for the model as it is: they cover the luck of who came into the test, "
        "not that next year may be different."
    )


def _change_of_mind(verdict: NoShowVerdict) -> str:
    match verdict.decision:
        case "use_with_oversight":
            return "Calibration that drifts out of its bounds, a group for which it fails, or calls that keep no slot."
        case "not_useful":
            return "Features that tell more, known in time."
        case "keep_collecting":
            return "More weeks of outcomes."
        case _:
            return "A test on further weeks in which calibration holds."


def _with_interval(estimate: Estimate | None, digits: int, scale: float = 1.0) -> str:
    if estimate is None:
        return "undefined"
    value = numbers.number(scale * estimate.value, digits)
    return f"{value} ({numbers.interval(estimate.low, estimate.high, digits, scale=scale)})"
