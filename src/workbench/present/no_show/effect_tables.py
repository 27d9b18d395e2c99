"""The tables of what reminders do: answers side by side, protocol, overlap, arms, and whom to remind."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.effect.emulation import Emulation
from workbench.no_show.effect.study import ReminderStudy
from workbench.no_show.effect.trial import Trial
from workbench.no_show.effect.whom import Whom
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.estimates import Estimate
from workbench.present import numbers
from workbench.present.result import Cell, Column, Table

INTERVAL = "95 % interval"
OUTCOME_WORDS = {"missed": "missed appointments", "empty": "empty slots"}


def effect_tables(analysis: Analysis) -> list[Table]:
    """Every table there is something for, in the order of the section; none where no reminders are recorded."""
    study, settings = analysis.effect, analysis.settings
    if study is None or study.sent is None:
        return []
    tables = [effects_table(study, settings), protocol_table(study, settings)]
    if study.sent.overlap is not None:
        tables.append(overlap_table(study.sent))
    if study.trial is not None:
        tables.append(trial_table(study.trial, settings))
    if study.whom is not None:
        tables.append(whom_table(study.whom, settings))
    return tables


def answers(study: ReminderStudy) -> list[tuple[str, Estimate, str]]:
    """Name, difference and what it says, from the least to the most that can be trusted."""
    found: list[tuple[str, Estimate | None, str]] = []
    if study.sent is not None:
        found += [
            ("reminded less the others", study.sent.raw, "as they are"),
            ("the same, among like leads", study.sent.by_lead, "standardized to the leads of all eligible"),
            (
                "sent, doubly robust" if study.timed else "as recorded, doubly robust",
                study.sent.difference,
                "like with like in all that is known at time zero",
            ),
        ]
    if study.arrived is not None:
        found.append(
            ("arrived, doubly robust", study.arrived.difference, "as treated: whose phone was reached")
        )
    if study.days is not None:
        found += [
            ("days with less without", study.days.difference, "natural experiment, by day"),
            ("short leads, same days", study.days.control, "negative control: nothing must show"),
        ]
    if study.trial is not None:
        found += [
            ("by lot, all assigned", study.trial.difference, "randomized, as assigned"),
            ("by lot, those asked about", study.trial.in_stratum, "randomized, as assigned"),
            (
                "emulated, first visits",
                study.trial.emulation.difference,
                "without a look at the arm",
            ),
            ("emulated less by lot", study.trial.apart, "check: zero where the emulation holds"),
        ]
    return [(name, estimate, says) for name, estimate, says in found if estimate is not None]


def weightiest(study: ReminderStudy) -> Estimate:
    """Of the answers to what a reminder does the one that can be trusted most: a lot, days, then likeness."""
    if study.trial is not None:
        return study.trial.in_stratum
    if study.days is not None:
        return study.days.difference
    robust = study.sent and study.sent.difference
    return robust or answers(study)[-1][1]


def effects_table(study: ReminderStudy, settings: NoShow) -> Table:
    """Every answer to what a reminder does, beside what it rests on."""
    rows: list[list[Cell]] = [
        [
            name,
            100 * found.value,
            numbers.interval(found.low, found.high, 1, scale=100),
            says,
        ]
        for name, found, says in answers(study)
    ]
    return Table(
        id="reminder_effects",
        caption=f"What a reminder does to the share of {OUTCOME_WORDS[settings.reminder_outcome]}, answer by answer",
        columns=[
            Column(name="answer", title="Answer", kind="label"),
            Column(name="difference", title="Points", kind="estimate", digits=1),
            Column(name="interval", title=INTERVAL, kind="interval"),
            Column(name="rests_on", title="What it is", kind="text"),
        ],
        rows=rows,
        groups="none",
        note="Below 0: fewer with the reminder. Intervals are clustered by patient or by day, whichever is wider; of "
        "days by day, of what was randomized by what was.",
    )


def protocol_table(study: ReminderStudy, settings: NoShow) -> Table:
    """The target trial and its emulation, part by part."""
    lead = settings.reminded_from_lead_days
    planned = (
        f"{_days(settings.reminder_days_before)} before the appointment at {settings.reminder_hour}:00, the "
        "patient's clock"
    )
    consent = (
        "texts for care agreed to by then" if "consent" not in study.missing else "consent is not recorded"
    )
    empty = ", or called off too late for anybody else" if settings.reminder_outcome == "empty" else ""
    rows: list[list[Cell]] = [
        [
            "Eligibility",
            f"booked {_days(lead)} ahead or more, still booked at time zero, texts agreed to",
            f"the same as recorded; {consent}",
        ],
        [
            "Time zero",
            planned,
            planned if study.timed else "the booking: texts bear no time here",
        ],
        [
            "Treatment",
            "by lot: a reminder at time zero, or none",
            f"a reminder sent within {settings.reminder_grace_hours} hours of time zero, or none"
            if study.timed
            else "a reminder, as recorded, or none",
        ],
        [
            "Assignment",
            "by lot",
            "as if by lot among those alike in all that was known at time zero",
        ],
        [
            "Outcome",
            f"the patient did not come{empty}; called off after time zero counts as kept off",
            "the same, whoever canceled later: nobody is left out for what came after time zero"
            if study.timed
            else "the same, but for canceled appointments where the source holds none",
        ],
        [
            "Estimand",
            "mean difference in risk among all eligible, as sent (intention to treat)",
            f"the same among those with a propensity from {numbers.number(settings.propensity_within[0], 2)} to "
            f"{numbers.number(settings.propensity_within[1], 2)}; beside it as arrived (as treated)"
            if study.timed
            else f"the same among those with a propensity from {numbers.number(settings.propensity_within[0], 2)} to "
            f"{numbers.number(settings.propensity_within[1], 2)}, as treated",
        ],
        [
            "Analysis",
            "difference in shares",
            "augmented inverse probability weighting, cross-fitted by patient",
        ],
    ]
    return Table(
        id="reminder_protocol",
        caption="The trial that would answer it, and how these data stand in for it",
        columns=[
            Column(name="part", title="Part", kind="label"),
            Column(name="target", title="Target trial", kind="text"),
            Column(name="emulation", title="Emulation here", kind="text"),
        ],
        rows=rows,
        groups="none",
    )


def overlap_table(emulation: Emulation) -> Table:
    """Appointments and reminders by propensity."""
    classes = emulation.overlap.classes if emulation.overlap else ()
    rows: list[list[Cell]] = [
        [
            f"{numbers.number(each.low, 2)} to {numbers.number(each.high, 2)}",
            each.patients,
            each.appointments,
            each.reminded,
        ]
        for each in classes
        if each.appointments
    ]
    return Table(
        id="reminder_overlap",
        caption="Could it have gone either way: appointments by their probability of a reminder",
        columns=[
            Column(name="propensity", title="Propensity", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="reminded", title="Reminded", kind="events"),
        ],
        rows=rows,
        groups="attributes",
    )


def trial_table(trial: Trial, settings: NoShow) -> Table:
    """The randomized arms."""
    asked = settings.reminder_trial
    names = (asked.control, asked.treated) if asked else ("", "")
    rows: list[list[Cell]] = [
        [name, arm.patients, arm.appointments, arm.missed, 100 * arm.sent, arm.appointments / arm.patients]
        for name, arm in zip(names, trial.arms, strict=True)
    ]
    return Table(
        id="reminder_trial",
        caption="Reminders by lot: appointments of either arm, as assigned",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="missed", title=OUTCOME_WORDS[settings.reminder_outcome].capitalize(), kind="events"),
            Column(name="sent", title="Texted, %", kind="estimate", digits=1),
            Column(name="each", title="Appointments per patient", kind="estimate", digits=2),
        ],
        rows=rows,
        groups="arm",
        note="An arm's appointments are those still booked at time zero; that they are as many per patient in either "
        "arm is a check of the lot.",
    )


def whom_table(whom: Whom, settings: NoShow) -> Table:
    """What reminding a share of the eligible avoids, by the rule that chooses them."""
    rows: list[list[Cell]] = []
    for policy in whom.policies:
        rows.append(
            [
                numbers.percent(policy.share, 0),
                1000 * policy.by_lot.value,
                *_per_thousand(policy.by_risk),
                *_per_thousand(policy.by_benefit),
                *_per_thousand(policy.benefit_less_risk),
            ]
        )
    rows.append(["everybody", 1000 * whom.everybody.value, *_per_thousand(whom.everybody) * 2, None, None])
    columns = [
        Column(name="share", title="Reminded", kind="label"),
        Column(name="lot", title="By lot", kind="estimate", digits=1),
    ]
    for name, title in (
        ("risk", "Highest risk"),
        ("benefit", "Highest benefit"),
        ("less", "Benefit less risk"),
    ):
        columns += [
            Column(name=name, title=title, kind="estimate", digits=1),
            Column(name=f"{name}_interval", title=INTERVAL, kind="interval"),
        ]
    return Table(
        id="whom_to_remind",
        caption=f"Whom to remind: {OUTCOME_WORDS[settings.reminder_outcome]} avoided per 1,000 eligible appointments",
        columns=columns,
        rows=rows,
        groups="none",
        note="Reminding nobody avoids none. Rules are learned on one half of the patients and valued on the other, and "
        "the other way round; intervals are of the rules as they were learned.",
    )


def _per_thousand(found: Estimate) -> list[Cell]:
    return [1000 * found.value, numbers.interval(found.low, found.high, 0, scale=1000)]


def _days(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'}"
