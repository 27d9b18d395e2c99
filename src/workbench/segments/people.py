"""The people of a segmentation, one row each inside the engine: who they are and what was known of them as of then.

Everybody in care, whether or not they agree to texts: groups describe patients, and lead to no message. What comes
back into memory is one row of counts per person, never an appointment or a text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.refusal import Fault, Refused
from workbench.segments.counting.answers import with_symptoms
from workbench.segments.counting.appointments import with_appointments, with_gaps
from workbench.segments.counting.demographics import with_demographics
from workbench.segments.counting.lookback import since
from workbench.segments.counting.needs import (
    GAPS,
    RESPONSES,
    asks_for,
    demographic_columns,
    state_columns,
)
from workbench.segments.counting.texts import with_confirmations, with_responses, with_texts
from workbench.segments.features.informative import refuse_nothing_asked
from workbench.segments.parameters import Segmentation
from workbench.segments.use.channels import with_channels
from workbench.segments.use.outcomes import with_outcomes
from workbench.tables.cohort import Cohort, Step, Studied, emptied_by
from workbench.tables.known import KnownTables

# A person new to the provider is taken to have been observed for this long, so that no rate explodes.
SHORTEST_WEEKS = 4.0

_Counting = Callable[[KnownTables, ir.Table, Segmentation], ir.Table]
# What is counted only where a feature is asked for that is made of one of these columns.
_WHERE_ASKED: dict[tuple[str, ...], _Counting] = {
    GAPS: with_gaps,
    ("confirmed",): with_confirmations,
    RESPONSES: with_responses,
    ("symptoms",): with_symptoms,
}


@dataclass(frozen=True)
class People:
    """Who is grouped, and the flow that led to them.

    `rows` has one row per person, sorted by patient_id: patient_id, consented, the columns of `profile_by` and of
    features that are words, weeks (observed within the lookback), and counts of what happened within it. `data_until`
    is the moment at which the newest appointment known was learned of.
    """

    rows: pd.DataFrame
    flow: tuple[Step, ...]
    data_until: datetime


def declared_cohort(settings: Segmentation) -> Cohort:
    """Everybody, adults unless minors are asked for; consent to texts is told of the groups and leaves nobody out."""
    return Cohort(settings.minors, goes_on_without=settings.goes_on_without, told_as="who are {}")


def people_in_care(known: KnownTables, settings: Segmentation) -> People:
    """Count what is known of everybody in care as of `settings.grouped_as_of`, and what happened since.

    Raises:
        Refused: nobody is left in the cohort, or the source records no time.
    """
    later, known = known, known.earlier(settings.grouped_as_of)
    studied = _studied(known, settings)
    _refuse_empty(studied.flow, known, settings)
    people = studied.rows.filter(studied.rows["in_care"] & studied.rows["enough"]).drop("in_care", "enough")
    people = with_texts(known, people, settings)
    for columns, with_them in _WHERE_ASKED.items():
        if asks_for(settings, columns):
            # Kept inside the engine one after another: all of them at once would need the memory of all.
            people = with_them(known, people.cache(), settings)
    demographics = demographic_columns(settings)
    if demographics:
        people = with_demographics(known, people, demographics)
    people = known.with_consent(people, "at", settings.consent_purpose)
    for column in state_columns(settings):
        people = known.with_state(people, "at", column)
    people = with_outcomes(with_channels(people, known, settings), later, settings)
    rows = people.drop("at").order_by("patient_id").execute()
    # Of all versions the newest is known last, so that none need be compared with another.
    newest = later.versions("appointments")["known_at"].max().execute()
    return People(rows.reset_index(drop=True), studied.flow, newest.to_pydatetime())


def check_segmentation(known: KnownTables, settings: Segmentation) -> None:
    """Refuse what cannot be grouped, by cheap queries, before anything long starts."""
    refuse_nothing_asked(settings)
    known = known.earlier(settings.grouped_as_of)
    _refuse_empty(_studied(known, settings).flow, known, settings)


def _studied(known: KnownTables, settings: Segmentation) -> Studied:
    """Everybody who may be studied, with in_care, weeks, enough and counts of appointments; and the flow."""
    if known.source.not_recorded.time is not None:
        raise Refused(
            Fault(
                f'source "{known.source.title}"',
                "it records no times, so that nothing can be told of the time before as_of.",
                "Choose a source that records when things happened.",
            )
        )
    first = ibis.literal(since(known, settings))
    patients = known.table("patients")
    begins = ibis.greatest(patients["enrolled_at"].fill_null(first), first)
    seconds = ibis.literal(known.moment).epoch_seconds() - begins.epoch_seconds()
    everyone = patients.select(
        "patient_id",
        at=ibis.literal(known.moment),
        in_care=patients["ended_at"].isnull() & patients["deceased_at"].isnull(),
        weeks=ibis.greatest(seconds / (7 * 86_400.0), SHORTEST_WEEKS),
    )
    everyone = with_appointments(known, everyone, settings)
    return known.studied(
        everyone.mutate(enough=everyone["due"] >= settings.least_appointments),
        f"{settings.people_noun.capitalize()} known by then",
        {"in care: neither discharged nor deceased": "in_care"},
        {
            f"with at least {settings.least_appointments} appointments due in the {settings.lookback_days} days "
            "before": "enough"
        },
    )


def _refuse_empty(flow: tuple[Step, ...], known: KnownTables, settings: Segmentation) -> None:
    if flow[-1].left > settings.groups_to:
        return
    lost = emptied_by(flow)
    what = (
        f'nobody is left after the step "{lost}".'
        if lost
        else f"fewer people are left than the {settings.groups_to} groups that are tried."
    )
    mend = "Choose a later as_of, a longer lookback_days, or a smaller least_appointments."
    raise Refused(Fault(f"cohort as of {known.as_of}", what, mend))
