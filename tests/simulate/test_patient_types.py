"""Planted types: they part people where there is a separation, and nothing where there is none."""

import numpy as np
import pytest

from workbench.refusal import Refused
from workbench.simulate.patient_types import TYPES, draw_manners
from workbench.simulate.provider import simulate_provider
from workbench.simulate.randomness import Streams
from workbench.simulate.settings import ProviderSettings


def test_without_separation_nobody_differs_by_type():
    manners = draw_manners(Streams(1), 500, 0.0)
    for name in ("booking", "lead", "remote", "patience", "reluctance", "answering"):
        np.testing.assert_allclose(getattr(manners, name), 0, atol=1e-12)


def test_types_keep_the_mean_rate_of_bookings():
    manners = draw_manners(Streams(1), 200_000, 2.0)
    assert np.exp(manners.booking).mean() == pytest.approx(1, abs=0.01)


def test_truth_tells_shares_and_the_file_beside_it_tells_who(provider):
    told = provider.truth["patient_types"]
    assert set(told["shares"]) == set(TYPES)
    assert sum(told["shares"].values()) == pytest.approx(1)
    types = provider.types.to_pandas()
    assert types.patient_id.tolist() == provider.tables["patients"]["patient_id"].to_pylist()
    for table in provider.tables.values():
        for column in table.columns:
            if str(column.type) == "string":
                assert not set(TYPES) & set(column.unique().to_pylist())


def test_the_drifting_miss_more_and_who_acts_on_the_spur_comes_by_video(provider, frames):
    visits = frames["appointments"].merge(provider.types.to_pandas(), on="patient_id", suffixes=("", "_of"))
    kept = visits[visits.status.isin(["attended", "no_show"])]
    missed = (kept.status == "no_show").groupby(kept.type_of).mean()
    remote = (kept.modality != "in person").groupby(kept.type_of).mean()
    assert missed["drifting"] > 2 * missed["steady"]
    assert remote["on the spur"] > 3 * remote["steady"]


def test_a_provider_without_types_tells_none():
    provider = simulate_provider(ProviderSettings(patients=200, separation=0.0))
    assert provider.truth["patient_types"]["shares"] == {}


@pytest.mark.parametrize("given", [-0.1, 2.5, True, "1"])
def test_a_separation_out_of_range_is_refused(given):
    with pytest.raises(Refused, match="separation"):
        ProviderSettings(separation=given)
