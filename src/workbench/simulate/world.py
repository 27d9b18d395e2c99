"""The world before anything happens: people, treatment phases, staff and clocks."""

from dataclasses import dataclass

from workbench.simulate.clinics import Staff, draw_staff
from workbench.simulate.columns import DAY
from workbench.simulate.local_time import LocalTime
from workbench.simulate.phases import Phases, draw_phases
from workbench.simulate.population import Population, draw_population
from workbench.simulate.randomness import Block, Streams
from workbench.simulate.settings import ProviderSettings


@dataclass(frozen=True)
class World:
    """What is there before anything happens, and the random streams for what will."""

    settings: ProviderSettings
    streams: Streams
    clock: LocalTime
    people: Population
    phases: Phases
    staff: Staff


def create_world(settings: ProviderSettings, block: Block | None = None) -> World:
    """Draw the people, their treatment phases, and the clinics' staff; of one block where it is given."""
    streams = Streams(settings.seed, block)
    people = draw_population(streams, settings)
    return World(
        settings=settings,
        streams=streams,
        clock=LocalTime.between(settings.start - 200 * DAY, settings.end + 300 * DAY),
        people=people,
        phases=draw_phases(streams, settings, people),
        staff=draw_staff(streams, settings),
    )
