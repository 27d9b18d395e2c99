"""An experiment in counts, and its analysis, without a table or a sampler behind it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.analysis import Analysis, analyze
from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.counting.people import CLOSED
from workbench.experiments.models.segments import SegmentEffect, SegmentPosterior
from workbench.experiments.parameters import ABTest
from workbench.sampling.diagnostics import Diagnostics
from workbench.tables.cohort import Step

SOUND = Diagnostics(r_hat=1.002, ess_bulk=2_400.0, ess_tail=2_100.0, divergences=0, e_bfmi=0.8)


def parameters(**changes) -> ABTest:
    usual = {
        "title": "Greeting",
        "audience": ("analysts",),
        "owner": "Outreach analytics",
        "as_of": date(2026, 6, 1),
        "source": "handmade",
        "seed": 1,
        "question": "Does a greeting help?",
        "experiment": "greeting",
        "control": "plain",
        "enrollment_ends": date(2026, 4, 1),
        "who_must_act": "The campaign lead switches the template.",
        "cure_model": False,
    }
    return ABTest(**{**usual, **changes})


def counted(arms: dict[str, tuple[int, int, int, int | None]], settings: ABTest) -> ExperimentCounts:
    """Counts from (enrolled, closed, events, guardrail events) of each arm, the control first."""
    enrolled, closed = (sum(arm[place] for arm in arms.values()) for place in (0, 1))
    given = {
        name: GivenArm(
            *n[:2],
            {"bookings": n[2], "opt-outs": n[3], "bookings again": n[2]},
            days={day: n[2] // 3 + (n[2] % 3 if day == 0 else 0) for day in (0, 3, 13)},
        )
        for name, n in arms.items()
    }
    names = list(arms)
    weekly = [
        (date(2026, 3, 2) + timedelta(days=7 * week), name, arms[name][0] // 2, arms[name][1] // 2, 0)
        for week in range(2)
        for name in names
    ]
    return replace(
        given_counts(settings, given),
        flow=(Step("assigned", enrolled + 300), Step("adults", enrolled), Step(CLOSED, closed)),
        weekly=pd.DataFrame(weekly, columns=["week", "arm", "enrolled", "closed", "events"]),
        data_until=datetime(2026, 5, 31, 22, 5, tzinfo=UTC),
    )


@pytest.fixture
def analyzed() -> Callable[..., Analysis]:
    """The analysis of an experiment: arms, changes to its counts, changes to its parameters."""

    def make(arms, changes=None, **settings) -> Analysis:
        chosen = parameters(**settings)
        return analyze(replace(counted(arms, chosen), **(changes or {})), chosen)

    return make


@pytest.fixture
def with_segments() -> Callable[..., Analysis]:
    """The analysis with cells by segment, (people, events) per arm, and made-up effects of a sound sampler."""

    def make(analysis: Analysis, cells: dict[str, dict[str, tuple[int, int]]]) -> Analysis:
        counts = analysis.counts
        closed = counts.closed(counts.primary)
        window = counts.primary.window_days
        split = [
            ("bookings", arm, segment, 0, window, value, np.nan, number)
            for segment, by_arm in cells.items()
            for arm, (people, events) in by_arm.items()
            for value, number in ((0.0, events), (np.nan, people - events))
        ]
        rest = counts.cells.drop(index=closed.index)
        frame = pd.concat([rest, pd.DataFrame(split, columns=rest.columns)], ignore_index=True)
        arms = [arm.arm for arm in analysis.counts.arms[1:]]
        effects = tuple(
            SegmentEffect(segment, arm, 0.031 + at / 1000, 0.011 + at / 1000, 0.052, 0.95, 0.99)
            for arm in arms
            for at, segment in enumerate(cells)
        )
        posterior = SegmentPosterior(effects, dict.fromkeys(arms, (0.2, 0.05, 0.4)), SOUND)
        return replace(analysis, counts=replace(counts, cells=frame), segments=posterior)

    return make
