"""What is told of a hand-back: few people hidden, by whatever way they could be worked out."""

from datetime import UTC, datetime
from pathlib import Path

from workbench.ingest.handing_back import HandedBack
from workbench.ingest.rechecking import REASONS
from workbench.present.handed_back import WORDS, handed_back_in_words


def told(people, waiting=0, **left_out):
    done = HandedBack(Path("list.csv"), people, people, left_out, waiting, datetime(2026, 11, 23, tzinfo=UTC))
    return list(handed_back_in_words(done))


def test_every_reason_has_words():
    assert set(WORDS) == set(REASONS)


def test_many_are_counted():
    assert told(120, deceased=0, not_agreed=45) == [
        "         120  handed back",
        "           0  left out: died",
        "          45  left out: no consent to these texts, blocked, or not known to be adult",
    ]


def test_few_are_hidden_with_what_gives_them_back():
    lines = told(120, deceased=3, not_agreed=45)
    assert not any(line.strip().startswith("3 ") for line in lines)
    assert sum("not shown" in line for line in lines) == 2
    assert lines[-1].startswith("Not shown: few")


def test_night_is_told_without_counting_few():
    assert told(120, waiting=4)[-1].startswith("Night where they are now: 10 or fewer;")
    assert told(120, waiting=120)[-1].startswith("Night where they are now: all;")
    assert not any("Night" in line for line in told(120))
