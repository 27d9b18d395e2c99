"""Who did how much before the assignment, as it was known by then; and which arms the factors must name."""

import pandas as pd
import pytest

from workbench.experiments.counting.counts import check_experiment, count_experiment
from workbench.experiments.counting.needs import needed_columns
from workbench.experiments.structure import Covariate
from workbench.refusal import Refused

START = pd.Timestamp("2026-03-02 09:00")
RECORDED = {"time": True, "age": True, "consent": True}


def at(days: float) -> str:
    return str(START + days * pd.Timedelta(days=1))


def strata(tables, parameters, of="bookings_before", days=30, **changes):
    """People and events by arm and stratum."""
    settings = parameters(covariate=Covariate(of=of, days=days), **changes)
    cells = count_experiment(tables.known(), settings).strata
    return {(row.arm, row.stratum): (row.people, row.events) for row in cells.itertuples()}


@pytest.fixture
def warm(tables):
    """Somebody in the arm that is looked at, beside one in the control."""
    tables.person("plain")
    return tables.person("warm")


@pytest.mark.parametrize(
    ("days", "stratum"), [(-30, 1), (-30.001, 0), (-0.001, 1), (0, 0), (0.001, 0)], ids=str
)
def test_what_counts_lies_strictly_before_the_assignment_and_within_the_days(
    tables, parameters, warm, days, stratum
):
    tables.booking(warm, at(days), at(-40))
    assert strata(tables, parameters)["warm", stratum][0] == 1


def test_what_became_known_after_the_assignment_does_not_count(tables, parameters, warm):
    tables.booking(warm, at(-3), at(0.001))
    tables.booking(warm, at(-4), at(0))
    assert ("warm", 1) in strata(tables, parameters)


def test_an_appointment_in_several_versions_counts_once_and_its_end_changes_nothing(tables, parameters, warm):
    tables.booking(warm, at(-9), key="a")
    tables.booking(warm, at(-9), at(-5), status="rescheduled", key="a")
    tables.booking(warm, at(-9), at(5), status="attended", key="a")
    assert ("warm", 1) in strata(tables, parameters)


@pytest.mark.parametrize(("number", "stratum"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4), (9, 8), (20, 16)])
def test_strata_double(tables, parameters, warm, number, stratum):
    for place in range(number):
        tables.booking(warm, at(-1 - place))
    assert strata(tables, parameters)["warm", stratum] == (1, 0)


def test_events_are_those_of_people_whose_window_has_closed(tables, parameters, warm):
    tables.booking(warm, at(-2))
    tables.booking(warm, at(3))
    late = tables.person("warm", at(26))
    tables.booking(late, at(20))
    tables.booking(late, at(27))
    known = tables.known("2026-03-30")
    settings = parameters(covariate=Covariate(of="bookings_before", days=30))
    cells = count_experiment(known, settings).strata
    assert cells[cells["arm"] == "warm"][["stratum", "people", "events"]].to_numpy().tolist() == [[1, 1, 1]]


def test_texts_back_are_counted_where_they_are_asked_for(tables, parameters, warm):
    for days in (-1, -2, 1):
        tables.reply(warm, at(days))
    assert strata(tables, parameters, of="replies_before") == {("plain", 0): (1, 0), ("warm", 2): (1, 0)}
    settings = parameters(covariate=Covariate(of="replies_before", days=30))
    assert needed_columns(settings, RECORDED)["replies"] == ("reply_id", "patient_id", "received_at")


def test_without_a_covariate_nothing_is_counted(tables, parameters, warm):
    assert count_experiment(tables.known(), parameters()).strata.empty


def test_every_arm_must_be_named_and_no_other(tables, parameters, warm):
    tables.person("cold")
    design = {
        "plain": {"tone": "neutral", "length": "long"},
        "warm": {"tone": "warm", "length": "long"},
        "clod": {"tone": "cold", "length": "short"},
    }
    with pytest.raises(Refused) as caught:
        check_experiment(tables.known(), parameters(factors=design))
    told = str(caught.value)
    assert 'experiment greeting, factors: its arm "cold" is missing. Did you mean "clod"?' in told
    assert '"clod" is none of its arms.' in told


def test_factors_that_change_together_are_refused_before_anything_runs(tables, parameters, warm):
    design = {"plain": {"tone": "neutral", "length": "long"}, "warm": {"tone": "warm", "length": "short"}}
    with pytest.raises(Refused, match="factors tone and length: they are confounded"):
        check_experiment(tables.known(), parameters(factors=design))
