"""What a study of message load brings into memory: cells of texts, margins, opt-outs, and the load people bear."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.message_load.bands import LOAD, Bands
from workbench.message_load.causal.frequency import refuse_unknown_experiment
from workbench.message_load.consents import answers_a_text
from workbench.message_load.groups import kept_groups, with_segment
from workbench.message_load.parameters import MessageLoad
from workbench.message_load.risk_set import ARRIVED, at_risk, in_bands, refuse_empty, studied_texts, with_hour
from workbench.tables.cohort import Step
from workbench.tables.kept_groups import KeptGroups
from workbench.tables.known import KnownTables

# What each cell is of; `before_…` are sums beside it.
STATE = ("load", "earlier", "before", "tenure")
CELL = (*STATE, "kind", "hour", "campaign", "segment")
# Texts of smaller campaigns are put together.
CAMPAIGNS, OTHER_CAMPAIGNS = 24, "others"
MARGINS = ("load", "kind", "hour", "segment")
BORNE_DAYS = 28
# Texts in four weeks: none, up to one a week, up to two, up to four, more.
BORNE = Bands((0, 1, 5, 9, 17))
_SUMS = tuple(f"before_{place}" for place in range(len(LOAD)))


@dataclass(frozen=True)
class LoadCounts:
    """All that a study of message load knows of its data: counts.

    Attributes:
        cells: one row for each cell of bands that holds a text: the places of `CELL` (campaign and segment: its
            word), texts, opt_outs, and before_0, before_1, …, sums over its texts of the person's earlier texts by
            band of load.
        margins: by, place (segment: its word), people, texts and opt_outs, for each of `MARGINS`.
        opt_outs: people by answered ("text", "other"), route and reason.
        borne: people once texted who agree today, by segment and texts, the place of `BORNE`.
        people: adults who agreed and were texted in the days studied.
        flow: of texts.
        data_until: the older of the newest change of consent and the newest text known.
        groups: the kept segments that people are told apart by; None where it is a column.
    """

    cells: pd.DataFrame
    margins: pd.DataFrame
    opt_outs: pd.DataFrame
    borne: pd.DataFrame
    people: int
    flow: tuple[Step, ...]
    data_until: datetime
    groups: KeptGroups | None = None

    @property
    def texts(self) -> int:
        """Texts at risk."""
        return int(self.cells["texts"].sum())

    @property
    def answered(self) -> int:
        """Opt-outs that answer one of them."""
        return int(self.cells["opt_outs"].sum())


def load_counts(known: KnownTables, settings: MessageLoad) -> LoadCounts:
    """Count texts and opt-outs as known by `known.as_of`.

    Raises:
        Refused: no text is left, the source records no consent or no time, or the kept segments named are not
            there, or not from before the days studied.
    """
    studied = studied_texts(known, settings)
    groups = kept_groups(known, settings)
    refuse_empty(studied.flow, known)
    followed = at_risk(studied.rows, settings).cache()
    rows = in_bands(with_hour(known, followed.filter(followed["in_days"])))
    rows = _with_large_campaigns(with_segment(known, rows, settings).cache())
    return LoadCounts(
        cells=_cells(rows),
        margins=pd.concat([_margin(rows, by) for by in MARGINS], ignore_index=True),
        opt_outs=_opt_outs(known, followed, settings),
        borne=_borne(known, studied.rows, settings),
        people=int(rows["patient_id"].nunique().execute()),
        flow=studied.flow,
        data_until=_data_until(known),
        groups=groups,
    )


def check_message_load(known: KnownTables, settings: MessageLoad) -> None:
    """Refuse what cannot be studied, by a query or two, before anything long starts."""
    studied = studied_texts(known, settings)
    kept_groups(known, settings)
    refuse_empty(studied.flow, known)
    if settings.frequency_experiment is not None:
        refuse_unknown_experiment(known, settings.frequency_experiment)


def _with_large_campaigns(rows: ir.Table) -> ir.Table:
    """The texts with the names of the largest campaigns; those of all others are put together."""
    sizes = rows.group_by("campaign").agg(texts=rows.count())
    sizes = sizes.order_by(ibis.desc("texts"), "campaign").head(CAMPAIGNS).execute()
    large = rows["campaign"].isin([str(name) for name in sizes["campaign"]])
    return rows.mutate(campaign=large.ifelse(rows["campaign"], OTHER_CAMPAIGNS))


def _cells(rows: ir.Table) -> pd.DataFrame:
    sums = {name: rows[name].sum() for name in _SUMS}
    cells = rows.group_by(CELL).agg(texts=rows.count(), opt_outs=rows["opted_out"].sum(), **sums).execute()
    numbers = [name for name in cells.columns if name not in ("campaign", "segment")]
    return _ordered(cells.astype(dict.fromkeys(numbers, "int64")), CELL)


def _margin(rows: ir.Table, by: str) -> pd.DataFrame:
    counted = rows.group_by(place=rows[by].cast("string")).agg(
        people=rows["patient_id"].nunique(), texts=rows.count(), opt_outs=rows["opted_out"].sum()
    )
    counts = counted.execute().astype(dict.fromkeys(("people", "texts", "opt_outs"), "int64"))
    return _ordered(counts, ("place",)).assign(by=by)[["by", "place", "people", "texts", "opt_outs"]]


def _opt_outs(known: KnownTables, followed: ir.Table, settings: MessageLoad) -> pd.DataFrame:
    """The first opt-outs in the days studied of all who were texted before, by what they answer, how and why."""
    since = int((known.moment - timedelta(days=settings.lookback_days)).timestamp())
    left = followed.filter(followed["last"] & followed["ended"].notnull() & (followed["ended"] >= since))
    left = left.mutate(answered=answers_a_text(left, settings).ifelse("text", "other"))
    keys = ("answered", "route", "reason")
    counts = left.group_by(keys).agg(people=left.count()).execute()
    return _ordered(counts.astype({"people": "int64"}), keys)


def _borne(known: KnownTables, texted: ir.Table, settings: MessageLoad) -> pd.DataFrame:
    """Those ever texted who are in care and agree today, by segment and by how many texts came in four weeks."""
    patients = known.table("patients")
    in_care = patients.filter(patients["ended_at"].isnull() & patients["deceased_at"].isnull())
    # Consent counts here as of the day the study looks from.
    in_care = in_care.semi_join(texted, "patient_id")
    people = known.studied(in_care.select("patient_id", sent_at=ibis.literal(known.moment)), "in care").rows
    texts = known.table("messages")
    since = ibis.literal(known.moment - timedelta(days=BORNE_DAYS))
    texts = texts.filter(texts["status"].isin(ARRIVED) & (texts["sent_at"] >= since))
    texts = texts.group_by("patient_id").agg(number=texts.count())
    people = people.left_join(texts, "patient_id").drop("patient_id_right")
    people = with_segment(known, people, settings)
    people = people.mutate(texts=BORNE.of(people["number"].fill_null(0)))
    counts = people.group_by("segment", "texts").agg(people=people.count()).execute()
    return _ordered(counts.astype({"texts": "int64", "people": "int64"}), ("segment", "texts"))


def _data_until(known: KnownTables) -> datetime:
    newest = (known.table("messages")["known_at"].max(), known.table("consents")["changed_at"].max())
    return min(pd.Timestamp(each.execute()).to_pydatetime() for each in newest)


def _ordered(rows: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    return rows.sort_values(list(keys), ignore_index=True)
