"""Every file in invalid_yaml is refused with its own sentences: place, what was given, what is allowed."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from workbench.parameters.base import StudyParameters
from workbench.parameters.sets import read_parameter_set
from workbench.refusal import Refused

FOLDER = Path(__file__).parent / "invalid_yaml"

# file name: for each fault, where it stands (after the file's path) and words of its message
EXPECTED: dict[str, list[tuple[str, str]]] = {
    "anchor_and_alias": [(" line 7", "anchor &first"), (" line 8", "alias *first")],
    "binary": [(" line 9, key window_days", "Write 14 if")],
    "clock": [(" line 1, key title", 'Write "12:30" in quotes')],
    "colon_in_text": [(" line 1", "column 16: a colon stands where no key can begin")],
    "comments_only": [("", "the file is empty")],
    "control_character": [(" line 3", "U+0007")],
    "control_is_no_arm": [("", "control is cheerful, which is none of the arms")],
    "cron_hour": [(" line 11, key schedule.cron", 'the hour "24" is not within 0 to 23')],
    "cron_never": [(" line 11, key schedule.cron", "no such day of the month ever comes")],
    "cron_of_four_fields": [(" line 11, key schedule.cron", "five fields")],
    "dates_out_of_order": [(" line 10, key starts_on", "starts after as_of, which is 2026-11-16")],
    "duplicate_key": [(" line 11, key seed", "twice, first on line 6")],
    "empty": [("", "the file is empty")],
    "equals_sign": [(" line 3, key owner", 'Write "=" in quotes')],
    "escape_of_no_character": [(" line 3", "names no character")],
    "escaped_control_character": [(" line 3, key owner", "U+0007")],
    "exponent": [(" line 11, key margin", "Write 0.001 if")],
    "exponent_after_point": [(" line 11, key margin", "Write 500.0 if")],
    "fraction_for_a_whole_number": [(" line 9, key window_days", "the number 14.0 was given")],
    "future": [(" line 4, key as_of", "2026-11-26 lies in the future, seen from 2026-11-25")],
    "hexadecimal": [(" line 9, key window_days", "Write 14 if")],
    "impossible_date": [(" line 4, key as_of", "the calendar has no such day")],
    "impossible_date_in_quotes": [(" line 4, key as_of", "neither a date nor a rule")],
    "infinite": [(" line 11, key margin", "a number above 0 and below 1")],
    "leading_zero": [(" line 9, key window_days", 'Write 14 if that number is meant, or "014" in quotes')],
    "list_as_a_key": [(" line 11", "where a key belongs")],
    "list_for_a_group": [(" line 11, key schedule", "a group of keys (cron, time_zone) or null")],
    "list_of_keys": [("", "holds no keys with values")],
    "long_number": [(" line 6, key seed", "too long to be kept exactly")],
    "long_title": [(" line 1, key title", "text of 1 to 120 characters")],
    "merge_key": [(" line 11, key <<", "Write the keys themselves here")],
    "missing_keys": [(", key title", "this key is missing"), (", key seed", "a whole number from 0 to")],
    "misspelt_key": [
        (", key window_days", "this key is missing. Write a whole number from 1 to 90."),
        (" line 9, key windw_days", 'Did you mean "window_days"?'),
    ],
    "negative_point": [(" line 11, key margin", "Write -0.5 if")],
    "nested_duplicate_key": [(" line 14, key schedule.cron", "twice, first on line 12")],
    "nested_too_deep": [(" line 11", "nested too deep")],
    "no_for_a_name": [(" line 8, key control", '"no" in quotes')],
    "no_reader": [(" line 2, key audience", "an empty list was given")],
    "no_sentence": [(" line 11, key goes_on_without.age", "no sentence that ends in a full stop")],
    "not_utf8": [(" line 3", "not UTF-8")],
    "nothing_for_a_text": [(" line 3, key owner", "nothing was given")],
    "number_as_a_key": [(" line 11, key goes_on_without", "the key 1 is not text")],
    "number_for_a_text": [(" line 3, key owner", "text of 1 to 120 characters, in quotes")],
    "octal": [(" line 9, key window_days", "Write 14 if")],
    "on_as_a_key": [(" line 11, key goes_on_without.on", 'the key "on" in quotes')],
    "one_arm": [(" line 7, key arms", "a list of at least 2 entries")],
    "open_bracket": [(" line 10", "column 12: a list in brackets is not closed")],
    "open_quote": [(" line 10", "column 12: a quote is opened and never closed")],
    "other_study": [
        (" line 11, key study", 'the text "segmentation" was given, but the folder names the study example')
    ],
    "out_of_range": [
        (" line 6, key seed", "the number -1 was given"),
        (
            " line 9, key window_days",
            "the number 91 was given, which is not allowed here. Write a whole number from 1",
        ),
    ],
    "path_for_a_source": [(" line 5, key source", "a name of lower-case letters, digits and _")],
    "python_tag": [(" line 3", "changes how a value is read")],
    "reader_twice": [(" line 2, key audience", "analysts stands in it more than once")],
    "schedule_without_zone": [(" line 11, key schedule.time_zone", "this key is missing")],
    "seconds_for_a_date": [(" line 10, key starts_on", "Write a date such as 2026-11-16")],
    "single_word": [("", "holds no keys with values")],
    "space_around_owner": [(" line 3, key owner", "begins or ends with a space")],
    "tab": [(" line 12", "column 1: a tab stands where only spaces may indent")],
    "tag": [(" line 9", "the tag tag:yaml.org,2002:int")],
    "text_for_a_list": [(" line 2, key audience", 'the text "analysts" was given')],
    "text_for_a_number": [(" line 9, key window_days", "from 1 to 90, without quotes")],
    "time_stamp": [(" line 4, key as_of", "or a date alone")],
    "true_for_a_number": [(" line 9, key window_days", "true was given")],
    "turned_letters": [(" line 3", "U+202E")],
    "two_documents": [(" line 11", "a second document begins here")],
    "two_lines_of_title": [(" line 1, key title", "holds a line break")],
    "underscore": [(" line 6, key seed", "Write 20261116 if")],
    "unknown_key": [(" line 11, key colour", "this key is not known here")],
    "unknown_reader": [(" line 2, key audience entry 2", 'the text "patients" was given')],
    "unknown_rule": [(" line 4, key as_of", 'Did you mean "last_monday"?')],
    "unknown_thing_unrecorded": [(" line 12, key goes_on_without.consnet", 'Did you mean "consent"?')],
    "unknown_zone": [(" line 11, key schedule.time_zone", 'Did you mean "America/New_York"?')],
    "utf16": [(" line 1", "not UTF-8")],
    "wrong_choice": [(" line 11, key minors", 'one of exclude, include, only. Did you mean "exclude"?')],
    "y_in_a_list": [(" line 7, key arms entry 2", '"y" in quotes')],
    "zone_path": [(" line 11, key schedule.time_zone", "no known time zone")],
}

SENTENCE = re.compile(r"[^\n]*[.?]")
JARGON = re.compile(
    r"pydantic|Input should|literal_error|yaml\.org/spec|<unicode string>|Traceback|NoneType|str_type|Mark\b"
)


def test_every_file_has_its_expectation():
    assert {path.stem for path in FOLDER.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_refused_with_its_own_sentences(name: str, root: Path, model: type[StudyParameters], today: date):
    path = shutil.copy(FOLDER / f"{name}.yaml", root / "params" / "example")
    with pytest.raises(Refused) as refused:
        read_parameter_set(Path(path), root, {"example": model}, today)
    faults = refused.value.faults
    label = f"params/example/{name}.yaml"
    assert [fault.where for fault in faults] == [label + where for where, _ in EXPECTED[name]]
    for fault, (_, words) in zip(faults, EXPECTED[name], strict=True):
        assert words in str(fault)
        assert SENTENCE.fullmatch(str(fault))
        assert not JARGON.search(str(fault))
