"""What may be asked of the simulated provider: its size, its seed, its dates and its scenario."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workbench.refusal import Fault, Refused
from workbench.simulate.scenarios.catalog import scenario_named
from workbench.simulate.scenarios.declaration import Scenario

FEWEST_PATIENTS = 200
MOST_PATIENTS = 5_000_000
# The experiments begin 133 days before the end; before them, patients need a history.
FEWEST_DAYS = 210
MOST_DAYS = 5 * 366
USUAL_DAYS = 78 * 7
WIDEST_SEPARATION = 2.0


@dataclass(frozen=True)
class ProviderSettings:
    """The settings of one simulated provider, checked when they are made.

    Attributes:
        patients: people in the provider's books, 200 to 5,000,000.
        seed: the same seed and settings give the same bytes.
        ends_on: the data end at the midnight (UTC) with which this day begins; a Monday by default.
        starts_on: the first day of the data; 78 weeks before the end where it is not given.
        scenario: the name of a scenario; `workbench.simulate.scenarios.catalog` lists them.
        separation: how far the types of patients lie apart, 0 (people differ along continua alone) to 2.

    Raises:
        Refused: with every setting that is out of its range.
    """

    patients: int = 24_000
    seed: int = 1
    ends_on: date = date(2026, 11, 16)
    starts_on: date | None = None
    scenario: str = "default"
    separation: float = 1.0

    def __post_init__(self) -> None:
        faults = [
            *_range_faults(self),
            *_date_faults(self),
            *_scenario_faults(self),
            *_separation_faults(self),
        ]
        if faults:
            raise Refused(*faults)

    @property
    def declared(self) -> Scenario:
        """What the scenario declares."""
        return scenario_named(self.scenario)

    @property
    def first_day(self) -> date:
        """The first day of the data."""
        return self.starts_on or self.ends_on - timedelta(days=USUAL_DAYS)

    @property
    def start(self) -> int:
        """The moment at which the data start, in seconds since 1970 UTC."""
        return epoch_seconds(self.first_day)

    @property
    def end(self) -> int:
        """The moment at which the data end, in seconds since 1970 UTC."""
        return epoch_seconds(self.ends_on)


def epoch_seconds(day: date) -> int:
    """The midnight (UTC) with which a day begins, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _range_faults(settings: ProviderSettings) -> list[Fault]:
    faults = []
    for name, given, least, most in (
        ("patients", settings.patients, FEWEST_PATIENTS, MOST_PATIENTS),
        ("seed", settings.seed, 0, 2**63 - 1),
    ):
        if isinstance(given, bool) or not isinstance(given, int):
            faults.append(Fault(name, f"{given!r} is not a whole number.", "Give one."))
        elif not least <= given <= most:
            mend = f"Give a number from {least:,} to {most:,}."
            faults.append(Fault(name, f"{given:,} is out of range.", mend))
    return faults


def _date_faults(settings: ProviderSettings) -> list[Fault]:
    end, start = settings.ends_on, settings.starts_on
    faults = [
        Fault(name, f"{day!r} is not a date.", "Give one such as 2026-11-16.")
        for name, day in (("ends_on", end), ("starts_on", start))
        if not (type(day) is date or (name == "starts_on" and day is None))
    ]
    if faults:
        return faults
    if not 2000 <= end.year <= 2100:
        return [Fault("ends_on", f"{end} is out of range.", "Give a date from 2000 to 2100.")]
    if start and not FEWEST_DAYS <= (end - start).days <= MOST_DAYS:
        what = f"{start} lies {(end - start).days:,} days before the end of the data."
        return [Fault("starts_on", what, f"Give a date {FEWEST_DAYS} to {MOST_DAYS:,} days before it.")]
    return []


def _scenario_faults(settings: ProviderSettings) -> list[Fault]:
    try:
        scenario_named(settings.scenario)
    except Refused as refused:
        return list(refused.faults)
    return []


def _separation_faults(settings: ProviderSettings) -> list[Fault]:
    given = settings.separation
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= WIDEST_SEPARATION:
        mend = f"Give a number from 0 to {WIDEST_SEPARATION:g}."
        return [Fault("separation", f"{given!r} is out of range.", mend)]
    return []
