"""The tables and columns that an A/B analysis reads, and what its metrics need that a source does not tell."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from workbench.experiments.counting.before import covariate_needs
from workbench.experiments.counting.happened import tables_of
from workbench.experiments.counting.people import untimed
from workbench.experiments.metrics import Metric
from workbench.experiments.models.design import confounded
from workbench.experiments.parameters import ABTest
from workbench.experiments.structure import levels_of, places_of
from workbench.refusal import Fault, nearest
from workbench.tables.kept_segments import referred
from workbench.tables.known import KnownTables

READ_WHERE_THERE: Mapping[str, tuple[str, ...]] = {
    "assignments": ("cluster_id", "epoch"),
    "messages": ("message_id", "patient_id", "campaign_id", "sent_at", "status"),
    "appointments": ("message_id",),
}
_KEYS = {
    "appointments": "appointment_id",
    "messages": "message_id",
    "replies": "reply_id",
    "surveys": "response_id",
}
_CONSENT = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
# What lies between assignment and outcome, and is to end what counts, must be told by the source.
_COMPOSITE = {
    "opt_out": ("consents", _CONSENT),
    "undelivered": ("messages", READ_WHERE_THERE["messages"]),
    "death": ("patients", ("patient_id", "deceased_at")),
    "discharge": ("patients", ("patient_id", "ended_at")),
}
# A message names no more than these.
MOST_NAMED = 12


def needed_columns(settings: ABTest, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns an A/B analysis reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    timed = recorded["time"]
    needed: dict[str, tuple[str, ...]] = {}

    def need(table: str, *columns: str) -> None:
        needed[table] = tuple(dict.fromkeys((*needed.get(table, ()), *columns)))

    need("assignments", "experiment_id", "patient_id", "arm", "probability")
    if timed:
        need("assignments", "assigned_at")
    if recorded["age"]:
        need("patients", "patient_id", "birth_year")
    if recorded["consent"]:
        need("consents", *_CONSENT)
    for table, columns in tables_of(settings.metrics).items():
        key = [_KEYS[table]] if table in _KEYS else []
        need(table, *key, *(_CONSENT if table == "consents" else columns if timed else ("patient_id",)))
    for table, columns in covariate_needs(settings).items():
        need(table, *columns)
    for name in settings.intercurrent_events.composite:
        need(_COMPOSITE[name][0], *_COMPOSITE[name][1])
    if settings.segment_by == "stratum":
        need("assignments", "stratum")
    elif settings.segment_by and referred(settings.segment_by) is None:
        need("patient_states", "patient_id", settings.segment_by, "valid_from", "known_at")
    return needed


def metric_faults(known: KnownTables, settings: ABTest) -> Iterator[Fault]:
    """Metrics that the source cannot tell of, for want of times or of answers; by cheap queries."""
    where = f"experiment {settings.experiment}, metrics"
    instruments: list[str] | None = None
    for metric in settings.metrics:
        if untimed(known) and metric.of != "booking":
            # Without times nothing lies inside a window, and no opt-out would look like safety.
            what = f"the source records no time, so that nobody can tell of {metric.name} within the window."
            yield Fault(where, what, f"Remove {metric.of} from metrics.")
        elif metric.kind == "score":
            if instruments is None:
                instruments = _instruments(known)
            if metric.of not in instruments:
                yield _without_answers(where, metric, instruments, known)


def factor_faults(arms: Sequence[str], settings: ABTest) -> Iterator[Fault]:
    """Arms that the factors do not name, or name without there being one; factors that change together."""
    if settings.factors is None:
        return
    where, named = f"experiment {settings.experiment}, factors", list(settings.factors)
    for arm in arms:
        if arm not in settings.factors:
            what = f'its arm "{arm}" is missing.{nearest(arm, [name for name in named if name not in arms])}'
            yield Fault(where, what, "Give the level of every factor in every arm.")
    for name in named:
        if name not in arms:
            what = f'"{name}" is none of its arms.{nearest(name, arms)}'
            yield Fault(where, what, f"Its arms: {', '.join(arms)}.")
    factors = levels_of(settings.factors, settings.control)
    sent = np.zeros([len(levels) for _, levels in factors], dtype=np.bool_)
    sent[tuple(zip(*places_of(settings.factors, settings.control).values(), strict=True))] = True
    yield from confounded(factors, sent)


def _instruments(known: KnownTables) -> list[str]:
    found = known.table("surveys")[["instrument"]].distinct().execute()["instrument"]
    return sorted(str(name) for name in found)


def _without_answers(where: str, metric: Metric, instruments: list[str], known: KnownTables) -> Fault:
    told = ", ".join(instruments[:MOST_NAMED]) or "none"
    what = f'nobody had answered "{metric.of}" by {known.as_of}.{nearest(metric.of, instruments)}'
    return Fault(where, what, f"Instruments with answers by then: {told}.")
