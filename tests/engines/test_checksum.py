"""A checksum shows that a table changed: any value of any row before the day; not their order, not what came later."""

from datetime import UTC, date, datetime

import ibis
import pytest

from workbench.tables.checksum import checksums
from workbench.tables.cohort import EVERYBODY
from workbench.tables.known import Tables

AS_OF = date(2026, 6, 1)
COLUMNS = ("patient_id", "kind", "length", "price", "error_code", "sent_at")


@pytest.fixture
def messages(engine):
    """Messages, some of which became known after the day."""
    rows = engine.whole("messages")
    # Enough to be in any order, few enough to be quick.
    return rows.filter(rows["sent_at"] >= ibis.literal(datetime(2026, 5, 1, tzinfo=UTC)))


@pytest.fixture
def checksum(engine):
    def of(rows, columns=COLUMNS):
        return checksums(
            Tables(engine.source, {"messages": rows}).known(AS_OF, EVERYBODY), {"messages": columns}
        )["messages"]

    return of


def one(rows):
    """The message that was sent first."""
    return rows.order_by("sent_at", "message_id").limit(1)


def changed(rows, **values):
    """The rows with one of them changed."""
    key = one(rows).select(changed="message_id")
    marked = rows.left_join(key, rows["message_id"] == key["changed"])
    new = {name: marked["changed"].notnull().ifelse(value, marked[name]) for name, value in values.items()}
    return marked.mutate(**new).drop("changed")


def test_it_is_the_same_again_and_counts_rows(messages, checksum):
    found = checksum(messages)
    assert checksum(messages) == found
    assert (
        found.rows == messages.filter(messages["known_at"] < datetime(2026, 6, 1, tzinfo=UTC)).count().execute()
    )
    assert 0 < found.rows < messages.count().execute()


def test_the_order_of_rows_does_not_count(messages, checksum):
    backwards = messages.order_by(ibis.desc("message_id")).cache()
    assert checksum(backwards) == checksum(messages)


def test_any_change_of_a_row_counts(messages, checksum):
    found = checksum(messages)
    for values in ({"kind": "survey"}, {"length": 7}, {"price": 0.123}, {"error_code": ""}):
        told = checksum(changed(messages, **values))
        assert told.sum != found.sum, values
        assert told.rows == found.rows
    gone = messages.anti_join(one(messages), "message_id")
    assert checksum(gone).rows == found.rows - 1


def test_what_became_known_later_does_not_count(messages, checksum):
    later = messages.filter(messages["known_at"] < datetime(2026, 6, 1, tzinfo=UTC))
    assert checksum(later) == checksum(messages)


def test_columns_that_are_not_read_do_not_count(messages, checksum):
    found = checksum(messages)
    assert checksum(changed(messages, template_id="another")) == found
    assert checksum(messages, ("kind",)).sum != found.sum
    assert checksum(messages.drop("error_code")).sum != found.sum
