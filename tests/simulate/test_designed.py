import numpy as np
import pytest

from workbench.simulate.designed import designed_count, solve


@pytest.mark.parametrize("wanted", [1, 500, 999])
def test_exactly_as_many_pass_as_were_designed(wanted):
    latent = np.random.default_rng(wanted).standard_t(3, 1_000)
    push = solve(lambda push: int((latent + push > 0).sum()), wanted, -40, 40)
    # The push may be added in another order than it was solved in.
    shifted = (latent - 1.3) + (push + 1.3)
    assert (shifted > 0).sum() == wanted


def test_out_of_reach_it_ends_at_the_end():
    latent = np.array([-1.0, 0.0, 1.0])
    assert solve(lambda push: int((latent + push > 0).sum()), 4, -10, 10) == 10
    assert solve(lambda push: 2, 1, -10, 10) == pytest.approx(-10, abs=1e-6)


def test_a_share_of_nobody_is_nobody():
    assert designed_count(0.5, 0) == 0
    assert designed_count(0.07, 100) == 7
