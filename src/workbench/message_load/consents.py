"""The story of each person's consent: when it began, when it first ended, and by what."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.message_load.bands import NOT_RECORDED
from workbench.message_load.parameters import MessageLoad
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

# How an opt-out came; those by text or by a block at the platform can answer a text, others were told to somebody.
BY_TEXT = ("keyword", "platform_block")
ROUTES = (*BY_TEXT, "staff", "web", "guardian", "intake_prompt")
# The codes of reasons, from 1 on, in which an instrument of surveys holds them.
REASONS = ("too_many", "wrong_time", "not_relevant", "other_channel", "privacy")
# An answer given within these days of an opt-out is about it.
_REASON_FROM, _REASON_TO = timedelta(days=-1), timedelta(days=14)


def whole_seconds(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds from 1970-01-01, UTC, to a moment."""
    return seconds_of(moment).floor().cast("int64")


def consent_stories(known: KnownTables, settings: MessageLoad) -> ir.Table:
    """One row for everybody who ever agreed: patient_id, began, ended (null where it goes on), route and reason.

    Moments are whole seconds; an opt-out ends a consent, so that a second one after another ends nothing. Texts after
    a return belong to no story: who returns has shown what most have not.
    """
    changes = known.consent_changes(settings.consent_purpose)
    source = changes["source"] if known.has("consents", "source") else ibis.null("string")
    changes = changes.select(
        "patient_id",
        "status",
        second=whole_seconds(changes["changed_at"]),
        route=source.fill_null(NOT_RECORDED),
    )
    # Of changes of one moment the last in the alphabet counts, as everywhere: an opt-out after an opt-in.
    told = ibis.window(group_by="patient_id", order_by=["second", "status", "route"])
    changes = changes.mutate(status_before=changes["status"].lag().over(told))
    agreed = changes.filter(changes["status"] == "opt_in")
    began = agreed.group_by("patient_id").agg(began=agreed["second"].min())
    left = changes.filter((changes["status"] == "opt_out") & (changes["status_before"] == "opt_in"))
    left = left.mutate(place=ibis.row_number().over(ibis.window(group_by="patient_id", order_by="second")))
    left = left.filter(left["place"] == 0).select("patient_id", ended="second", route="route")
    stories = began.left_join(left, "patient_id").drop("patient_id_right")
    return _with_reason(known, stories, settings)


def _with_reason(known: KnownTables, stories: ir.Table, settings: MessageLoad) -> ir.Table:
    """Adds reason: the first coded answer about an opt-out; "not recorded" where there is none."""
    if settings.reasons_from is None:
        return stories.mutate(reason=ibis.literal(NOT_RECORDED))
    answers = known.table("surveys")
    answers = answers.filter(
        (answers["instrument"] == settings.reasons_from) & answers["score"].between(1, len(REASONS))
    )
    answers = answers.select("patient_id", code="score", second=whole_seconds(answers["responded_at"]))
    about = stories.filter(stories["ended"].notnull()).join(answers, "patient_id")
    apart = about["second"] - about["ended"]
    about = about.filter(apart.between(int(_REASON_FROM.total_seconds()), int(_REASON_TO.total_seconds())))
    first = ibis.row_number().over(ibis.window(group_by="patient_id", order_by=["second", "code"]))
    about = about.mutate(place=first)
    about = about.filter(about["place"] == 0)
    words = ibis.cases(*((about["code"].floor() == code, word) for code, word in enumerate(REASONS, 1)))
    joined = stories.left_join(about.select("patient_id", reason=words), "patient_id")
    return joined.select(*stories.columns, reason=joined["reason"].fill_null(NOT_RECORDED))


def answers_a_text(rows: ir.Table, settings: MessageLoad) -> ir.BooleanValue:
    """Whether an opt-out answers the last text before it: given by text, or unknown how, and soon enough.

    Args:
        rows: with ended, route and second, the last text's.
        settings: the parameters.
    """
    soon = rows["ended"] - rows["second"] <= settings.attribution_hours * 3600
    return (rows["ended"].notnull() & soon & rows["route"].isin([*BY_TEXT, NOT_RECORDED])).fill_null(False)
