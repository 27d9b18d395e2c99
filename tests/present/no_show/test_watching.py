"""What is told of a model that is watched: an alarm where it is off, and nothing of few people."""

import numpy as np
import pytest

from workbench.no_show.oversight.watched import Watched
from workbench.present.disclosure import CMS
from workbench.present.no_show.watching import watched_in_words


def watched(risk, truth, days=200, each=15, people=None):
    rng = np.random.default_rng(1)
    size = days * each
    day = np.datetime64("2026-01-01") + np.repeat(np.arange(days), each).astype("timedelta64[D]")
    outcome = (rng.random(size) < truth).astype(float)
    return Watched(np.full(size, risk), outcome, day, size if people is None else people)


def test_a_calibrated_model_gives_no_alarm():
    told = watched_in_words(watched(0.2, 0.2), 0.05, CMS)
    assert not told.alarmed
    assert told.lines[0] == "3,000 outcomes of people held out, on 200 days up to 2026-07-19."
    assert "from 20 on" in told.lines[1]
    assert told.lines[-1] == "No alarm."


def test_one_that_is_off_gives_it_and_says_when():
    told = watched_in_words(watched(0.2, 0.3), 0.05, CMS)
    assert told.alarmed
    assert told.lines[-1].startswith("ALARM, on 2026-0")
    assert "calibration in the large" in told.lines[-1]


@pytest.mark.parametrize("few", [{"people": 10}, {"days": 2, "each": 5}, {"days": 0}])
def test_of_few_nothing_is_told(few):
    told = watched_in_words(watched(0.2, 1.0, **few), 0.05, CMS)
    assert told == (("Too few outcomes of people held out are known to say anything.",), False)
