import json

import numpy as np
import pytest

from workbench.simulate.pooling import Count, mean, minus, pooled


def part(events, people, **rest):
    happened = np.arange(people) < events
    return {"people": Count(people), "rate": mean(happened), "names": ["a", "b"], **rest}


def test_rates_are_pooled_by_whom_they_were_counted_among():
    # The mean of the two rates would be 0.3.
    assert pooled([part(1, 10), part(50, 100)]) == {"people": 110, "rate": 51 / 110, "names": ["a", "b"]}


def test_a_difference_is_that_of_the_pooled_means():
    small = minus(mean(np.array([1.0, 0.0])), mean(np.array([0.0, 0.0])))
    large = minus(mean(np.full(8, 0.25)), mean(np.full(8, 0.75)))
    assert (small, large) == (0.5, -0.5)
    assert pooled([small, large]) == 3 / 10 - 6 / 10


def test_a_block_without_people_counts_for_nothing():
    assert mean(np.array([])) is None
    assert minus(None, mean(np.ones(2))) is None
    assert pooled([part(0, 0), part(1, 4)])["rate"] == 0.25
    assert pooled([part(0, 0), part(0, 0)])["rate"] is None


def test_what_was_pooled_can_be_pooled_again():
    parts = [part(1, 3), part(2, 7), part(0, 5)]
    assert pooled([pooled(parts[:2]), parts[2]]) == pooled(parts)


def test_numbers_are_plain_in_json():
    assert json.loads(json.dumps(part(1, 4))) == {"people": 4, "rate": 0.25, "names": ["a", "b"]}


def test_what_does_not_say_what_it_was_counted_from_is_not_pooled():
    assert pooled([part(1, 4, days=14), part(1, 4, days=14)])["days"] == 14
    with pytest.raises(ValueError, match="the truth, share: it differs"):
        pooled([part(1, 4, share=0.1), part(1, 4, share=0.2)])
