"""Do simulated clinic days hold, and what does targeting do? Predicted minutes beside those with whoever really came.

`python benchmarks/overbooking.py` writes overbooking.md beside itself; it takes under five minutes on one core.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import machine
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.no_show.at_risk.features import with_features
from workbench.no_show.at_risk.risk_set import declared_cohort, described, studied_appointments
from workbench.no_show.decisions.attendance import Attendance, attendance_of
from workbench.no_show.decisions.book import book_of
from workbench.no_show.decisions.outcomes import AWAY, EMPTY, labeled
from workbench.no_show.decisions.overbooking import Draws, Policy, draw, policies
from workbench.no_show.models.training import train, unfitted
from workbench.no_show.parameters import NoShow, Overbooking
from workbench.no_show.validation.periods import in_time
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.tables.known import Tables
from workbench.tables.source import Source

SEEDS, PATIENTS = range(1, 9), 9_000
ENDS = date(2026, 11, 16)
ASKED = Overbooking(limit=2)
SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=7,
    as_of=ENDS,
    test_from=date(2026, 6, 1),
    calibration_days=56,
    subgroups=(),
    overbooking=ASKED,
    who_must_act="Nobody has to act.",
)
QUANTITIES = ("idle", "overtime", "wait", "late")


def appointments(seed: int) -> pd.DataFrame:
    """The appointments of a simulated provider with their features and periods."""
    tables = simulate_provider(ProviderSettings(patients=PATIENTS, seed=seed, ends_on=ENDS)).tables
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'; SET threads = 1")
    made = {name: engine.create_table(name, rows) for name, rows in tables.items()}
    known = Tables(Source(title="simulated", location="nowhere"), made).known(
        SETTINGS.as_of, declared_cohort(SETTINGS)
    )
    studied = studied_appointments(known, SETTINGS).rows
    rows = with_features(known, studied, described(studied), SETTINGS).order_by("day", "appointment_id")
    found = rows.drop("appointment_id").execute()
    found["day"] = pd.to_datetime(found["day"])
    test = found["day"] >= pd.Timestamp(SETTINGS.test_from)
    open_from = pd.Timestamp(SETTINGS.test_from) - pd.Timedelta(days=SETTINGS.calibration_days)
    calibration = ~test & (found["day"] >= open_from)
    return found[in_time(found, SETTINGS)].assign(
        period=np.select([test, calibration], ["test", "calibration"], "training")
    )


def of_provider(seed: int) -> tuple[tuple[Policy, ...], tuple[Policy, ...], tuple[Attendance, ...], int]:
    """Every policy as predicted and as it came out, attendance, and the number of full sessions."""
    rows = appointments(seed)
    blocks = [
        rows[rows["period"] == name].reset_index(drop=True) for name in ("training", "calibration", "test")
    ]
    test = blocks[2]
    empty, away = (
        train(unfitted("logistic", 1), *(labeled(block, label) for block in blocks[:2]))
        for label in (EMPTY, AWAY)
    )
    risk = empty.probability(test)
    attendance = attendance_of(
        blocks[1], test, (away.probability(blocks[1]), away.probability(test)), SETTINGS.seed
    )
    effect = next(each.effect for each in attendance if each.level == "clinic day").turned
    book = book_of(test, risk, ASKED.never)
    assert book is not None
    full = book.of(book.full)
    rng = np.random.default_rng(seed)
    may_be = book.row[book.double]
    drawn = draw(full, float(risk[may_be].mean()), effect, ASKED, rng)
    luck = rng.random(full.there.shape)
    came = ~test["outcome"].isin(EMPTY).to_numpy()
    true = replace(
        drawn, came=as_it_was(drawn, came[full.row], came[rng.choice(may_be, (200, full.length.size, 2))])
    )
    return (
        policies(full, drawn, ASKED, luck, test, ()),
        policies(full, true, ASKED, luck, test, ()),
        attendance,
        int(full.length.size),
    )


def as_it_was(drawn: Draws, regular: NDArray[np.bool_], extra: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Who came in truth: regular patients as they did, and extra ones as others of the same weeks did."""
    runs = drawn.came.shape[0]
    return np.concatenate([np.broadcast_to(regular, (runs, *regular.shape)), extra[:runs]], axis=2)


def main() -> None:
    """Simulate, and write the tables."""
    found = [of_provider(seed) for seed in SEEDS]
    sessions = np.array([full for *_, full in found], float)
    parts = [
        "# Overbooking",
        "",
        f"{len(found)} simulated providers of {PATIENTS:,} patients; {int(sessions.sum()):,} sessions of the "
        "test that were "
        "full three days ahead. Predicted: by logistic regression for empty slots. True: the same book, the "
        "same minutes of "
        "visits, and those who really came; extra patients come as others of these weeks did. Means over sessions, "
        "in minutes; the difference is predicted less true, with its standard error over providers. "
        f"{machine.told()}",
        "",
        "| extra, beside whom | what | predicted | true | difference |",
        "| --- | --- | --- | --- | --- |",
    ]
    for place, policy in enumerate(found[0][0]):
        for name in QUANTITIES:
            told, true = (
                np.array([getattr(each[side][place], name) for each in found], float) for side in (0, 1)
            )
            scale, unit = (100, " %") if name == "late" else (1, "")
            error = (told - true).std(ddof=1) / np.sqrt(len(found))
            parts.append(
                f"| {policy.extra}, {policy.beside} | {name} | "
                f"{scale * np.average(told, weights=sessions):.1f}{unit} | "
                f"{scale * np.average(true, weights=sessions):.1f}{unit} | "
                f"{scale * (told - true).mean():+.1f} ± {scale * error:.1f} |"
            )
    parts += [
        "",
        "## What targeting does",
        "",
        "Truth of placing extra bookings beside the highest risks, less that of placing them by lot.",
        "",
        "| extra | what | by risk less by lot |",
        "| --- | --- | --- |",
    ]
    at = {(policy.extra, policy.beside): place for place, policy in enumerate(found[0][0])}
    for extra in range(1, ASKED.limit + 1):
        for name in (*QUANTITIES, "extra_wait"):
            gap = np.array(
                [
                    getattr(each[1][at[extra, "by risk"]], name) - getattr(each[1][at[extra, "by lot"]], name)
                    for each in found
                ]
            )
            scale, unit = (100, " points") if name == "late" else (1, "")
            error = scale * gap.std(ddof=1) / np.sqrt(gap.size)
            parts.append(f"| {extra} | {name} | {scale * gap.mean():+.2f} ± {error:.2f}{unit} |")
    parts += [
        "",
        "## How many come",
        "",
        "Totals held by their 95 % prediction interval; the simulated provider has next to nothing that "
        "patients of a "
        "clinic day have in common.",
        "",
        "| total of a | varied, times | foretold, times | held, independent | held, with effect |",
        "| --- | --- | --- | --- | --- |",
    ]
    for level in ("day", "clinic day", "session"):
        held = [next(each for each in attendance if each.level == level) for *_, attendance, _ in found]
        numbers = (
            np.mean([each.ratio for each in held]),
            np.mean([each.expected_ratio for each in held]),
        )
        covered = (
            np.mean([each.independent.covered for each in held]),
            np.mean([each.with_effect.covered for each in held]),
        )
        parts.append(f"| {level} | {numbers[0]:.2f} | {numbers[1]:.2f} | {covered[0]:.1%} | {covered[1]:.1%} |")
    Path(__file__).with_suffix(".md").write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
