"""Who of a list is handed back: everybody is looked at again, as the tables stand at that moment.

Whoever died is on no list. Whoever left is on none but those of replies, which somebody has to read and answer whoever
wrote them. Texts go to those alone who may be texted, within the hours of their own day, and not beyond the ceiling.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.parameters.base import Unrecorded
from workbench.parameters.schedule import zone_names
from workbench.refusal import Fault, Refused
from workbench.settings import HandBack
from workbench.tables.cohort import Cohort, Purpose
from workbench.tables.known import KnownTables, Tables
from workbench.tables.quality.texting import QUIET_FROM_HOUR, QUIET_UNTIL_HOUR

Reason = Literal[
    "unknown",
    "held_out",
    "deceased",
    "discharged",
    "not_booked",
    "do_not_text",
    "not_agreed",
    "no_zone",
    "ceiling",
]
# In the order in which they are looked for: a person is counted once, at the first that holds.
REASONS: tuple[Reason, ...] = (
    "unknown",
    "held_out",
    "deceased",
    "discharged",
    "not_booked",
    "do_not_text",
    "not_agreed",
    "no_zone",
    "ceiling",
)
REASONS_OF_CALLS = REASONS[:5]
# What a source must tell before anybody is called, and before anybody is texted.
NEEDED = ("deceased_at", "ended_at")
NEEDED_FOR_TEXTS = (*NEEDED, "do_not_text", "time_zone")


DAY_BEGINS, DAY_ENDS = time(QUIET_UNTIL_HOUR), time(QUIET_FROM_HOUR)
_OWN = ("send_from", "send_until")


@dataclass(frozen=True)
class Window:
    """The first hours in which a text may go to a person, in UTC; `waits` where it is night there now."""

    not_before: datetime
    not_after: datetime
    waits: bool


def known_now(tables: Tables, now: datetime) -> KnownTables:
    """The tables with all that they hold by now, for adults; consent and age stay what they are where unrecorded."""
    unrecorded = cast("dict[Unrecorded, str]", tables.source.not_recorded.named())
    reasons = dict.fromkeys(unrecorded, "Who may be texted is refused where it is not told.")
    return tables.known(now.astimezone(UTC).date() + timedelta(days=1), Cohort(goes_on_without=reasons))


def states_of(
    known: KnownTables, people: pd.Series, texts: Purpose | None, *, doubtful: bool = False
) -> pd.DataFrame:
    """What is known of listed people: one row each, by patient_id.

    Columns deceased, discharged; where the list leads to texts also do_not_text, may_be_texted and time_zone.

    Args:
        known: the tables as they stand now.
        people: pseudonyms, each once.
        texts: the purpose of the texts; None where the list leads to none.
        doubtful: whether people are handed back though the source does not tell who died or left.

    Raises:
        Refused: the source does not tell what must be known.
    """
    needed = NEEDED if texts is None else NEEDED_FOR_TEXTS
    missing = [name for name in needed if not known.has("patients", name)]
    if missing and not doubtful:
        mend = "Take a source that tells it; nobody is called or texted on doubt."
        raise Refused(
            *(Fault("people listed", f'table patients has no column "{name}".', mend) for name in missing)
        )
    listed = ibis.memtable(pd.DataFrame({"patient_id": people.astype("str")}))
    patients = known.table("patients")
    patients = patients.select("patient_id", *(name for name in needed if name in patients.columns))
    found = _collected(patients, listed).set_index("patient_id").reindex(people)

    def told(name: str) -> pd.Series:
        return found[name] if name in found else pd.Series(None, index=found.index, dtype="object")

    states = pd.DataFrame(
        {"deceased": told("deceased_at").notna(), "discharged": told("ended_at").notna()}, index=found.index
    )
    if texts is None:
        return states
    allowed = set(_collected(known.may_be_texted(texts), listed)["patient_id"])
    return states.assign(
        do_not_text=told("do_not_text").eq(True),
        may_be_texted=found.index.isin(allowed),
        time_zone=told("time_zone").where(told("time_zone").isin(sorted(zone_names()))),
    )


def still_booked(known: KnownTables, appointments: pd.Series, now: datetime) -> set[str]:
    """Those of the appointments that are still to come, and not called off; the days of made-up sources are no days."""
    listed = ibis.memtable(pd.DataFrame({"appointment_id": appointments.astype("str").unique()}))
    rows = known.table("appointments").semi_join(listed, "appointment_id")
    rows = rows.filter(rows["status"] == "scheduled")
    if not known.source.simulated:
        rows = rows.filter(rows["starts_at"] > ibis.literal(now))
    return set(rows.select("appointment_id").execute()["appointment_id"])


def _collected(rows: ir.Table, listed: ir.Table) -> pd.DataFrame:
    """The rows of those listed; the list goes to the engine, and not the people of the engine here."""
    return rows.semi_join(listed, "patient_id").execute()


def texts_since(known: KnownTables, people: pd.Series, since: datetime) -> tuple[pd.Series, datetime | None]:
    """How many texts each has got from a moment on, by patient_id; and until when the log tells.

    Raises:
        Refused: the source has no log of messages.
    """
    if not known.has("messages", "sent_at"):
        what = "its source has no log of messages, so that nobody knows how many texts a person got."
        raise Refused(Fault("people listed", what, "Take a source that tells it; nobody is texted on doubt."))
    texts = known.table("messages")
    texts = texts.filter(texts["status"].isin(("delivered", "sent", "pending")))
    recent = texts.filter(texts["sent_at"] >= ibis.literal(since))
    listed = ibis.memtable(pd.DataFrame({"patient_id": people.astype("str")}))
    counted = recent.semi_join(listed, "patient_id").group_by("patient_id").agg(texts=lambda rows: rows.count())
    counts = counted.execute().set_index("patient_id")["texts"].reindex(people).fillna(0).astype("int64")
    newest = texts["sent_at"].max().execute()
    return counts, None if pd.isna(newest) else pd.Timestamp(newest).to_pydatetime()


def reasons(people: pd.DataFrame, policy: HandBack) -> pd.Series:
    """Why each listed person is left out; None for those who are handed back.

    Args:
        people: one row each: known (a record number), held_out, deceased, discharged, rows (of the list, but for
            appointments that no longer stand), and where the list leads to texts do_not_text, may_be_texted, time_zone
            and texts (those of the days of the ceiling).
        policy: the ceiling.
    """
    holds: dict[Reason, pd.Series] = {
        "unknown": ~people["known"],
        "held_out": people["held_out"],
        "deceased": people["deceased"],
        "discharged": people["discharged"],
        "not_booked": people["rows"] == 0,
    }
    if "may_be_texted" in people:
        holds |= {
            "do_not_text": people["do_not_text"],
            "not_agreed": ~people["may_be_texted"],
            "no_zone": people["time_zone"].isna(),
            "ceiling": people["texts"] + people["rows"] > policy.most_texts,
        }
    told = [name for name in REASONS if name in holds]
    found = np.select([holds[name].to_numpy(bool) for name in told], told, default="")
    return pd.Series(found, index=people.index, dtype="object").replace("", None)


def windows(people: pd.DataFrame, now: datetime) -> dict[str, Window]:
    """By person, the hours in which a text may go: what is left of the day there, or the next day.

    Args:
        people: time_zone of each, by pseudonym; and send_from and send_until where their study has hours of its own.
        now: the moment.
    """
    own = {"send_from", "send_until"} <= set(people)
    found = {}
    for person, told in people.iterrows():
        zone = ZoneInfo(told["time_zone"])
        opens, closes = (told[name].astimezone(zone).time() for name in _OWN) if own else (DAY_BEGINS, DAY_ENDS)
        # No study's hours reach into the night.
        found[str(person)] = window(zone, now, max(opens, DAY_BEGINS), min(closes, DAY_ENDS))
    return found


def window(zone: ZoneInfo, now: datetime, opens: time = DAY_BEGINS, closes: time = DAY_ENDS) -> Window:
    """The first hours from now on between two hours of the clock of a zone."""
    here = now.astimezone(zone)
    day = here.date() + timedelta(days=1) if here.time() >= closes else here.date()
    begins, ends = (datetime.combine(day, hour, zone).astimezone(UTC) for hour in (opens, closes))
    return Window(max(begins, now.astimezone(UTC)), ends, begins > now)
