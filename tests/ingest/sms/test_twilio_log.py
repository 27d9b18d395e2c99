"""What the log's files hold, in both of Twilio's shapes, and what is refused."""

from datetime import UTC, datetime

import pytest

from workbench.refusal import Refused
from workbench.tables.schema import MESSAGE_STATUSES


def test_a_csv_becomes_messages(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when(), num_segments="2", price="-0.0158"),
        logs.sent(texts["invitation"], when(1), status="failed", error_code="30005", price="0"),
    )
    assert told.rows(
        "messages",
        "person_kind",
        "person_value",
        "campaign_id",
        "kind",
        "template_id",
        "tone",
        "personalization",
        "length",
        "cta",
        "status",
        "error_code",
        "parts",
        "price",
    ) == [
        (
            "phone",
            texts["patient"],
            "reminders",
            "reminder",
            "reminder-1",
            "neutral",
            "personalized",
            60,
            "confirm",
            "delivered",
            None,
            2,
            0.0158,
        ),
        (
            "phone",
            texts["patient"],
            None,
            "re_engagement",
            "come-back-1",
            None,
            None,
            len(texts["invitation"]),
            None,
            "failed",
            "30005",
            1,
            0.0,
        ),
    ]
    types = dict(
        row[:2] for row in told.engine.execute(f"DESCRIBE {told.reading.tables['messages']}").fetchall()
    )
    assert types["sent_at"] == types["known_at"] == "TIMESTAMP WITH TIME ZONE"
    assert told.account("messages sent").begins == when()
    assert told.account("messages sent").ends == when(1)


def test_json_lines_tell_when_a_message_was_updated(logs, texts, when):
    sent = logs.sent(
        texts["reminder"],
        when(),
        date_created="2026-11-02T11:59:58Z",
        date_updated="2026-11-02T12:00:07Z",
        error_code=None,
        num_media=0,
        subresource_uris={"media": "/x"},
    )
    waiting = logs.sent(
        texts["invitation"], when(), status="queued", date_sent=None, date_created="2026-11-03T00:00:00Z"
    )
    told = logs.read(logs.json(sent, waiting))
    seconds = "SELECT epoch(sent_at)::BIGINT, epoch(known_at)::BIGINT, status FROM feed0_messages ORDER BY 1"
    assert told.engine.execute(seconds).fetchall() == [
        (int(when().timestamp()), int(when().timestamp()) + 7, "delivered"),
        (*[int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())] * 2, "pending"),
    ]
    assert told.told("messages sent") == {"without a last update, known from when they were sent": 1}


@pytest.mark.parametrize(
    ("status", "canonical"),
    {
        "queued": "pending",
        "accepted": "pending",
        "scheduled": "pending",
        "sending": "pending",
        "sent": "sent",
        "delivered": "delivered",
        "read": "delivered",
        "partially_delivered": "delivered",
        "undelivered": "undelivered",
        "failed": "failed",
        "canceled": "canceled",
        "Delivered": "delivered",
    }.items(),
)
def test_every_status_has_its_canonical_one(logs, texts, when, status, canonical):
    assert canonical in MESSAGE_STATUSES
    assert logs.told(logs.sent(texts["reminder"], when(), status=status)).rows("messages", "status") == [
        canonical
    ]


def test_columns_may_stand_in_any_order_and_some_be_missing(logs, texts, when):
    one = logs.sent(texts["invitation"], when())
    lines = ["Sid,Body,Direction,To,Status,DateSent,Extra,From"]
    lines.append(f"{one['sid']},{one['body']},outbound-api,{one['to']},sent,{one['date_sent']},x,{one['from']}")
    told = logs.read(logs.text("\ufeff" + "\r\n".join(lines) + "\r\n"))
    assert told.rows("messages", "message_id", "status", "price", "parts") == [(one["sid"], "sent", None, None)]


def test_bodies_may_hold_line_ends_quotes_and_commas(logs, when):
    pattern = 'Dear {name},\nyou said "it helps", didn\'t you?\nBook again.'
    body = "Dear Quill,\r\nyou said “it helps”, didn’t   you?\n\nBook again. "
    template = {"id": "quoted", "pattern": pattern, "kind": "education"}
    told = logs.told(logs.sent(body, when()), templates=[template])
    assert told.rows("messages", "template_id", "length") == [("quoted", len(body))]


@pytest.mark.parametrize("name", ["log.csv.gz", "log.csv", "odd [1] *name?.csv"])
def test_tables_may_be_compressed_and_called_anything(logs, texts, when, name):
    told = logs.read(logs.csv(logs.sent(texts["reminder"], when()), name=name))
    assert len(told.rows("messages", "kind")) == 1


def test_several_files_of_both_shapes_are_read_as_one(logs, texts, when):
    table = logs.csv(logs.sent(texts["reminder"], when()))
    lines = logs.json(logs.received("C", when(1)), name="log.jsonl")
    told = logs.read(table, lines)
    assert told.rows("replies", "message_id") == told.rows("messages", "message_id")


def test_of_rows_of_one_message_the_last_update_counts(logs, texts, when):
    first = logs.sent(texts["reminder"], when(), status="sent", date_updated="2026-11-02T12:00:01Z")
    then = first | {"status": "undelivered", "date_updated": "2026-11-02T15:00:00Z", "error_code": 30003}
    told = logs.read(logs.json(then, name="a.json"), logs.json(first, name="b.json"))
    assert told.rows("messages", "status", "error_code") == [("undelivered", "30003")]
    assert told.dropped("messages sent") == {"told by another row of the same Sid": 1}


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02T12:00:00Z",
        "2026-11-02T12:00:00.000Z",
        "2026-11-02 12:00:00 UTC",
        "2026-11-02T07:00:00-05:00",
        "2026-11-02T14:00:00+0200",
        "Mon, 02 Nov 2026 12:00:00 +0000",
        "Mon, 02 Nov 2026 07:00:00 -0500",
        "Mon, 02 Nov 2026 12:00:00 GMT",
    ],
)
def test_times_of_both_norms_are_moments(logs, texts, when, written):
    told = logs.told(logs.sent(texts["reminder"], when(), date_sent=written))
    assert told.account("messages sent").begins == when()


def test_times_without_a_zone_need_a_rule(logs, texts, when):
    local = logs.sent(texts["reminder"], when(), date_sent="2026-11-02 07:00:00")
    path = logs.csv(local, logs.sent(texts["reminder"], when(1)))
    with pytest.raises(Refused) as refused:
        logs.read(path)
    (fault,) = refused.value.faults
    assert str(fault) == (
        "log.csv: there is 1 message with a time that does not say its zone, while others do. "
        "Name the zone of such times under time_zone."
    )
    assert logs.read(path, time_zone="America/New_York").account("messages sent").begins == when()


SECRET = "Body of somebody"


def broken_table(logs, when):
    good = ",".join(
        ["+15555550000", "+15555550123", SECRET, "sent", "2026-11-02T12:00:00Z", "SM1", "outbound-api"]
    )
    head = "From,To,Body,Status,SentDate,Sid,Direction"
    return logs.text("\n".join([head, good, good + ",more", SECRET, good]))


def broken_lines(logs, when):
    line = '{"sid": "SM1", "body": "' + SECRET
    return logs.text("\n".join([line, '{"sid": "SM2", "body": "x"}', line, "[1]"]), name="log.json")


def wrong_delimiter(logs, when):
    return logs.text(f"From;To;Body\n+1555;+1555;{SECRET}\n")


def rounded(logs, when):
    return logs.csv(logs.sent(SECRET, when(), to="1.55556E+10"), logs.sent(SECRET, when(), to="1.55556E+10"))


def no_header(logs, when):
    return logs.text(f"+15555550000,+15555550123,{SECRET},sent\n")


def of_another_format(logs, when):
    return logs.json({"resourceType": "Patient", "id": SECRET})


def twice_named(logs, when):
    return logs.text(f"From,To,Body,Body,Status,SentDate,Sid,Direction\n+1,+1,{SECRET},x,sent,x,SM1,inbound\n")


def web_page(logs, when):
    return logs.text(f"<!DOCTYPE html><html>{SECRET}</html>")


def another_ending(logs, when):
    return logs.text(SECRET, name="log.xlsx")


def cut_off(logs, when):
    path = logs.json(*[logs.sent(SECRET, when()) for _ in range(50)])
    path.write_bytes(path.read_bytes()[:-20])
    return path


def unknown_words(logs, when):
    return logs.csv(
        logs.sent(SECRET, when(), status="lost"),
        logs.sent(SECRET, when(), direction="sideways"),
        logs.sent(SECRET, when(), date_sent="11/02/2026 noon"),
        logs.sent(SECRET, when(), date_sent="2026-11-02"),
        logs.sent(SECRET, when(), price="cheap"),
    )


def no_direction(logs, when):
    return logs.csv(logs.sent(SECRET, when()), without=("direction",))


@pytest.mark.parametrize(
    ("made", "sentences"),
    [
        (broken_table, ["2 lines cannot be read as columns as its header has"]),
        (broken_lines, ["3 lines cannot be read as JSON objects"]),
        (wrong_delimiter, ["divided by semicolons"]),
        (rounded, ['column "To" holds identifiers rounded by a spreadsheet', "in 2 rows"]),
        (no_header, ['there is no column "sid"', 'there is no column "from"', "nothing says which messages"]),
        (of_another_format, ["no row has a Sid"]),
        (twice_named, ["names body twice"]),
        (web_page, ["it is a web page"]),
        (another_ending, ["neither CSV nor JSON lines"]),
        (cut_off, ["cut off or broken"]),
        (
            unknown_words,
            [
                "1 message sent with a status that Twilio does not know",
                "1 message without a direction that Twilio knows",
                "2 messages with a time that is neither ISO 8601 nor RFC 2822",
                "1 message with segments or a price that is no number",
            ],
        ),
        (no_direction, ["nothing says which messages were sent", "own_numbers"]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_cannot_be_trusted_is_refused_and_not_repeated(logs, when, made, sentences):
    path = made(logs, when)
    with pytest.raises(Refused) as refused:
        logs.read(path)
    told = str(refused.value)
    assert all(sentence in told for sentence in sentences), told
    assert all(fault.where == path.name for fault in refused.value.faults)
    assert "somebody" not in told
    assert refused.value.__cause__ is None


def test_all_files_faults_are_told_at_once(logs, texts, when):
    files = [
        logs.text("a;b\n", name="a.csv"),
        logs.csv(logs.sent(texts["reminder"], when(), status="lost"), name="b.csv"),
        logs.csv(logs.sent(texts["reminder"], when()), name="c.csv"),
    ]
    with pytest.raises(Refused) as refused:
        logs.read(*files)
    assert [fault.where for fault in refused.value.faults] == ["a.csv", "b.csv"]


def test_own_numbers_tell_who_wrote_where_the_log_does_not(logs, texts, when):
    path = logs.csv(
        logs.sent(texts["reminder"], when()),
        logs.received("C", when(1)),
        logs.sent(texts["reminder"], when(2), **{"from": texts["other_own"]}),
        without=("direction",),
    )
    told = logs.read(path, own_numbers=["(555) 555-0000"])
    assert len(told.rows("messages", "kind")) == len(told.rows("replies", "intent")) == 1
    others = told.account("messages of others")
    assert (others.read, others.used) == (1, 0)


def test_messages_of_numbers_that_are_not_the_providers_are_left_out(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when()),
        logs.sent(texts["reminder"], when(), **{"from": "88 77 66"}),
        logs.sent(texts["reminder"], when(), **{"from": texts["other_own"]}),
        own_numbers=[texts["own"], "887766"],
    )
    assert told.account("messages sent").used == 2
    assert told.dropped("messages sent") == {"of numbers that are not the provider's": 1}


def test_what_is_no_text_message_of_somebody_is_left_out_for_a_reason(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when(), to="whatsapp:+15555550123"),
        logs.sent(texts["reminder"], when(), to="12345"),
        logs.sent(texts["reminder"], when(), sid=""),
        logs.sent(texts["reminder"], when(), date_sent=""),
        logs.sent("", when()),
        logs.sent("Something nobody registered", when()),
        logs.sent(texts["reminder"], when(), to="sms:(555) 555-0123"),
        logs.received("C", when(1), sender="messenger:4711"),
    )
    assert told.dropped("messages sent") == {
        "of another channel than text messages, such as WhatsApp": 1,
        "to or from what is no phone number": 1,
        "without a Sid": 1,
        "without a time": 1,
        "without a text, as those whose text was erased": 1,
        "that no template matches": 1,
    }
    assert told.rows("messages", "person_value") == [texts["patient"]]
    assert told.dropped("replies") == {"of another channel than text messages, such as WhatsApp": 1}


def test_unmatched_texts_may_be_kept_under_a_declared_kind(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when()), logs.sent("Unheard of", when(1)), kind_of_unmatched="education"
    )
    assert told.rows("messages", "kind", "template_id", "length") == [
        ("reminder", "reminder-1", 60),
        ("education", None, 10),
    ]
    assert (
        told.told("messages sent")["that no template matches, kept under the kind the source file names"] == 1
    )


def test_prices_in_another_currency_are_told(logs, texts, when):
    told = logs.told(logs.sent(texts["reminder"], when(), price="-0.05", price_unit="eur"))
    assert told.told("messages sent")["priced in another currency than US dollars"] == 1
    assert told.rows("messages", "price") == [0.05]


def test_an_empty_log_tells_of_nothing(logs):
    told = logs.told()
    assert [(each.records, each.read) for each in told.reading.accounts] == [
        ("messages sent", 0),
        ("replies", 0),
        ("changes of consent", 0),
    ]
    assert told.account("replies").begins is None


def test_no_text_stays_in_the_engine(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when()), logs.received("Zorbara here, my secret is safe", when(1))
    )
    tables = [name for (name,) in told.engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert sorted(tables) == [
        "feed0_ambiguous_replies",
        "feed0_consents",
        "feed0_distress",
        "feed0_messages",
        "feed0_replies",
        "feed0_watched",
    ]
    for table in tables:
        held = str(told.engine.execute(f"SELECT CAST(t AS VARCHAR) FROM {table} AS t").fetchall())
        assert "Zorbara" not in held
        assert "secret" not in held
    assert told.engine.execute("FROM feed0_watched").fetchall() == [(texts["patient"],)]
