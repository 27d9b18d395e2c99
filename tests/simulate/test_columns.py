import numpy as np
import pytest

from workbench.simulate.columns import NEVER, happened_between, identifiers, moments, packed, words


def test_what_never_happens_is_null():
    column = moments(np.array([0, NEVER]))
    assert column.is_null().to_pylist() == [False, True]
    assert column[0].as_py().isoformat() == "1970-01-01T00:00:00+00:00"
    assert words(np.array([1, -1]), ["a", "b"]).to_pylist() == ["b", None]


def test_identifiers_sort_as_their_codes_do_and_are_13_characters():
    codes = np.sort(np.random.default_rng(1).integers(0, 2**60, 500, dtype=np.uint64))
    spelled = identifiers("p", codes).to_pylist()
    assert spelled == sorted(set(spelled))
    assert {len(each) for each in spelled} == {13}
    assert identifiers("p", np.array([0, 2**60 - 1], np.uint64)).to_pylist() == ["p" + "2" * 12, "p" + "z" * 12]


@pytest.mark.parametrize(
    ("event", "happened"), [(9, False), (10, False), (11, True), (20, True), (21, False), (NEVER, False)]
)
def test_an_event_counts_after_the_beginning_and_up_to_the_end(event, happened):
    keys = np.sort(packed(np.array([0, 1, 2]), np.array([15, event, 15])))
    assert happened_between(keys, np.array([1]), np.array([10]), np.array([20])).tolist() == [happened]
