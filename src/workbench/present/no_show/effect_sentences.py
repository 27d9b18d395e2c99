"""What reminders do, in sentences: the answer, what it rests on, what is missing, and whom to remind."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.effect.days_without import DaysWithout
from workbench.no_show.effect.emulation import Emulation
from workbench.no_show.effect.study import ReminderStudy
from workbench.no_show.effect.whom import Whom
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.estimates import Estimate
from workbench.present import numbers
from workbench.present.no_show.effect_tables import OUTCOME_WORDS

USUAL_CARE = (
    "**The risk that the model tells is that under usual care**, for its labels were made under the reminders of the "
    "past. It is not the risk without a reminder, and no list by risk says whom a reminder helps most."
)
MISSING_WORDS = {
    "time": "The source tells that a reminder was sent, not when: time zero is the booking, and whether it arrived is "
    "not told apart.",
    "consent": "Consent to texts is not recorded, so that those who had not agreed stand among the not reminded.",
    "trial": "No trial of reminders is named, or the source has no assignments, so that no answer here rests on a lot.",
}
WHY_WORDS = {
    "one_kind": "nearly all of the eligible, or nearly none, were reminded",
    "trimmed": "more than half of the eligible had next to no chance of one of the two",
    "few": "what is left is worth too few appointments of one of the two",
}


def effect_in_words(analysis: Analysis) -> str:
    """What can be told of reminders, the answer that weighs most first."""
    study, settings = analysis.effect, analysis.settings
    if study is None or study.sent is None:
        return (
            "The source has neither messages nor a record of who was reminded, so that nothing can be told of what "
            f"reminders do.\n\n{USUAL_CARE}"
        )
    told = [
        *_by_lot(study),
        *_by_days(study.days, settings),
        *_emulated(study.sent, settings),
    ]
    missing = [MISSING_WORDS[name] for name in study.missing if name in MISSING_WORDS]
    if study.drawn < 1:
        missing.append(f"Studied are {numbers.percent(study.drawn, 0)} of the patients, drawn by lot.")
    return "\n\n".join([*told, " ".join(missing), USUAL_CARE])


def overlap_in_words(emulation: Emulation) -> str:
    """Positivity, and how strong an unmeasured confounder would have to be."""
    overlap = emulation.overlap
    if overlap is None:
        return ""
    low, high = (numbers.number(bound, 2) for bound in overlap.bounds)
    told = (
        f"Trimmed, for a propensity under {low} or over {high}: {numbers.percent(overlap.trimmed)} of the eligible; "
        "the effect is that of the others. By weight, what is left is worth "
        f"{numbers.count(round(overlap.effective_reminded))} reminded and "
        f"{numbers.count(round(overlap.effective_others))} other appointments."
    )
    if emulation.sensitivity is None:
        return told
    return (
        f"{told} E-value of an unrecorded reason: {numbers.number(emulation.sensitivity.estimate, 2)}; of the end of "
        f"the interval, {numbers.number(emulation.sensitivity.nearest, 2)}. A reason that goes with the reminder and "
        "with coming by a risk ratio of as much each, beyond all that is held equal, could explain the effect away."
    )


def whom_in_words(whom: Whom | None, settings: NoShow) -> str:
    """Whether reminding by benefit is worth more than reminding by risk."""
    if whom is None:
        return "Whom a reminder helps most is not told, since its effect is not identified."
    asked = whom.at_asked
    share = numbers.percent(asked.share, 0)
    avoided = (
        f"Reminding {share} of the eligible, those with the highest expected benefit avoid "
        f"{_thousand(asked.by_benefit)} {OUTCOME_WORDS[settings.reminder_outcome]} per 1,000 eligible, those with the "
        f"highest risk {_thousand(asked.by_risk)}, everybody {_thousand(whom.everybody)}, and nobody none."
    )
    if whom.benefit_is_better:
        more = _thousand(asked.benefit_less_risk)
        return f"{avoided} **Ordering by benefit avoids more than ordering by risk**, by {more}."
    return (
        f"{avoided} **That ordering by benefit avoids more than ordering by risk is not shown** (difference "
        f"{_thousand(asked.benefit_less_risk)}): nobody should be chosen by it."
    )


def points(found: Estimate) -> str:
    """A difference in points with its interval."""
    ends = numbers.interval(found.low, found.high, 1, scale=100)
    return f"{numbers.points(found.value, signed=True)} ({ends})"


def _by_lot(study: ReminderStudy) -> list[str]:
    trial = study.trial
    if trial is None:
        return []
    told = (
        f"**By lot**, the arm with the reminder differs by {points(trial.in_stratum)} among those asked about, and by "
        f"{points(trial.difference)} among all assigned."
    )
    if trial.apart is None:
        return [f"{told} The emulation beside it is not identified, and checks nothing."]
    holds = "agrees with it" if trial.apart.low <= 0 <= trial.apart.high else "does not agree with it"
    return [
        f"{told} The emulation among first appointments after the assignment {holds}: it differs by "
        f"{points(trial.apart)}."
    ]


def _by_days(days: DaysWithout | None, settings: NoShow) -> list[str]:
    if days is None:
        return []
    told = (
        f"**Days without any reminder** are a natural experiment: from {numbers.day(days.first.date())} to "
        f"{numbers.day(days.last.date())}, {days.days_without} days without stand within a week of {days.days_with} "
        f"with, on which {numbers.percent(days.sent, 0)} of the eligible were reminded. Among leads long enough, days "
        f"with reminders differ by {points(days.difference)} in {OUTCOME_WORDS[settings.reminder_outcome]}, lead "
        "held equal."
    )
    if days.control is None:
        return [told]
    passed = days.control.low <= 0 <= days.control.high
    return [
        f"{told} Leads too short for a reminder, the negative control, differ by {points(days.control)}"
        + (
            ", as they should, by no more than noise."
            if passed
            else ": **the days differ in more than reminders.**"
        )
    ]


def _emulated(sent: Emulation, settings: NoShow) -> list[str]:
    effect = sent.effect
    if effect is None:
        why = WHY_WORDS[sent.why or "few"]
        return [f"**The emulated trial is not identified**: {why}. No effect is told."]
    return [
        f"**The emulated trial** puts {OUTCOME_WORDS[settings.reminder_outcome]} at "
        f"{numbers.percent(effect.with_reminder)} with a reminder and {numbers.percent(effect.without)} without: "
        f"{points(effect.difference)}. It rests on likeness in what is recorded, and weighs less than a lot, or than "
        "days that nobody chose."
    ]


def _thousand(found: Estimate) -> str:
    return f"{numbers.number(1000 * found.value, 1)} ({numbers.interval(found.low, found.high, 0, scale=1000)})"
