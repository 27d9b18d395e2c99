"""What gbstats and tea-tasting say of tables of counts, by their own Python: tables in, as JSON, and answers out.

A table is people and events of the control, then of the arm. Answers are one row each: gbstats' chance to win, its
sequential p value at the tuning parameter it ships with and at that of the last look, and tea-tasting's p values of
a mean and of a proportion. What is no number is null.
"""

import json
import math
import sys
import warnings

import tea_tasting as tt
from gbstats.bayesian.tests import EffectBayesianABTest
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import ProportionStatistic
from tea_tasting.aggr import Aggregates


def aggregates(people: int, events: int) -> Aggregates:
    """What tea-tasting would have read of a column of noughts and ones."""
    share = events / people
    return Aggregates(people, {"booked": share}, {"booked": share * (1 - share) * people / (people - 1)})


def answers(table: list[int], last: int) -> list[float | None]:
    """Of one table."""
    a, b = (ProportionStatistic(n=table[at], sum=table[at + 1]) for at in (0, 2))
    control, treated = aggregates(*table[:2]), aggregates(*table[2:])
    found = (
        EffectBayesianABTest(a, b).compute_result().chance_to_win,
        SequentialTwoSidedTTest(a, b).compute_result().p_value,
        SequentialTwoSidedTTest(a, b, SequentialConfig(sequential_tuning_parameter=last))
        .compute_result()
        .p_value,
        tt.Mean("booked").analyze_aggregates(control, treated).pvalue,
        tt.Proportion("booked", method="norm").analyze_aggregates(control, treated).pvalue,
    )
    return [float(each) if math.isfinite(each) else None for each in found]


def main() -> None:
    """Read, ask, answer."""
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    print(json.dumps([answers(table, asked["last"]) for table in asked["tables"]]))


if __name__ == "__main__":
    main()
