"""The chance of a fit, over all numbers of groups tried at once."""

import numpy as np

from workbench.segments.existence.chance import chance_of_fits


def test_chances_by_hand():
    on_continua = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(chance_of_fits(np.array([9.0, 1.5]), on_continua), [1 / 4, 2 / 4])


def test_trying_many_numbers_does_not_raise_the_chance():
    rng = np.random.default_rng(4)
    claims = [
        chance_of_fits(draws[0], draws[1:]).min() <= 0.05
        for draws in (rng.standard_normal((20, 6)) for _ in range(400))
    ]
    assert np.mean(claims) < 0.08
