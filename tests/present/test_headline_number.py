"""A headline number in words: scaled, with its interval, or not shown."""

import pytest

from workbench.present.headline_number import HeadlineNumber, headline_number
from workbench.present.result import HeadlineMetric, StudyResult


def number(value=0.028, low=0.011, high=0.044, **of_metric):
    metric = HeadlineMetric(**({"name": "difference", "of": {}, "label": "More", "scale": 1000.0} | of_metric))
    level = None if low is None else 0.95
    interval = None if low is None else "credible"
    return HeadlineNumber(metric=metric, value=value, low=low, high=high, level=level, interval=interval)


@pytest.mark.parametrize(
    ("made", "shown", "interval"),
    [
        (number(), "28 (11 to 44)", "95 % credible interval"),
        (number(low=-0.004), "28 (−4 to 44)", "95 % credible interval"),
        (number(low=None, high=None), "28", ""),
        (number(0.7149, 0.7, 0.73, scale=1.0, digits=2), "0.71 (0.70 to 0.73)", "95 % credible interval"),
        (number(0.5, None, None, scale=100.0, unit=" %"), "50 %", ""),
        (number(None, None, None), "not shown", ""),
    ],
)
def test_it_is_shown_as_its_study_says(made, shown, interval):
    assert (made.shown, made.interval_in_words) == (shown, interval)


def test_only_the_same_metric_of_the_same_subject_goes_on():
    assert number().continues(number(0.5, 0.4, 0.6, label="Called otherwise"))
    assert not number().continues(number(of={"arm": "short"}))
    assert not number().continues(number(name="ratio"))


def test_it_is_taken_from_the_result(result):
    metric = {"name": "difference", "of": {}, "value": 0.02, "low": 0.01, "high": 0.03, "level": 0.9}
    metric |= {"interval": "bootstrap", "unit": "proportion"}
    key = {"name": "difference", "of": {}, "label": "More"}
    read = StudyResult.model_validate(result | {"metrics": [metric], "headline_metric": key})
    taken = headline_number(read)
    assert (taken.value, taken.low, taken.high, taken.level, taken.interval) == (
        0.02,
        0.01,
        0.03,
        0.9,
        "bootstrap",
    )
    assert headline_number(StudyResult.model_validate(result)) is None
