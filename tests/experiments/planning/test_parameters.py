"""What no plan can be made by is refused."""

import pytest


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"arms": {"usual": 0.5, "new": 0.6}}, "add up to 1"),
        ({"arms": {"usual": 1.0, "new": 0.0}}, "above 0"),
        ({"control": "old"}, 'control "old" is none of the arms'),
        ({"arms": {"usual": 0.5, "holdout": 0.5}}, 'no arm may be called "holdout"'),
        ({"send_from_hour": 7}, "greater than or equal to 8"),
        ({"send_until_hour": 22}, "less than or equal to 21"),
        ({"send_from_hour": 18, "send_until_hour": 18}, "not after"),
        ({"sizes": (2_000, 1_000)}, "smallest first"),
        ({"sizes": (10,)}, "between 50"),
    ],
)
def test_what_no_plan_is_made_by_is_refused(planned, changed, told):
    with pytest.raises(ValueError, match=told):
        planned(**changed)


def test_thirds_written_with_a_few_decimals_add_up(planned):
    plan = planned(arms={"usual": 0.3333, "warm": 0.3333, "short": 0.3333})
    assert sum(plan.shares.values()) == pytest.approx(1, abs=1e-15)
    assert plan.treated_arms == 2
