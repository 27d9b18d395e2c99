import numpy as np

from workbench.simulate.randomness import Streams, choose, distinct_codes


class Repeating:
    """A generator that at first draws everything twice."""

    def __init__(self) -> None:
        self.batches = [
            np.array([5, 7, 5, 7], np.uint64),
            np.array([7, 9], np.uint64),
            np.array([1], np.uint64),
        ]

    def integers(self, low, high, count, dtype):
        batch = self.batches.pop(0)
        assert batch.size == count
        return batch


def test_a_stream_depends_on_its_subject_and_on_nothing_drawn_before():
    first, second = Streams(1), Streams(1)
    first.of("ages").random(100)
    assert (first.of("risks").random(5) == second.of("risks").random(5)).all()
    assert (first.of("risks").random(5) != first.of("ages").random(5)).all()
    assert (first.of("risks").random(5) != Streams(2).of("risks").random(5)).all()


def test_codes_are_drawn_again_until_all_differ():
    assert distinct_codes(Repeating(), 4).tolist() == [5, 7, 1, 9]


def test_codes_keep_to_60_bits():
    assert distinct_codes(Streams(1).of("codes"), 1000).max() < 2**60


def test_categories_follow_their_shares():
    drawn = choose(Streams(1).of("kinds"), [2.0, 0.0, 6.0], 20_000)
    counts = np.bincount(drawn, minlength=3) / drawn.size
    assert counts[1] == 0
    assert abs(counts[0] - 0.25) < 0.02
