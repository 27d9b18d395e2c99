import pytest
from pydantic import ValidationError


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
