"""The model card: what the model is for and not for, what it learned from, how good it is, and who answers for it.

Contents follow Mitchell et al., "Model cards for model reporting" (2019), and the applied model card of the Coalition
for Health AI. Numbers are those of the result's tables and metrics.
"""

from datetime import timedelta

from workbench.no_show.analysis import Analysis
from workbench.no_show.models.saving import model_hash
from workbench.no_show.parameters import NoShow
from workbench.present import numbers
from workbench.present.blocks import Block, ProseBlock, TermsBlock, folded, tables_of
from workbench.present.no_show.estimand import estimand
from workbench.present.no_show.monitoring import alarm_words
from workbench.present.no_show.sentences import APPROVAL_NEEDED
from workbench.present.no_show.words import MODEL_WORDS, moment_words
from workbench.present.result import Cell, Fact, StudyResult

NOT_REPORTED = "not reported"
# In full above: a report says it once.
MUST_NOT = (
    "**What it is not for:** denying or delaying care; punishing; overbooking a patient's slot (individual therapy is "
    "never double-booked); judging patients; measuring what reminders do; other places and times. "
    "[Why](#what-this-must-not-be-used-for)."
)
# The one verdict by which a model may be approved.
USABLE = "use_with_oversight"
KIND_WORDS = {
    "logistic": "cubic splines of the numbers, indicators of the words, a ridge penalty",
    "boosting": "150 small histogram trees",
    "pooled": "the same columns as a logistic regression with splines, and an offset for each clinic, drawn together",
}
# How each kind takes what is not recorded.
MISSING_WORDS = {
    "logistic": "a number is set to the median of training, a step or a word to a kind of its own",
    "boosting": "what is not recorded is a branch of its own in each tree",
    "pooled": "a number is set to the median of training, a step or a word to a kind of its own",
}


def model_card(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The card, in the order in which it is read: use, misuse, making, performance, oversight."""
    return (
        TermsBlock(terms=use_terms(analysis)),
        ProseBlock(text=MUST_NOT),
        *folded("What it learned from, and how", [TermsBlock(terms=making_terms(analysis, result))]),
        *tables_of(result, "card_performance"),
        *folded("How it does by group", tables_of(result, "card_groups")),
        TermsBlock(terms=oversight_terms(analysis, result)),
    )


def card_terms(analysis: Analysis, result: StudyResult) -> dict[str, str]:
    """Everything the card says in terms, by label."""
    terms = [*use_terms(analysis), *making_terms(analysis, result), *oversight_terms(analysis, result)]
    return {term.label: term.text for term in terms}


def use_terms(analysis: Analysis) -> list[Fact]:
    """What the model is for, and who may use it."""
    settings = analysis.settings
    return _facts(
        {
            "Purpose": f"to tell {moment_words(settings)} how likely a patient is not to come, so that staff can "
            "choose whom to call with a reminder. It was trained here, and tested on later weeks of the same source",
            "Who may use it": f"staff who call patients, and those who answer for them. {settings.who_must_act}",
            "What it gives": "a probability for each appointment; no class, and no decision. A call pays from a risk "
            f"of {numbers.percent(settings.threshold)}, as costs and values were declared",
        }
    )


def making_terms(analysis: Analysis, result: StudyResult) -> list[Fact]:
    """What the model learned from, what it is, and what it leaves out."""
    settings, told = analysis.settings, estimand(analysis)
    return _facts(
        {
            "Data": f"appointments of the source {settings.source}, as known on {numbers.day(settings.as_of)}. "
            f"{_flow(result)} It speaks for the clinics of this source, and for no others",
            "Patients": told["Population"],
            "Outcome": told["Outcome"],
            "Moment of prediction": told["Moment of prediction"],
            "Care of that time": told["Under which care"],
            "Model": f"{MODEL_WORDS[analysis.chosen]} ({KIND_WORDS[analysis.chosen]}), its log odds put on a line by a "
            "later block than it learned from. It was chosen by log loss on blocks of weeks before the test",
            "Features": told["Known of each"],
            "Features it does not use": told["Not used"],
            "Missing values": f"{MISSING_WORDS[analysis.chosen]}; in use as in training",
            "Rare outcome": "every appointment weighs the same. No class weights and no resampling, which would make "
            "the risks wrong",
            "Weeks": _weeks(analysis),
            "Blocks": _blocks(result),
            "Version": f"model {model_hash(analysis.development.models[analysis.chosen])[:12]} (the first 12 digits of "
            "its hash). The model itself tells of those it learned from and is not published",
        }
    )


def oversight_terms(analysis: Analysis, result: StudyResult) -> list[Fact]:
    """Limits, who oversees the model and how, and until when it may be used."""
    settings = analysis.settings
    valid = numbers.day(settings.as_of + timedelta(days=settings.valid_days))
    return _facts(
        {
            "Limits": "the risk is that under the care of the time, reminders included, and tells of no effect of a "
            "call; other clinics and other years are not covered by any interval; small groups can be off by more "
            "than the table can tell; a no-show is what the clinics record as one",
            "Human oversight": "a person decides on every call, with the reasons of the risk in view. "
            f"{_approval(result)}",
            "Expires": f"on {valid}, {settings.valid_days} days after the data; then it is tested anew",
            "Monitoring": f"over the test: {alarm_words(analysis.alarm)}. {_watched(settings)}",
            "Ethical approval": _parameter(settings.ethics_reference),
            "Patient and public involvement": _parameter(settings.involvement),
        }
    )


def _approval(result: StudyResult) -> str:
    if result.verdict.decision == USABLE:
        return APPROVAL_NEEDED
    return "By this report the model cannot be approved: no list is made by it, and nobody acts on its risks"


def _flow(result: StudyResult) -> str:
    rows = result.table("cohort_flow").rows
    first, last = rows[0][1], rows[-1][1]
    if not (isinstance(first, int) and isinstance(last, int)):
        return "Who was studied, and what was dropped, stands in the flow."
    return (
        f"Of {numbers.count(first)} appointments {numbers.count(last)} were studied; the others were dropped, as the "
        "flow tells."
    )


def _weeks(analysis: Analysis) -> str:
    """First and last day of each block."""
    told = []
    for period in analysis.periods:
        days = analysis.appointments.of(period.name)["day"]
        first, last = numbers.day(days.min().date()), numbers.day(days.max().date())
        told.append(f"{period.name} from {first} to {last}")
    return "; ".join(told)


def _blocks(result: StudyResult) -> str:
    """The blocks in words, from the table of periods."""
    told = []
    for name, patients, appointments, missed, *_ in result.table("periods").rows:
        counted = [
            _counted(appointments, "appointments"),
            _counted(patients, "patients"),
            _counted(missed, "missed"),
        ]
        told.append(f"{name}: {', '.join(counted)}")
    return "; ".join(told)


def _counted(count: Cell, what: str) -> str:
    return f"{numbers.count(count)} {what}" if isinstance(count, int) else f"{what} not shown"


def _watched(settings: NoShow) -> str:
    share = numbers.percent(settings.holdout_share)
    held = (
        f"patients who are held out by lot ({share})"
        if settings.holdout_share
        else "a holdout, which is not planned"
    )
    return (
        f"In use the calibration alarm must run on {held}, on whom nobody acts: else success looks like drift"
    )


def _parameter(text: str | None) -> str:
    return NOT_REPORTED if text is None else text


def _facts(told: dict[str, str]) -> list[Fact]:
    return [Fact(label=label, text=text if text.endswith(".") else f"{text}.") for label, text in told.items()]
