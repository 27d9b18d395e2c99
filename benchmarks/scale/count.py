"""The counts of the A/B analysis as the workbench takes them: `python count.py PROJECT`."""

import sys
import time
from pathlib import Path

import asked

from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.tables.opening import open_tables
from workbench.tables.source import Source


def main(project: Path) -> None:
    """Open the files, count, and answer."""
    settings = asked.settings()
    source = Source(title="Simulated provider", location=asked.PROVIDER.as_posix())
    begun = time.perf_counter()
    known = open_tables(source, project).known(settings.as_of, declared_cohort(settings))
    counts = count_experiment(known, settings)
    seconds = time.perf_counter() - begun
    assert counts.data_until is not None
    asked.answer(
        seconds,
        flow=[step.left for step in counts.flow],
        in_two_arms=counts.in_two_arms,
        arms=sorted(
            [arm.arm, round(arm.share, 9), arm.enrolled, arm.closed, arm.events, guarded.told]
            for arm, guarded in zip(counts.arms, counts.measured(settings.guardrails[0]), strict=True)
        ),
        disturbed=[
            counts.disturbances.in_shared_clusters,
            int(counts.allocation["triggered"].sum()),
            counts.disturbances.texted_before,
            counts.disturbances.overlapping,
        ],
        segments=counts.segments.to_numpy().tolist(),
        delays=counts.delays.to_numpy().tolist(),
        weeks=[[str(week.week), week.enrolled, week.closed] for week in counts.enrollment],
        data_until=round(counts.data_until.timestamp() * 1_000_000),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
