"""What all three are asked, and the form in which they answer."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from workbench.experiments.metrics import CountMetric, EventMetric
from workbench.experiments.parameters import ABTest

FILES = Path("data/clinic")
METRICS = (
    EventMetric(kind="event", of="booking", role="primary"),
    EventMetric(kind="event", of="opt_out", role="guardrail"),
    CountMetric(kind="count", of="bookings"),
    CountMetric(kind="count", of="attended"),
    CountMetric(kind="count", of="replies"),
)


def settings() -> ABTest:
    """The parameters of the experiment."""
    return ABTest(
        title="Wording",
        audience=("analysts",),
        owner="Benchmark",
        as_of=date(2026, 5, 4),
        source="clinic",
        seed=1,
        goes_on_without={"consent": "All had agreed to texts.", "age": "All are adult."},
        question="Does a warmer wording bring more bookings?",
        experiment="wording",
        control="plain",
        metrics=METRICS,
        enrollment_ends=date(2026, 3, 30),
        segment_by=None,
        who_must_act="Nobody has to act.",
    )


def midnight(day: date | None) -> datetime:
    """The moment with which a day begins, UTC."""
    assert day is not None
    return datetime.combine(day, time(), UTC)


def answer(seconds: dict[str, float], counts: Any) -> None:
    """Print the seconds that each step took since the beginning, and what was counted."""
    print(json.dumps([seconds, counts]))
