"""All scenarios by name: the one place in which a scenario is enrolled."""

from workbench.refusal import Fault, Refused, nearest
from workbench.simulate.scenarios.broken_assumptions import FADING_EFFECT, HEAVY_TAILS, INFORMATIVE_DROPOUT
from workbench.simulate.scenarios.broken_trials import BROKEN_RANDOMIZER, HOUSEHOLDS, LATE_OUTCOMES
from workbench.simulate.scenarios.consent import CONSENT_PROMPTS
from workbench.simulate.scenarios.declaration import Scenario
from workbench.simulate.scenarios.default import DEFAULT, NOTHING
from workbench.simulate.scenarios.frequency import OVER_MESSAGING
from workbench.simulate.scenarios.reminders import RISK_TARGETED, SEGMENTED
from workbench.simulate.scenarios.roll_out import DRIFTING_BASE, STAGED_ROLLOUT
from workbench.simulate.scenarios.wordings import MOTIVATIONAL, RE_ENGAGEMENT

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        DEFAULT,
        NOTHING,
        CONSENT_PROMPTS,
        MOTIVATIONAL,
        RE_ENGAGEMENT,
        SEGMENTED,
        RISK_TARGETED,
        STAGED_ROLLOUT,
        OVER_MESSAGING,
        BROKEN_RANDOMIZER,
        LATE_OUTCOMES,
        HOUSEHOLDS,
        FADING_EFFECT,
        DRIFTING_BASE,
        HEAVY_TAILS,
        INFORMATIVE_DROPOUT,
    )
}


def scenario_named(name: str) -> Scenario:
    """The scenario of a name.

    Raises:
        Refused: where there is none, with all that there are.
    """
    if isinstance(name, str) and name in SCENARIOS:
        return SCENARIOS[name]
    what = f'there is no scenario "{name}".{nearest(str(name), SCENARIOS)}'
    raise Refused(Fault("scenario", what, "Give one of:\n" + "\n".join(listing())))


def listing() -> list[str]:
    """A line per scenario: its name and its title."""
    width = max(map(len, SCENARIOS))
    return [f"{name:{width}}  {scenario.title}" for name, scenario in SCENARIOS.items()]
