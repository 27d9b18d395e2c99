"""Which text a reply answers, and what it means as an answer."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOURS = 72


@pytest.mark.parametrize(
    ("hours", "seconds", "answers"),
    [(0, 1, True), (1, 0, True), (72, 0, True), (72, 1, False), (100, 0, False), (0, 0, False), (-1, 0, False)],
)
def test_a_reply_belongs_to_a_text_of_the_72_hours_before(logs, texts, when, hours, seconds, answers):
    sent = logs.sent(texts["reminder"], when())
    told = logs.told(sent, logs.received("C", when(hours, seconds)))
    assert told.rows("replies", "message_id", "intent") == [(sent["sid"] if answers else None, "confirm")]
    alone = {} if answers else {"to no text of the last 72 hours": 1}
    assert told.told("replies") == alone


def test_it_belongs_to_the_last_one(logs, texts, when):
    first, last = logs.sent(texts["reminder"], when()), logs.sent(texts["invitation"], when(2))
    told = logs.told(
        first,
        last,
        logs.sent(texts["reminder"], when(5)),
        logs.sent(texts["reminder"], when(3), to=texts["neighbor"]),
        logs.received("ok", when(1)),
        logs.received("C", when(4)),
    )
    assert told.rows("replies", "message_id") == [first["sid"], last["sid"]]


@pytest.mark.parametrize("status", ["failed", "undelivered", "canceled", "queued"])
def test_a_text_that_did_not_come_to_the_phone_is_not_answered(logs, texts, when, status):
    reached = logs.sent(texts["reminder"], when(), status="sent")
    told = logs.told(
        reached, logs.sent(texts["invitation"], when(1), status=status), logs.received("C", when(2))
    )
    assert told.rows("replies", "message_id") == [reached["sid"]]


def test_a_reply_to_another_number_answers_what_that_number_sent(logs, texts, when):
    one = logs.sent(texts["reminder"], when())
    other = logs.sent(texts["invitation"], when(1), **{"from": texts["other_own"]})
    told = logs.told(
        one,
        other,
        logs.received("C", when(2)),
        logs.received("ok", when(3), to="+1 (555) 555-0001"),
        logs.received("ok", when(4), to="+15555550009"),
    )
    assert told.rows("replies", "message_id") == [one["sid"], other["sid"], None]


def test_a_reply_to_a_text_that_was_left_out_answers_no_other(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when()), logs.sent("Unregistered", when(1)), logs.received("C", when(2))
    )
    assert told.rows("replies", "message_id") == [None]
    assert told.told("replies") == {"to a text that was left out": 1}


def test_of_texts_of_one_second_one_is_answered_whatever_the_order_of_the_file(logs, texts, when):
    sent = [logs.sent(texts["reminder"], when()) for _ in range(4)]
    reply = logs.received("C", when(1))
    one = logs.told(*sent, reply).rows("replies", "message_id")
    assert one == logs.told(reply, *reversed(sent)).rows("replies", "message_id") != [None]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sent", "received"]),
        st.integers(0, 12).map(lambda step: step * 12),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_links_are_those_of_the_rule_read_line_by_line(logs, texts, when, steps):
    """Texts and replies of two people and two numbers, every twelve hours: many of one moment and 72 hours apart."""
    messages = []
    for way, hours, neighbor, other in steps:
        person = texts["neighbor" if neighbor else "patient"]
        own = texts["other_own" if other else "own"]
        if way == "sent":
            messages.append(logs.sent(texts["reminder"], when(hours), to=person, **{"from": own}))
        else:
            messages.append(logs.received("C", when(hours), sender=person, to=own))
    told = dict(logs.told(*messages).rows("replies", "reply_id", "message_id"))
    for reply in messages:
        if reply["direction"] == "inbound":
            before = [
                each
                for each in messages
                if each["direction"] != "inbound"
                and (each["to"], each["from"]) == (reply["from"], reply["to"])
                and each["date_sent"] < reply["date_sent"]
            ]
            last = max(before, key=lambda each: (each["date_sent"], each["sid"]), default=None)
            near = last is not None and hours_between(last, reply) <= HOURS
            assert told[reply["sid"]] == (last["sid"] if near else None)


def hours_between(text, reply):
    from datetime import datetime

    moments = [datetime.fromisoformat(each["date_sent"]) for each in (text, reply)]
    return (moments[1] - moments[0]) / timedelta(hours=1)


def test_words_of_distress_are_listed_and_go_before_all_else(logs, texts, when):
    reply = logs.received("STOP texting me, I want to die", when(1))
    told = logs.told(logs.sent(texts["reminder"], when()), reply, logs.received("C", when(2)))
    assert told.rows("replies", "intent") == ["distress", "confirm"]
    assert told.rows("distress", "person_kind", "person_value", "about") == [
        ("phone", texts["patient"], reply["sid"])
    ]
    assert told.engine.execute('SELECT epoch("at")::BIGINT FROM feed0_distress').fetchone() == (
        int(when(1).timestamp()),
    )
    assert told.rows("consents", "status", "source") == [("opt_out", "keyword")]
    assert told.told("replies") == {"with words of distress": 1}


def test_a_reply_without_a_text_is_a_reply_all_the_same(logs, texts, when):
    told = logs.told(logs.sent(texts["reminder"], when()), logs.received("", when(1)))
    json = logs.read(logs.json(logs.received(None, when(1))))
    assert told.rows("replies", "intent") == json.rows("replies", "intent") == ["other"]
    assert told.told("replies")["without a text, such as a picture"] == 1
