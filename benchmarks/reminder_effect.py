"""Does what the no-show study says of reminders hold? Simulated providers, whose truth is known, beside every answer.

`python benchmarks/reminder_effect.py` writes reminder_effect.md beside itself; it takes about five minutes on one core.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import machine
import numpy as np

from workbench.no_show.at_risk.risk_set import declared_cohort, first_day
from workbench.no_show.effect.days_without import days_without
from workbench.no_show.effect.eligible import Eligible, load_eligible
from workbench.no_show.effect.emulation import clusters_of, emulate, standardized
from workbench.no_show.effect.trial import randomized
from workbench.no_show.effect.whom import whom_to_remind
from workbench.no_show.parameters import NoShow
from workbench.no_show.scores.estimates import Estimate
from workbench.simulate.appointments import KEPT
from workbench.simulate.attendance import LATE_CLINIC, LATE_CLINIC_STARTS
from workbench.simulate.columns import DAY, HOUR
from workbench.simulate.course import Course, run_course
from workbench.simulate.records import write_down
from workbench.simulate.scenarios.reminders import SEGMENTED
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.world import create_world
from workbench.tables.known import KnownTables, Tables
from workbench.tables.source import Source

PATIENTS = {"default": 9_000, "segmented_reminders": 20_000}
SEEDS = {"default": 16, "segmented_reminders": 12}
COVERAGE = "intervals that hold the truth"
ENDS = date(2026, 11, 16)
WORDS: dict[str, Any] = {
    "title": "t",
    "question": "q?",
    "audience": ("analysts",),
    "owner": "o",
    "source": "sample",
    "seed": 7,
    "as_of": ENDS,
    "test_from": date(2026, 7, 27),
    "calibration_days": 56,
    "who_must_act": "Nobody has to act.",
}
USUAL = NoShow.model_validate(WORDS)
TRIAL = NoShow.model_validate(
    WORDS
    | {
        "reminder_days_before": 1,
        "reminder_hour": 17,
        "reminder_trial": {
            "experiment": "segmented_reminders",
            "control": "uniform",
            "treated": "segmented",
            "stratum": "at risk",
            "first_days": 3,
        },
    }
)


@dataclass
class Tally:
    """Errors of an answer against its truth, in points, and how often its interval held it."""

    errors: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    away: list[bool] = field(default_factory=list)

    def add(self, found: Estimate, truth: float) -> None:
        """One more provider."""
        self.errors.append(100 * (found.value - truth))
        self.held.append(found.low <= truth <= found.high)
        self.widths.append(100 * (found.high - found.low))
        self.away.append(not found.low <= 0 <= found.high)

    def row(self, name: str) -> list[str]:
        """Mean error with its standard error, coverage, mean width, share of intervals off zero."""
        number = len(self.errors)
        error = np.std(self.errors, ddof=1) / np.sqrt(number)
        return [
            name,
            str(number),
            f"{np.mean(self.errors):+.2f} ± {error:.2f}",
            f"{np.mean(self.held):.0%}",
            f"{np.mean(self.widths):.1f}",
            f"{np.mean(self.away):.0%}",
        ]


def provider(seed: int, scenario: str, settings: NoShow) -> tuple[Course, KnownTables]:
    """A provider's course of events, and its tables as known on the day of the study."""
    asked = ProviderSettings(patients=PATIENTS[scenario], seed=seed, scenario=scenario, ends_on=ENDS)
    course = run_course(create_world(asked), lambda _: None)
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'; SET threads = 1")
    tables = {name: engine.create_table(name, rows) for name, rows in write_down(course).items()}
    known = Tables(Source(title="simulated", location="nowhere"), tables)
    return course, known.known(settings.as_of, declared_cohort(settings))


def still_booked(course: Course, settings: NoShow) -> tuple[np.ndarray, np.ndarray]:
    """Which visits were long enough ahead and still booked at time zero, in the weeks studied; and time zero."""
    visits, world = course.visits, course.world
    clock, zone = world.clock, world.people.zone[visits.patient]
    day, booked = (clock.wall(at, zone) // DAY for at in (visits.starts_at, visits.booked_at))
    zero = clock.utc((day - settings.reminder_days_before) * DAY + settings.reminder_hour * HOUR, zone)
    ends = world.settings.end // DAY
    weeks = (day >= ends - (settings.as_of - first_day(settings)).days) & (
        day < ends - settings.recording_lag_days
    )
    rows = weeks & world.people.adult[visits.patient] & (day - booked >= settings.reminded_from_lead_days)
    rows &= (visits.booked_at <= zero) & (zero < visits.called_off_at)
    return rows & (visits.starts_at >= world.settings.start), zero


def usual_truth(course: Course, settings: NoShow) -> float:
    """What sending the usual reminder does: among the eligible of clinics that reminded at the time.

    The patient's past is as it was; a text comes to the phone as reliably as its owner's does, and what is called off
    later is not missed either way.
    """
    visits, people, came = course.visits, course.world.people, course.attendance
    rows, zero = still_booked(course, settings)
    rows &= course.consent.opted_in(visits.patient, zero)
    late = people.clinic[visits.patient] == LATE_CLINIC
    rows &= ~late | (zero >= course.world.settings.end - LATE_CLINIC_STARTS * DAY)
    effect = (visits.fate == KEPT) * people.mobile[visits.patient] * (came.risk_reminded - came.risk_unreminded)
    return float(effect[rows].mean())


def trial_truth(course: Course, *, at_risk: bool) -> float:
    """What being in the segmented arm does to the share missed, from both worlds of the same appointments."""
    visits = course.visits
    trial = SEGMENTED.trial
    assert trial is not None
    enrolled = course.enrollments[-1]
    rows, _ = still_booked(course, TRIAL)
    assigned = np.zeros(course.world.people.size, bool)
    assigned[enrolled.patient[(enrolled.stratum == 1) | (not at_risk)]] = True
    rows &= assigned[visits.patient] & (visits.starts_at >= int(enrolled.assigned_at[0]) + 3 * DAY)
    paired = course.paired[trial.experiment.experiment_id, "attendance"]
    came = paired.values.astype(float)
    return float(((came[:, 0] - came[:, 1]) * paired.counted)[rows].mean())


def usual(seeds: range) -> tuple[list[list[str]], list[list[str]]]:
    """The usual reminder, which nobody randomized, and whom to remind."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    policies: dict[str, Tally] = defaultdict(Tally)
    for seed in seeds:
        course, known = provider(seed, "default", USUAL)
        loaded = load_eligible(known, USUAL)
        assert isinstance(loaded, Eligible)
        assert loaded.rows is not None
        rows, truth = loaded.rows, usual_truth(course, USUAL)
        everybody = rows["sent"].to_numpy(float), rows["missed"].to_numpy(float), clusters_of(rows)
        nothing = standardized(np.zeros(len(rows), np.int64), *everybody)
        target = rows[rows["eligible"]].reset_index(drop=True)
        told, fitted = emulate(target, "sent", "missed", USUAL.propensity_within, seed)
        days = days_without(rows, "missed")
        answers = {
            "reminded less the others, all": nothing,
            "the same, eligible": told.raw,
            "the same, like leads": told.by_lead,
            "doubly robust": told.effect and told.effect.difference,
        }
        for name, found in answers.items():
            if found is not None:
                tallies[name].add(found, truth)
        if days is not None:
            tallies["days without reminders"].add(days.difference, truth * days.sent)
            if days.control is not None:
                tallies["their negative control"].add(days.control, 0.0)
        if fitted is not None:
            whom = whom_to_remind(target, fitted.kept, "missed", 0.25, USUAL.propensity_within, seed)
            policies["by benefit"].add(whom.at_asked.by_benefit, 0.0)
            policies["by risk"].add(whom.at_asked.by_risk, 0.0)
            policies["by lot"].add(whom.at_asked.by_lot, 0.0)
            policies["by benefit less by risk"].add(whom.at_asked.benefit_less_risk, 0.0)
        print("usual", seed, f"{100 * truth:.2f}", tallies["doubly robust"].errors[-1:], flush=True)
    return [tally.row(name) for name, tally in tallies.items()], [t.row(name) for name, t in policies.items()]


def by_lot(seeds: range) -> list[list[str]]:
    """The further reminder, randomized by person, beside the emulation that does not look at the arm."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for seed in seeds:
        course, known = provider(seed, "segmented_reminders", TRIAL)
        loaded = load_eligible(known, TRIAL)
        assert loaded.rows is not None
        found = randomized(loaded.rows, "missed", TRIAL.propensity_within, seed)
        assert found is not None
        truth = trial_truth(course, at_risk=True)
        tallies["randomized arms, all assigned"].add(found.difference, trial_truth(course, at_risk=False))
        tallies["randomized arms, at risk"].add(found.in_stratum, truth)
        if found.apart is not None:
            tallies["emulated less randomized, first appointments"].add(found.apart, 0.0)
        print("by lot", seed, f"{100 * truth:.2f}", flush=True)
    return [tally.row(name) for name, tally in tallies.items()]


def values(rows: list[list[str]]) -> list[str]:
    """The same of what has no truth to be held against: errors against zero are values, and coverage says nothing."""
    return [line.replace("mean error, points", "mean value, points") for line in table(rows, without=COVERAGE)]


def table(rows: list[list[str]], without: str | None = None) -> list[str]:
    """A table in Markdown, perhaps without a column."""
    heads = [
        "answer",
        "providers",
        "mean error, points",
        COVERAGE,
        "mean width",
        "off zero",
    ]
    kept = [place for place, head in enumerate(heads) if head != without]
    lines = [[line[place] for place in kept] for line in (heads, ["---"] * len(heads), *rows)]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def main() -> None:
    """Simulate, and write the tables."""
    emulated, policies = usual(range(1, SEEDS["default"] + 1))
    lots = by_lot(range(101, 101 + SEEDS["segmented_reminders"]))
    noise = np.sqrt(0.95 * 0.05 / min(SEEDS.values()))
    sizes = {name: f"Providers of {many:,} patients." for name, many in PATIENTS.items()}
    parts = [
        "# What reminders do",
        "",
        "Simulated providers; share of eligible appointments missed, in points. An error is the answer less the truth, "
        "with the standard error of its mean. Intervals are of 95 %, and their coverage is known to about "
        f"{noise:.0%} (one standard error). {machine.told()}",
        "",
        "## The usual reminder, which nobody randomized",
        "",
        f"{sizes['default']} The reminder goes to those who agreed to texts and booked three days ahead; on some days "
        "none leaves, one clinic began late, and a few may not be texted. The truth is that of sending it, in clinics "
        "that did at the time; that of days is scaled by the share reminded on the days with reminders.",
        "",
        *table(emulated),
        "## A further reminder, by lot",
        "",
        f"{sizes['segmented_reminders']} It goes out on the eve, to those at risk in one of two arms. The truth is the "
        "difference between both worlds of the same appointments. The emulation beside it, of each patient's first "
        "appointment after the assignment, knows who was texted and does not look at the arm.",
        "",
        *table(lots),
        "## Whom to remind, a quarter of the eligible",
        "",
        "What a rule avoids, in points of the eligible, as valued on patients it was not learned from.",
        "",
        *values(policies),
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
