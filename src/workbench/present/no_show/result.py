"""The typed result of a no-show study."""

from workbench.no_show.analysis import MODEL_LIST, Analysis
from workbench.no_show.verdict import NoShowVerdict
from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.no_show.card_tables import card_tables
from workbench.present.no_show.decisions_metrics import clinic_day_metrics
from workbench.present.no_show.effect_metrics import effect_metrics
from workbench.present.no_show.monitoring import alarm_metrics
from workbench.present.no_show.score_metrics import group_metrics, headline_score, score_metrics
from workbench.present.no_show.sentences import checks_in_words, verdict_in_words
from workbench.present.no_show.tables import no_show_tables
from workbench.present.no_show.validation import validation_metrics
from workbench.present.result import Metric, StudyResult


def no_show_result(analysis: Analysis, verdict: NoShowVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        analysis: from `analyze`.
        verdict: from `decide`.
    """
    profile = PROFILES[analysis.settings.disclosure]
    tables = no_show_tables(analysis, profile)
    metrics = hide_metrics(_metrics(analysis, verdict), tables, profile)
    until = analysis.appointments.data_until
    return StudyResult(
        study="no_show",
        as_of=analysis.settings.as_of.isoformat(),
        data_until=until.isoformat(timespec="minutes") if until else None,
        verdict=verdict_in_words(analysis, verdict),
        metrics=metrics,
        checks=checks_in_words(analysis, verdict),
        tables=[*tables, *card_tables(analysis, metrics, tables)],
        headline_metric=headline_score(analysis),
    )


def _metrics(analysis: Analysis, verdict: NoShowVerdict) -> list[Metric]:
    return [
        *score_metrics(analysis, verdict),
        *group_metrics(analysis),
        *_reminders(analysis),
        *clinic_day_metrics(analysis),
        *effect_metrics(analysis),
        *validation_metrics(analysis),
        *alarm_metrics(analysis),
    ]


def _reminders(analysis: Analysis) -> list[Metric]:
    asked = analysis.reminders.at(MODEL_LIST, analysis.settings.calls_per_day)
    of = {"model": analysis.chosen, "rule": f"{asked.calls_per_day} calls per day"}
    return [
        Metric(name="caught_share", of=of, value=asked.share_caught, unit="share of no-shows"),
        Metric(name="list_precision", of=of, value=asked.precision, unit="share of calls"),
    ]
