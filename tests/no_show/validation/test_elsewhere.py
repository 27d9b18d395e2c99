"""Another source's appointments: all that are recorded, at risk as in the study, or a sentence why not."""

from datetime import date

import pytest
import yaml

from workbench.no_show.at_risk.features import NUMBERS
from workbench.no_show.validation.elsewhere import load_elsewhere
from workbench.refusal import Refused


@pytest.fixture
def there(tmp_path, simulated):
    (tmp_path / "data").mkdir()
    for name, frame in simulated.items():
        frame.to_parquet(tmp_path / "data" / f"{name}.parquet")
    (tmp_path / "params" / "sources").mkdir(parents=True)

    def write(**told):
        source = {"title": "There", "description": "Made up.", "location": "data"} | told
        (tmp_path / "params" / "sources" / "there.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
        return tmp_path

    return write


def test_none_is_named_and_none_is_loaded(settings):
    assert load_elsewhere(settings()) is None


def test_all_recorded_appointments_come_back_without_identifiers(there, settings, simulated):
    found = load_elsewhere(settings(transport_source="there"), there())
    assert found.source == "there"
    assert {"no_show", "lead_days", "clinic_id", *NUMBERS} <= set(found.rows.columns)
    assert not {"patient_id", "appointment_id"} & set(found.rows.columns)
    assert found.rows["lead_days"].min() >= 3
    # Days before the study's own training are among them: elsewhere no period is set aside.
    assert found.rows["day"].dt.date.min() < date(2025, 8, 11)
    recorded = simulated["appointments"].query("status in ('attended', 'no_show')")
    assert 0.3 * len(recorded) < len(found.rows) < 1.5 * len(recorded)


def test_what_the_other_place_does_not_record_needs_no_reason_of_this_study(there, settings):
    root = there(not_recorded={"consent": "Nobody asked."})
    found = load_elsewhere(settings(transport_source="there"), root)
    assert found.rows["texts_allowed"].isna().all()


def test_a_source_without_times_is_refused(there, settings):
    root = there(not_recorded={"time": "Days alone are told."})
    with pytest.raises(Refused, match="records no times"):
        load_elsewhere(settings(transport_source="there"), root)


def test_a_source_without_an_appointment_by_then_is_refused(there, settings):
    early = settings(transport_source="there", as_of=date(2001, 3, 1), test_from=date(2001, 1, 1))
    with pytest.raises(Refused, match="no appointment with a recorded outcome"):
        load_elsewhere(early, there())


def test_a_study_takes_no_model_from_itself(settings):
    with pytest.raises(ValueError, match="another source than source"):
        settings(transport_source="sample")
