"""The simulated provider as a whole: settings in, canonical tables and their truth out.

A large provider is simulated block by block, so that memory holds one block at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from workbench.simulate.course import Report, run_course
from workbench.simulate.patient_types import types_table
from workbench.simulate.population import patient_ids
from workbench.simulate.randomness import Block
from workbench.simulate.reactions import PotentialOutcomes
from workbench.simulate.records import write_down
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.truth import provider_truth
from workbench.simulate.world import create_world

LARGEST_BLOCK = 100_000
"""People simulated at once: they take about 1.3 GiB of memory."""

SHARED = ("clinics",)
"""Tables that are the same in every block."""


@dataclass(frozen=True)
class Provider:
    """A simulated provider, or one block of it.

    Attributes:
        settings: what was asked for.
        tables: the ten canonical tables by name, their rows sorted.
        truth: what `truth.json` holds.
        types: each person's planted type, for `truth_types.parquet`.
        outcomes: by experiment, every person's outcome under every arm; the `patient` of their enrollment is
            a row of the table of patients. They are written to no file.
    """

    settings: ProviderSettings
    tables: Mapping[str, pa.Table]
    truth: Mapping[str, Any]
    types: pa.Table
    outcomes: Mapping[str, PotentialOutcomes]


def keep_quiet(_: str) -> None:
    """Report nothing."""


def simulate_blocks(
    settings: ProviderSettings, report: Report = keep_quiet, largest: int = LARGEST_BLOCK
) -> Iterator[Provider]:
    """Simulate a provider of any size, in as few blocks of about equal size as will do. One block is all of it.

    Each block is a world of its own, with its own people and clinicians and its own days without reminders; no
    identifier is in two blocks, and those of an earlier block sort before those of a later one.

    Args:
        settings: size, seed, dates and scenario.
        report: called with one sentence at each stage of the work.
        largest: the most people in one block.
    """
    count = -(-settings.patients // largest)
    for number in range(count):
        first, end = (settings.patients * place // count for place in (number, number + 1))
        if count > 1:
            report(f"Block {number + 1} of {count}.")
        yield simulate_provider(replace(settings, patients=end - first), report, Block(number, count))


def simulate_provider(
    settings: ProviderSettings, report: Report = keep_quiet, block: Block | None = None
) -> Provider:
    """Simulate a provider, or one block of it, as a whole in memory. The same settings give the same tables;
    where `simulate_blocks` takes several blocks, it gives others.

    Args:
        settings: size, seed, dates and scenario.
        report: called with one sentence at each stage of the work.
        block: which block of a larger provider it is.
    """
    report(f"Drawing {settings.patients:,} patients.")
    world = create_world(settings, block)
    course = run_course(world, report)
    report("Writing down what the provider would know.")
    return Provider(
        settings=settings,
        tables=write_down(course),
        truth=provider_truth(course),
        types=types_table(patient_ids(world.people), world.people.manners),
        outcomes={each.enrollment.experiment.experiment_id: each for each in course.outcomes},
    )
