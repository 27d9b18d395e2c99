"""Twilio's message log made into staged messages, replies and changes of consent."""

from workbench.ingest.reading import Export, Reading
from workbench.ingest.sms.accounts import log_accounts
from workbench.ingest.sms.consents import stage_changes, stage_consents
from workbench.ingest.sms.messages import stage_messages
from workbench.ingest.sms.replies import stage_ambiguous, stage_distress, stage_links, stage_replies
from workbench.ingest.sms.reply_words import read_reply_words
from workbench.ingest.sms.settings import TwilioFeed
from workbench.ingest.sms.template_matching import stage_templates
from workbench.ingest.sms.templates import read_templates
from workbench.ingest.sms.twilio_log import stage_log


def read_twilio(export: Export, feed: TwilioFeed) -> Reading:
    """Read a feed's files: texts sent by their templates, replies by what they say, changes of consent.

    Texts are matched and let go of while the files are read: no staged table holds one.

    Raises:
        Refused: a registry with faults, or files that cannot be trusted; see `stage_log`.
    """
    templates = read_templates(export.root / feed.templates, export.root)
    words = read_reply_words(export.root / feed.reply_words, export.root)
    engine = export.engine
    tables = {kind: f"{export.prefix}{kind}" for kind in ("messages", "replies", "consents")}
    lists = {kind: f"{export.prefix}{kind}" for kind in ("distress", "ambiguous_replies")}
    passing = {kind: f"{export.prefix}{kind}" for kind in ("log", "templates", "links", "changes")}
    name = {**tables, **lists, **passing}
    stage_log(export, feed, templates, words, name["log"])
    stage_templates(engine, name["templates"], templates)
    stage_links(engine, name["log"], name["templates"], name["links"])
    stage_changes(engine, name["log"], name["links"], name["changes"])
    stage_messages(engine, name["log"], name["templates"], feed.kind_of_unmatched, name["messages"])
    stage_replies(engine, name["links"], name["changes"], name["replies"])
    stage_consents(engine, name["changes"], name["consents"])
    stage_distress(engine, name["links"], name["distress"])
    stage_ambiguous(engine, name["links"], name["changes"], name["ambiguous_replies"])
    watched = f"{export.prefix}watched"
    engine.execute(
        f"CREATE TABLE {watched} AS SELECT DISTINCT phone AS token FROM {name['log']} WHERE phone IS NOT NULL"
    )
    accounts = log_accounts(engine, name)
    for table in passing.values():
        engine.execute(f"DROP TABLE {table}")
    return Reading(tables=tables, accounts=accounts, watched=watched, protected=lists)
