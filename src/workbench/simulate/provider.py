"""The simulated provider as a whole: settings in, canonical tables and their truth out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from workbench.simulate.course import Report, run_course
from workbench.simulate.patient_types import types_table
from workbench.simulate.population import patient_ids
from workbench.simulate.reactions import PotentialOutcomes
from workbench.simulate.records import write_down
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.truth import provider_truth
from workbench.simulate.world import create_world


@dataclass(frozen=True)
class Provider:
    """A simulated provider.

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


def simulate_provider(settings: ProviderSettings, report: Report = keep_quiet) -> Provider:
    """Simulate a provider. The same settings give the same tables.

    Args:
        settings: size, seed, dates and scenario.
        report: called with one sentence at each stage of the work.
    """
    report(f"Drawing {settings.patients:,} patients.")
    world = create_world(settings)
    course = run_course(world, report)
    report("Writing down what the provider would know.")
    return Provider(
        settings=settings,
        tables=write_down(world, course),
        truth=provider_truth(world, course),
        types=types_table(patient_ids(world.people), world.people.manners),
        outcomes={each.enrollment.experiment.experiment_id: each for each in course.outcomes},
    )
