"""The causal analysis of message load in two steps: what is loaded from the tables, and what is made of it."""

from dataclasses import dataclass

from workbench.message_load.causal.ceiling import find_ceiling, hypothesis
from workbench.message_load.causal.effects import load_effects
from workbench.message_load.causal.frequency import ArmCounts, frequency_arms
from workbench.message_load.causal.person_weeks import PersonWeeks, person_weeks
from workbench.message_load.causal.results import Ceiling, LoadEffects, Saturation
from workbench.message_load.causal.saturation import find_saturation
from workbench.message_load.causal.settings import CausalSettings
from workbench.tables.cohort import Step
from workbench.tables.known import KnownTables


@dataclass(frozen=True)
class CausalData:
    """What is loaded: person-weeks, and the arms of an experiment on frequency with the flow of its people."""

    weeks: PersonWeeks
    arms: tuple[ArmCounts, ...] = ()
    arms_flow: tuple[Step, ...] = ()


@dataclass(frozen=True)
class CausalAnalysis:
    """What texts do, the load that is enough, and the ceiling or the hypothesis in its place."""

    effects: LoadEffects
    saturation: Saturation
    ceiling: Ceiling


def load_causal(known: KnownTables, settings: CausalSettings) -> CausalData:
    """Person-weeks, and the arms of `settings.experiment` where one is named; see `person_weeks`, `frequency_arms`."""
    weeks = person_weeks(known, settings)
    if settings.experiment is None:
        return CausalData(weeks)
    return CausalData(weeks, *frequency_arms(known, settings.experiment, settings, settings.window_days))


def analyze_causal(data: CausalData, settings: CausalSettings) -> CausalAnalysis:
    """Curves, saturation and ceiling.

    Raises:
        Refused: nobody was followed for four weeks.
    """
    effects = load_effects(data.weeks, settings)
    saturation = find_saturation(effects, settings)
    if settings.experiment is None:
        return CausalAnalysis(effects, saturation, hypothesis(effects, settings, settings.window_days))
    ceiling = find_ceiling(data.arms, settings.experiment, settings.window_days, effects, settings)
    return CausalAnalysis(effects, saturation, ceiling)
