"""What is yet to come where windows are open: the forecast by hazards, and the cure model that is held against it."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.late.cure import CureFit
from workbench.experiments.late.forecast import FOLLOWED, ArmForecast, LateOutcomes
from workbench.present import numbers
from workbench.present.result import Cell, Check, Column, Table

_DOUBTS = {
    "extrapolated": "nobody, or hardly anybody, has been followed to the end of the window",
    "prior_conflict": "the delays contradict those of earlier campaigns",
    "unsteady": "people enrolled early and late come to their events otherwise",
}


def shown_forecast(analysis: Analysis) -> LateOutcomes | None:
    """The forecast, where it may be told."""
    late = analysis.late
    return late if late is not None and late.told else None


def shown_cure(analysis: Analysis) -> CureFit | None:
    """The cure model, where there is one and its sampler did its work."""
    found = analysis.cure
    return found if found is not None and found.diagnostics.sound else None


def forecast_table(analysis: Analysis, late: LateOutcomes) -> Table:
    """The rate that each arm will have once every window has closed."""
    rows: list[list[Cell]] = [
        [
            arm.arm,
            arm.people,
            arm.share_seen,
            arm.everybody.mean,
            numbers.interval(arm.everybody.low, arm.everybody.high, 1, scale=100),
        ]
        for arm in late.arms
    ]
    return Table(
        id="forecast",
        caption=f"{analysis.settings.primary.name.capitalize()} within {late.window} days, forecast for all enrolled"
        f"{_mark(late)}",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(
                name="people", title=f"{analysis.settings.people_noun.capitalize()} enrolled", kind="people"
            ),
            Column(name="seen", title="Share of events seen so far", kind="share", digits=0),
            Column(name="rate", title="Rate once all windows have closed", kind="share", digits=1),
            Column(name="interval", title="95 % predictive interval, in percent", kind="interval"),
        ],
        rows=rows,
        groups="arm",
        note=f"From how many come to the event on each day of delay; it describes, and does not decide.{_beyond(late)}",
    )


def cure_table(analysis: Analysis, late: LateOutcomes, cure: CureFit) -> Table:
    """The rate within the window by both models, of people like those enrolled."""
    rows: list[list[Cell]] = []
    for arm in late.arms:
        other = cure.rates[arm.arm]
        rows.append(
            [
                arm.arm,
                arm.people,
                arm.rate.mean,
                numbers.interval(arm.rate.low, arm.rate.high, 1, scale=100),
                other.mean,
                numbers.interval(other.low, other.high, 1, scale=100),
                "disagree" if disagree(arm, cure) else "agree",
            ]
        )
    people = f"{analysis.settings.people_noun.capitalize()} enrolled"
    return Table(
        id="cure",
        caption=f"Rate of {analysis.settings.primary.name} within {late.window} days by two models{_mark(late)}",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title=people, kind="people"),
            Column(name="hazards", title="By day of delay", kind="share", digits=1),
            Column(name="hazards_interval", title="95 % credible interval, in percent", kind="interval"),
            Column(name="cure", title="By the cure model", kind="share", digits=1),
            Column(name="cure_interval", title="95 % credible interval, in percent", kind="interval"),
            Column(name="agree", title="They", kind="text"),
        ],
        rows=rows,
        groups="arm",
        note="In the cure model some people never have the event. They disagree where either's rate lies outside the "
        f"other's interval.{_beyond(late)}",
    )


def disagree(arm: ArmForecast, cure: CureFit) -> bool:
    """Whether either model's rate within the window lies outside the other's interval."""
    one, other = arm.rate, cure.rates[arm.arm]
    return not (other.low <= one.mean <= other.high and one.low <= other.mean <= one.high)


def forecast_checks(analysis: Analysis) -> list[Check]:
    """What is to be said of the forecast: its doubts, and whether the cure model agrees."""
    late, cure, checks = analysis.late, analysis.cure, []
    if late is not None and late.doubts:
        doubts = " and ".join(_DOUBTS[doubt] for doubt in late.doubts)
        kind = "It is extrapolated" if late.told else "None is given"
        checks.append(Check(name="Forecast of open windows", passed=None, detail=f"{kind}: {doubts}."))
    if late is not None and cure is not None:
        checks.append(_compared(late, cure))
    return checks


def _compared(late: LateOutcomes, cure: CureFit) -> Check:
    name = "Cure model beside the forecast"
    if not cure.diagnostics.sound:
        return Check(
            name=name, passed=None, detail="It did not sample well, so that its numbers are not shown."
        )
    arms = [f"“{arm.arm}”" for arm in late.arms if disagree(arm, cure)]
    if not arms:
        return Check(
            name=name, passed=True, detail="Both tell the same rate within the window, as far as they know."
        )
    told = f"They tell other rates within the window of {', '.join(arms)}: the forecast depends on the model."
    return Check(name=name, passed=None, detail=told)


def _mark(late: LateOutcomes) -> str:
    return ", extrapolated" if "extrapolated" in late.doubts else ""


def _beyond(late: LateOutcomes) -> str:
    days = max(arm.extrapolated_days for arm in late.arms)
    if not days:
        return ""
    return (
        f" Extrapolated: fewer than {FOLLOWED} people of an arm were followed for more than "
        f"{late.window - days} days; what comes later rests on what the models suppose."
    )
