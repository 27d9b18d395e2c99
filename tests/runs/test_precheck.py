"""What is wrong is told before a kernel starts: parameters against source, tables, cohort."""

from datetime import date

import pandas as pd
import pytest
import yaml

from workbench.parameters.sets import read_parameter_set
from workbench.refusal import Refused
from workbench.runs.precheck import check_set, recorded
from workbench.runs.studies import MODELS
from workbench.tables.source import DataAbsent, read_source, source_path

TODAY = date(2026, 11, 25)


def check(project, **changes):
    chosen = read_parameter_set(project.write_set(**changes), project.root, MODELS, TODAY)
    return check_set(chosen, project.root)


def told(project, **changes):
    with pytest.raises(Refused) as refused:
        check(project, **changes)
    return [str(fault) for fault in refused.value.faults]


def rewrite(project, table, change):
    path = project.data / f"{table}.parquet"
    rows = change(pd.read_parquet(path))
    path.unlink()
    rows.to_parquet(path)


def test_a_set_on_good_data_passes(project):
    assert check(project).source.title == "Simulated provider"


def test_absent_data_are_told_apart_from_faults(project):
    project.write_source(location="data/elsewhere", made_by="workbench simulate data/elsewhere")
    with pytest.raises(DataAbsent, match="Make them by: workbench simulate"):
        check(project)


def test_every_fault_names_the_parameter_set(project):
    (fault,) = told(project, experiment="no_such")
    assert fault.startswith(
        "params/ab_test/wording.yaml: experiment no_such: nobody had been assigned to it by 2026"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"source": "sampel"}, 'there is no file params/sources/sampel.yaml. Did you mean "sample"'),
        ({"experiment": "motivational_wordin"}, 'Did you mean "motivational_wording"'),
        ({"control": "generik"}, 'its control "generik" is none of its arms. Did you mean "generic"'),
        ({"enrollment_ends": "2025-01-01"}, 'nobody is left at the step "enrolled by the planned end"'),
        ({"as_of": "2025-08-01"}, "nobody had been assigned to it by 2025-08-01"),
        ({"segment_by": "stratum", "minors": "only"}, "its cohort is empty"),
        ({"goes_on_without": {"age": "It is not needed."}}, "it names age, which the source records"),
    ],
)
def test_parameters_that_do_not_fit_the_data_are_refused(project, changes, sentence):
    if "minors" in changes:
        rewrite(project, "patients", lambda rows: rows.assign(birth_year=1960))
    assert sentence in told(project, **changes)[0]


def test_what_the_source_does_not_record_needs_a_reason(project):
    project.write_source(not_recorded={"age": "There is no age."})
    assert "Say under goes_on_without.age why the study goes on" in told(project)[0]
    check(project, goes_on_without={"age": "All are adults."})


def test_an_experiment_with_one_arm_is_refused(project):
    rewrite(project, "assignments", lambda rows: rows[rows["arm"] != "motivational"])
    rewrite(project, "assignments", lambda rows: rows[rows["arm"] != "short"])
    assert told(project) == [
        'params/ab_test/wording.yaml: experiment motivational_wording: it has one arm, "generic". '
        "An analysis compares two arms or more; bring all of them."
    ]


def test_missing_tables_and_columns_are_told_at_once(project):
    (project.data / "consents.parquet").unlink()
    rewrite(project, "patients", lambda rows: rows.drop(columns="birth_year"))
    rewrite(project, "appointments", lambda rows: rows.drop(columns="known_at"))
    faults = told(project)
    assert len(faults) == 3
    assert any("table consents: the source does not have it" in fault for fault in faults)
    assert any('there is no column "birth_year"' in fault for fault in faults)
    assert any('there is no column "known_at"' in fault for fault in faults)


@pytest.mark.parametrize("size", [0, 4, 1_000, 20_000])
def test_a_file_cut_off_is_refused(project, size):
    path = project.data / "appointments.parquet"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:size])
    (fault,) = told(project)
    assert "appointments.parquet" in fault


def test_a_file_broken_inside_is_refused(project):
    path = project.data / "appointments.parquet"
    content = bytearray(path.read_bytes())
    path.unlink()
    content[100:60_000] = b"\x5a" * 59_900
    path.write_bytes(bytes(content))
    assert "cannot be queried" in told(project)[0]


def test_what_the_source_records_is_what_it_does_not_say_it_lacks(project):
    project.write_source(not_recorded={"age": "There is no age."})
    source = read_source(source_path("sample", project.root), project.root)
    assert recorded(source) == {"consent": True, "age": False, "time": True, "hour": True, "no_show": True}


ENCOUNTERS = "An Encounter tells of visits that took place, and knows no no-show."
NO_SHOW = {
    "title": "Missed appointments",
    "question": "Whom to call?",
    "audience": ["operations"],
    "owner": "Outreach analytics",
    "as_of": "2026-11-16",
    "source": "sample",
    "seed": 1,
    "test_from": "2026-07-27",
    "who_must_act": "The front desk calls.",
}


@pytest.mark.parametrize("reasons", [{}, {"no_show": "We go on all the same."}])
def test_a_no_show_study_on_visits_alone_is_refused_with_the_source_s_own_sentence(project, reasons):
    project.write_source(not_recorded={"no_show": ENCOUNTERS})
    path = project.root / "params" / "no_show" / "ahead.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(NO_SHOW | {"goes_on_without": reasons}), encoding="utf-8")
    chosen = read_parameter_set(path, project.root, MODELS, TODAY)
    with pytest.raises(Refused, match=ENCOUNTERS):
        check_set(chosen, project.root)


def test_another_study_on_visits_alone_says_why_it_goes_on(project):
    project.write_source(not_recorded={"no_show": ENCOUNTERS})
    assert "Say under goes_on_without.no_show why the study goes on" in told(project)[0]
    check(project, goes_on_without={"no_show": "Bookings are counted, whether or not people came."})
