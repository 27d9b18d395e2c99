from typing import get_args

import pytest
from pydantic import ValidationError

from workbench.refusal import Refused
from workbench.segments.families import CATEGORICAL_FAMILIES, Family, FeatureName
from workbench.segments.features import CATEGORICAL, FEATURES
from workbench.segments.parameters import Segmentation


def test_the_range_of_numbers_must_be_one(settings_of):
    with pytest.raises(ValidationError, match="is below groups_from"):
        settings_of(groups_from=4, groups_to=3)


def test_too_few_continua_cannot_tell_a_small_chance(settings_of):
    assert settings_of(continuum_draws=19, chance_of_false_groups=0.05).continuum_draws == 19
    with pytest.raises(ValidationError, match="Draw at least 99"):
        settings_of(continuum_draws=19, chance_of_false_groups=0.01)


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", ".hidden", ""])
def test_segments_are_kept_under_a_plain_name(settings_of, name):
    with pytest.raises(ValidationError):
        settings_of(save_as=name)


def test_words_are_for_methods_that_count_by_them(settings_of):
    given = {"features": ("appointments", "diagnosis", "phase")}
    words = r"the method k_means cannot use words, which diagnosis and phase is told in. Choose the method latent_class"
    with pytest.raises(ValidationError, match=words):
        settings_of(method="k_means", **given)
    assert settings_of(method="latent_class", **given).takes_missing


def test_demographics_make_groups_only_where_it_is_said_why(settings_of):
    given = {"features": ("demographics",), "method": "latent_class"}
    with pytest.raises(ValidationError, match="Say under demographics_because why"):
        settings_of(**given)
    because = "The clinic plans material by age and language."
    assert settings_of(**given, demographics_because=because).demographics_because == because
    with pytest.raises(ValidationError, match="Write null, or name demographics"):
        settings_of(demographics_because=because)


def test_every_fault_of_the_parameters_is_told_at_once(settings_of):
    values = settings_of().as_values() | {
        "features": ["demographics", "phase"],
        "groups_from": 4,
        "groups_to": 3,
        "continuum_draws": 19,
        "chance_of_false_groups": 0.01,
    }
    with pytest.raises(Refused) as refused:
        Segmentation.from_cell(values, today=settings_of().as_of)
    assert len(refused.value.faults) == 4


@pytest.mark.parametrize(
    ("field", "given", "near"), [("features", "engagment", "engagement"), ("leave_out", "confirm", "confirmed")]
)
def test_an_unknown_family_or_feature_is_told_with_the_nearest(settings_of, field, given, near):
    values = settings_of().as_values() | {field: [given]}
    with pytest.raises(Refused, match=f'"{given}" was given.*"{near}"'):
        Segmentation.from_cell(values, today=settings_of().as_of)


def test_every_feature_can_be_left_out_by_its_name():
    assert {each.name for each in (*FEATURES, *CATEGORICAL)} == set(get_args(FeatureName))
    assert {each.family for each in (*FEATURES, *CATEGORICAL)} == set(get_args(Family))
    assert {each.family for each in CATEGORICAL} == set(CATEGORICAL_FAMILIES)
