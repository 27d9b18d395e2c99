"""What a load that is kept up does, and the load that is enough: tables, figures, sentences and metrics."""

from workbench.message_load.causal.results import (
    Curve,
    LoadEffects,
    Method,
    Outcome,
    Reason,
    Saturation,
    SaturationAt,
    Support,
)
from workbench.message_load.estimate import Estimate
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.disclosure import Profile, may_show
from workbench.present.figures import IntervalRow, interval_figure
from workbench.present.result import Cell, Column, Metric, Table

PER = 1_000
METHODS: dict[Method, str] = {"naive": "as sent", "weighted": "weighted", "g_formula": "g-formula"}
OUTCOMES: dict[Outcome, str] = {"opt_out": "opting out", "booking": "booking"}
REASONS: dict[Reason, str] = {
    "too_few_opt_outs": "too few people opted out",
    "positivity": "hardly anybody was sent a number of texts that was not settled by what was known before",
    "weights_off": "the model of who is sent how many texts does not fit",
    "methods_disagree": "the two ways of allowing for who is sent how many disagree",
    "curves_too_wide": "bookings and opt-outs are known too loosely",
}
FEW = "few people"


def support_table(effects: LoadEffects) -> Table:
    """Who was sent how many, and whether the level may be judged."""
    rows: list[list[Cell]] = [
        [
            each.level,
            each.people,
            each.opt_outs,
            each.bookings,
            numbers.percent(each.rare, 0),
            "yes" if each.supported else "no",
        ]
        for each in effects.support
        if each.people
    ]
    return Table(
        id="support",
        caption="Who was sent how many texts in a week",
        columns=[
            Column(name="level", title="Texts in a week", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="opt_outs", title="Weeks with an opt-out", kind="events"),
            Column(name="bookings", title="Weeks with a booking", kind="events"),
            Column(name="rare", title="Weeks without a chance of it", kind="interval"),
            Column(name="supported", title="Judged", kind="text"),
        ],
        rows=rows,
        groups="attributes",
        note="Of people drawn at random and followed week by week; a person stands in every row that a week "
        "of theirs "
        "belongs to. Texts that somebody decides to send: reminders follow from bookings and are none. "
        "Without a chance: "
        "weeks in which, by what was known before, fewer than one in a hundred like them would be sent so many.",
    )


def effects_table(effects: LoadEffects, profile: Profile) -> Table:
    """The chance of each outcome in a week, where so many texts a week were kept up for four weeks."""
    rows: list[list[Cell]] = []
    for place, support in enumerate(effects.support):
        for outcome, words in OUTCOMES.items() if support.supported else ():
            told = may_tell(support, outcome, profile)
            points = [effects.curve(method, outcome).points[place] for method in METHODS]
            rows.append(
                [f"{support.level}, {words}", *(_spoken(each) if told and each else FEW for each in points)]
            )
    return Table(
        id="load_effects",
        caption=f"What a load kept up for four weeks does: chance in a week, per {numbers.count(PER)} people",
        columns=[
            Column(name="level", title="Texts a week, and what", kind="label"),
            *(Column(name=name, title=title.capitalize(), kind="interval") for name, title in METHODS.items()),
        ],
        rows=rows,
        groups="none",
        note=f"With {numbers.percent(effects.level, 0)} intervals by the bootstrap of people. As sent: who "
        "gets more may "
        "be another person. Weighted (marginal structural model) and g-formula allow, in two ways, for "
        "earlier texts, "
        "answers, bookings, missed visits, diagnosis and phase; neither for what no table holds. Loads "
        "that were not sent to people like all others are left out.",
    )


def saturation_table(saturation: Saturation) -> Table:
    """The load that is enough, by what an opt-out is worth."""
    at = dict.fromkeys((saturation.low, saturation.middle, saturation.high))
    return Table(
        id="saturation",
        caption="The load at which one more text costs more than it brings",
        columns=[
            Column(name="worth", title="Bookings that an opt-out is worth", kind="label"),
            Column(name="load", title="Texts a week", kind="interval"),
            Column(name="answer", title="Answer", kind="text"),
        ],
        rows=[[numbers.number(each.worth), _load(each), answer_in_words(each)] for each in at],
        groups="none",
        note=f"Bookings less so many times opt-outs, in a week. Told up to "
        f"{numbers.number(saturation.highest, 1)} texts a "
        "week, the most that were sent to people like all others.",
    )


def load_effects_figures(effects: LoadEffects, profile: Profile) -> tuple[FigureBlock, ...]:
    """The weighted chance of booking and of opting out at each load that may be judged."""
    return tuple(
        interval_figure(
            id=f"kept_up_{outcome}",
            title=f"Chance of {OUTCOMES[outcome]} in a week, by texts a week kept up for four weeks",
            caption=f"Per {numbers.count(PER)} people, weighted, with {numbers.percent(effects.level, 0)} "
            "intervals. Loads "
            "that were not sent to people like all others are left out.",
            source=["load_effects"],
            rows=rows,
            axis=f"{OUTCOMES[outcome]}, per {numbers.count(PER)} people in a week",
            digits=1,
            signed=False,
        )
        for outcome in ("booking", "opt_out")
        if len(rows := _rows(effects.curve("weighted", outcome), effects, profile)) > 1
    )


def saturation_in_words(saturation: Saturation) -> str:
    """What is known of the load that is enough, at the worth that was taken."""
    at = saturation.middle
    worth = f"where an opt-out is worth {numbers.number(at.worth)} bookings"
    match at.answer:
        case "not_identified":
            told = (
                f"How many texts a week are enough is **not identified**: {REASONS[at.reason]}."
                if at.reason
                else ""
            )
        case "below_one":
            told = f"One text a week already costs more than it brings, {worth}."
        case "beyond_what_was_sent":
            told = f"No load that was sent costs more than it brings, {worth}."
        case _:
            told = f"From {_load(at)} texts a week on, one more costs more than it brings, {worth}."
    lost = saturation.lost
    if lost is not None:
        told += (
            f" One text a week brings {numbers.number(lost.value, 1)} "
            f"({numbers.interval(lost.low, lost.high, 1)}) bookings a year over none: hold the worth against that."
        )
    if saturation.unmeasured is not None and saturation.unmeasured > 1:
        told += (
            " Whatever nobody recorded would have to go with load and with opting out by a risk ratio of "
            f"{numbers.number(saturation.unmeasured, 1)} each to explain the difference in opt-outs away (E-value)."
        )
    return told


def following_in_words(effects: LoadEffects) -> str:
    """Whether texts follow bookings, and what it would mean; nothing where nobody had booked."""
    ratio = effects.after_booking
    if ratio is None:
        return ""
    told = f"{numbers.number(ratio.value, 2)} ({numbers.interval(ratio.low, ratio.high, 2)})"
    if not follows_bookings(effects):
        return (
            "Texts did not go with the booking of the week before: the odds of one more after it were "
            f"{told} times as high, all else that is recorded alike."
        )
    return (
        "**Texts went with the booking of the week before**: the odds of one more after it were "
        f"{told} times as high, all else that is recorded alike. If those who send look at bookings, that is allowed "
        "for. If they do not, texts follow something else that makes people book and that nobody recorded, and no load "
        "told here is to be believed."
    )


def follows_bookings(effects: LoadEffects) -> bool:
    """Whether it is sure that texts go with the booking of the week before."""
    ratio = effects.after_booking
    return ratio is not None and not ratio.low <= 1 <= ratio.high


def answer_in_words(at: SaturationAt) -> str:
    """The answer at one worth, in a few words."""
    words = {
        "load": "saturated from there",
        "below_one": "one a week is too many",
        "beyond_what_was_sent": "beyond what was sent",
    }
    return words.get(at.answer) or f"not identified: {REASONS[at.reason]}" if at.reason else words[at.answer]


def kept_up_metrics(effects: LoadEffects, saturation: Saturation, profile: Profile) -> list[Metric]:
    """The weighted chances at every load that may be told, and the load that is enough."""
    metrics = [
        Metric(
            name=f"weekly_{outcome}",
            of={"model": "weighted", "load": f"{support.level} texts a week"},
            value=point.value,
            low=point.low,
            high=point.high,
            level=effects.level,
            interval="bootstrap",
            direction="higher_is_better" if outcome == "booking" else "lower_is_better",
            unit="probability",
        )
        for place, support in enumerate(effects.support)
        for outcome in OUTCOMES
        if support.supported
        and may_tell(support, outcome, profile)
        and (point := effects.curve("weighted", outcome).points[place]) is not None
    ]
    load = saturation.middle.load
    metrics.append(
        Metric(
            name="saturation_load",
            of={"model": f"{numbers.number(saturation.middle.worth)} bookings an opt-out"},
            value=load.value if load else None,
            low=load.low if load else None,
            high=load.high if load else None,
            level=saturation.level,
            interval="bootstrap",
            unit="texts a week",
        )
    )
    return metrics


def may_tell(support: Support, outcome: Outcome, profile: Profile) -> bool:
    """Whether a level's chance of an outcome rests on more than few people and events."""
    events = support.opt_outs if outcome == "opt_out" else support.bookings
    return not profile.is_few(events) and may_show(support.people, None, profile)


def _rows(curve: Curve, effects: LoadEffects, profile: Profile) -> list[IntervalRow]:
    return [
        IntervalRow(f"{support.level} a week", PER * point.value, PER * point.low, PER * point.high)
        for support, point in zip(effects.support, curve.points, strict=True)
        if support.supported and point is not None and may_tell(support, curve.outcome, profile)
    ]


def _load(at: SaturationAt) -> str:
    if at.load is None:
        return "–"
    return f"{numbers.number(at.load.value, 1)} ({numbers.interval(at.load.low, at.load.high, 1)})"


def _spoken(estimate: Estimate) -> str:
    value = numbers.number(PER * estimate.value, 1)
    return f"{value} ({numbers.interval(estimate.low, estimate.high, 1, scale=PER)})"
