"""Changes of consent: words of withdrawal and return, blocks, and words that may be an answer."""

import pytest

OUT = ("opt_out", "all", "keyword")
BACK = ("opt_in", "this_kind", "keyword")
BLOCKED = ("opt_out", "all", "platform_block")


def changes(told):
    return told.rows("consents", "status", "scope", "source")


def test_a_stop_is_a_withdrawal_from_all_texts(logs, texts, when):
    told = logs.told(logs.sent(texts["invitation"], when()), logs.received("Stop.", when(1)))
    assert told.rows("consents", "person_kind", "person_value", "channel", "purpose") == [
        ("phone", texts["patient"], "sms", "care")
    ]
    assert changes(told) == [OUT]
    assert told.told("changes of consent") == {"by a word of withdrawal": 1}
    assert told.account("changes of consent").begins == when(1)
    assert told.rows("replies", "intent") == ["stop"]
    assert told.rows("ambiguous_replies", "about") == []


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["START"], [BACK]),
        (["stop", "start"], [OUT, BACK]),
        (["yes"], []),
        (["stop", "yes"], [OUT, BACK]),
        (["stop", "yes", "yes"], [OUT, BACK]),
        (["stop", "start", "yes"], [OUT, BACK]),
        (["stop", "stop", "yes"], [OUT, OUT, BACK]),
        (["stop", "thanks", "yes"], [OUT, BACK]),
        (["stop", "yes please"], [OUT]),
        (["don't stop"], []),
    ],
)
def test_words_of_return_bring_back(logs, texts, when, words, made):
    told = logs.told(*[logs.received(word, when(hours)) for hours, word in enumerate(words)])
    assert changes(told) == made


def test_a_neighbors_stop_says_nothing_of_anybody_else(logs, texts, when):
    told = logs.told(logs.received("stop", when(), sender=texts["neighbor"]), logs.received("yes", when(1)))
    assert told.rows("consents", "person_value") == [texts["neighbor"]]


@pytest.mark.parametrize("word", ["cancel", "CANCEL.", "end", "Fin"])
def test_a_word_that_may_answer_a_reminder_is_both_and_listed(logs, texts, when, word):
    reply = logs.received(word, when(1))
    told = logs.told(logs.sent(texts["reminder"], when()), reply)
    assert changes(told) == [OUT]
    assert told.rows("replies", "intent") == ["cancel"]
    assert told.rows("ambiguous_replies", "person_value", "about") == [(texts["patient"], reply["sid"])]
    assert told.told("replies") == {"that may change consent or be an answer": 1}


@pytest.mark.parametrize("word", ["cancel", "end"])
@pytest.mark.parametrize("before", ["invitation", None, "late reminder"])
def test_where_no_reminder_can_be_meant_it_is_a_withdrawal(logs, texts, when, word, before):
    messages = [logs.received(word, when(80))]
    if before == "invitation":
        messages += [logs.sent(texts["reminder"], when(78)), logs.sent(texts["invitation"], when(79))]
    elif before:
        messages.append(logs.sent(texts["reminder"], when()))
    told = logs.told(*messages)
    assert changes(told) == [OUT]
    assert told.rows("replies", "intent") == ["stop"]
    assert told.rows("ambiguous_replies", "about") == []


def test_a_yes_to_a_reminder_is_listed_where_it_brought_somebody_back(logs, texts, when):
    back = logs.received("yes", when(3))
    told = logs.told(
        logs.sent(texts["reminder"], when()),
        logs.received("stop", when(1)),
        logs.sent(texts["reminder"], when(2)),
        back,
        logs.received("YES", when(4)),
    )
    assert changes(told) == [OUT, BACK]
    assert told.rows("replies", "intent") == ["stop", "confirm", "confirm"]
    assert told.rows("ambiguous_replies", "about") == [back["sid"]]


def test_a_yes_that_answers_no_reminder_and_brings_back_is_no_confirmation(logs, texts, when):
    told = logs.told(
        logs.received("stop", when()), logs.sent(texts["invitation"], when(1)), logs.received("yes", when(2))
    )
    assert changes(told) == [OUT, BACK]
    assert told.rows("replies", "intent") == ["stop", "other"]


def test_a_block_is_told_once_until_a_return(logs, texts, when):
    def blocked(hours, body=texts["reminder"], **more):
        return logs.sent(body, when(hours), status="failed", error_code="21610", **more)

    told = logs.told(
        blocked(0),
        blocked(1),
        blocked(2, to=texts["neighbor"]),
        logs.received("start", when(3)),
        blocked(4),
        blocked(5, body="Unregistered"),
        blocked(6, **{"from": texts["other_own"]}),
    )
    assert told.rows("consents", "person_value", "source") == [
        (texts["patient"], "platform_block"),
        (texts["neighbor"], "platform_block"),
        (texts["patient"], "keyword"),
        (texts["patient"], "platform_block"),
    ]
    assert changes(told) == [BLOCKED, BLOCKED, BACK, BLOCKED]
    assert set(told.rows("messages", "status", "error_code")) == {("failed", "21610")}
    assert told.told("messages sent")["that the platform refused to send (error 21610)"] == 5


def test_a_yes_after_a_block_brings_back(logs, texts, when):
    told = logs.told(
        logs.sent(texts["reminder"], when(), status="undelivered", error_code="21610"),
        logs.received("yes", when(1)),
    )
    assert changes(told) == [BLOCKED, BACK]
    assert told.rows("messages", "status") == ["failed"]


def test_a_block_of_a_text_that_was_left_out_counts(logs, texts, when):
    told = logs.told(logs.sent("Unregistered", when(), status="failed", error_code="21610"))
    assert changes(told) == [BLOCKED]
    assert told.rows("messages", "kind") == []


def test_one_stop_told_by_two_files_is_one(logs, texts, when):
    stop = logs.received("stop", when())
    told = logs.read(logs.csv(stop, name="a.csv"), logs.csv(stop, name="b.csv"))
    assert changes(told) == [OUT]
    assert told.dropped("replies") == {"told by another row of the same Sid": 1}
