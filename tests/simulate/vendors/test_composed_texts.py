"""Texts of templates that nobody worded: every scenario's log can be read back."""

import pytest
import yaml

from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.composed_texts import registry_text, sent_templates
from workbench.simulate.vendors.twilio import REGISTRY, write_twilio
from workbench.simulate.vendors.twilio_texts import AS_DESIGNED, TEXTS


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=600, seed=2, scenario="segmented_reminders")).tables


def test_texts_are_of_their_templates_length_and_each_its_own(tables):
    templates = sent_templates(tables["messages"])
    composed = [each for each in templates if each.template_id not in TEXTS]
    assert composed
    for each in composed:
        assert len(each.text.format(**AS_DESIGNED)) == each.traits["length"]
    assert len({each.text for each in templates}) == len(templates)


def test_the_registry_tells_every_template_that_was_sent(tables):
    templates = sent_templates(tables["messages"])
    told = yaml.safe_load(registry_text(templates))["templates"]
    assert [entry["id"] for entry in told] == [each.template_id for each in templates]
    assert all(entry["pattern"] == each.text for entry, each in zip(told, templates, strict=True))


def test_a_registry_lies_beside_a_log_that_needs_one_and_no_other(tables, tmp_path):
    write_twilio(tables, tmp_path / "laboratory", form="json", seed=1)
    assert (tmp_path / "laboratory" / REGISTRY).is_file()
    usual = simulate_provider(ProviderSettings(patients=200, seed=2)).tables
    write_twilio(usual, tmp_path / "usual", form="json", seed=1)
    assert not (tmp_path / "usual" / REGISTRY).exists()
