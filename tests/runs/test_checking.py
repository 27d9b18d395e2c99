"""`workbench check`: sources and sets looked over, nothing run."""

import pandas as pd
import pytest
import yaml

from workbench.cli.exit_codes import NOTHING_COULD_RUN


def test_sources_and_sets_are_checked_together(project, workbench):
    project.write_source("absent", location="data/elsewhere")
    ended = workbench("check", "params/sources", "params/ab_test")
    assert ended.code == 0
    assert [line for line in ended.out.splitlines() if not line.startswith("  ")] == [
        'skipped      params/sources/absent.yaml: The data of "Simulated provider" are not here: '
        "there is no folder data/elsewhere.",
        "ok           params/sources/sample.yaml: 10 tables",
        "ok           params/ab_test/wording.yaml",
    ]
    assert (
        "  can run: ab_test, data_quality, experiment_plan, message_load, no_show, segment_review, segmentation"
        in ended.out.splitlines()
    )
    assert not project.store.folder.exists()
    assert project.nothing_ran()


def test_what_a_source_lacks_is_told(project, workbench):
    for table in ("surveys", "sessions"):
        (project.data / f"{table}.parquet").unlink()
    project.write_source(not_recorded={"age": "There is no age."})
    ended = workbench("check", "params/sources/sample.yaml")
    assert "8 tables; without sessions, surveys; not recorded: age" in ended.out


def test_faults_are_counted_and_told_and_the_others_go_on(project, workbench):
    project.write_set("broken", seed="one", recording_lag_days=-1)
    ended = workbench("check", "params/ab_test")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[0] == "refused      params/ab_test/broken.yaml: 2 faults"
    assert [line[:2] for line in lines[1:3]] == ["  ", "  "]
    assert lines[3] == "ok           params/ab_test/wording.yaml"


def test_what_a_source_says_of_its_feeds_is_checked_before_anything_is_ingested(project, workbench):
    for name, files in (("whole", "a.csv"), ("broken", 3)):
        feed = {"name": "ehr", "reads": "fhir", "files": files, "time_zone": "America/New_York"}
        project.write_source(name, location=f"data/{name}", ingest={"exports": "exports", "feeds": [feed]})
    ended = workbench("check", "params/sources/whole.yaml", "params/sources/broken.yaml")
    assert ended.code == 1
    assert "skipped      params/sources/whole.yaml" in ended.out
    assert "refused      params/sources/broken.yaml: 1 fault" in ended.out
    assert "files" in ended.out


def test_registries_beside_the_sources_are_checked_as_what_they_are(project, workbench):
    folder = project.root / "params" / "sources"
    templates = {"id": "a", "pattern": "See you soon on {day}, {name}.", "kind": "reminder"}
    (folder / "templates.yaml").write_text(yaml.safe_dump({"templates": [templates]}), encoding="utf-8")
    (folder / "reply_words.yaml").write_text("languages: {en: {confirm: {alone: [ok]}}}", encoding="utf-8")
    ended = workbench("check", "params/sources")
    assert ended.code == 0
    told = [line for line in ended.out.splitlines() if not line.startswith("  ")]
    assert told == [
        "ok           params/sources/reply_words.yaml: words in 1 language",
        "ok           params/sources/sample.yaml: 10 tables",
        "ok           params/sources/templates.yaml: 1 template",
    ]


def test_a_registry_whose_templates_fit_one_text_is_refused(project, workbench):
    entries = [{"id": name, "pattern": "See you soon on {day}, dear.", "kind": "reminder"} for name in "ab"]
    path = project.root / "params" / "sources" / "templates.yaml"
    path.write_text(yaml.safe_dump({"templates": entries}), encoding="utf-8")
    ended = workbench("check", "params/sources/templates.yaml")
    assert ended.code == 1
    assert ended.out.startswith("refused      params/sources/templates.yaml: 1 fault")
    assert '"b" behind "a"' in ended.out


def rewrite(project, table, change):
    path = project.data / f"{table}.parquet"
    rows = change(pd.read_parquet(path))
    path.unlink()
    rows.to_parquet(path)


def test_findings_are_told_a_line_each_and_refuse_nothing(project, workbench):
    rewrite(project, "messages", lambda rows: rows.assign(sent_at=rows["sent_at"] - pd.Timedelta(hours=12)))
    rewrite(project, "surveys", lambda rows: rows.assign(score=rows["score"].where(rows.index > 20, 99.0)))
    ended = workbench("check", "params/sources/sample.yaml")
    assert ended.code == 0
    night = next(line for line in ended.out.splitlines() if "before 8 or after 21 h" in line)
    assert night.startswith("  finding: table messages: ")
    assert "rows with a score outside its scale. Look at how answers are scored" in ended.out
    assert "  finding: table surveys: 10 or fewer of about " in ended.out


def test_a_reference_into_nothing_is_a_fault_that_stops_the_studies_of_its_table(project, workbench):
    rewrite(
        project,
        "assignments",
        lambda rows: rows.assign(patient_id=rows["patient_id"].where(rows.index > 2, "x")),
    )
    ended = workbench("check", "params/sources/sample.yaml", "params/ab_test")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[0] == "refused      params/sources/sample.yaml: 1 fault"
    assert lines[1] == (
        "  table assignments: there are 3 rows of people who are not in the table patients. Export the patients again, "
        "with everybody whom the other tables name."
    )
    assert "  cannot run: ab_test (assignments has faults)" in lines
    assert any(line.startswith("refused      params/ab_test/wording.yaml") for line in lines)


def test_what_a_source_lacks_for_a_study_is_told(project, workbench):
    (project.data / "clinics.parquet").unlink()
    rewrite(project, "appointments", lambda rows: rows.drop(columns=["starts_at", "booked_at"]))
    ended = workbench("check", "params/sources/sample.yaml")
    assert ended.code == 0
    lines = [line.strip() for line in ended.out.splitlines()]
    assert "can run: data_quality" in lines
    (unable,) = [line for line in lines if line.startswith("cannot run: ")]
    assert "no_show (there is no table clinics; appointments has no columns booked_at, starts_at)" in unable
    assert "ab_test (appointments has no column booked_at)" in unable


def test_what_only_the_defaults_ask_for_is_told_apart(project, workbench):
    (project.data / "patient_states.parquet").unlink()
    ended = workbench("check", "params/sources/sample.yaml")
    (in_part,) = [line.strip() for line in ended.out.splitlines() if "can run in part" in line]
    more = "(by default it reads more: there is no table patient_states)"
    studies = ("ab_test", "experiment_plan", "no_show", "segmentation")
    assert in_part == f"can run in part: {', '.join(f'{study} {more}' for study in studies)}"


def test_a_source_that_knows_no_no_show_cannot_run_the_model(project, workbench):
    sentence = "An Encounter tells of visits that took place, and knows no no-show."
    project.write_source(not_recorded={"no_show": sentence})
    ended = workbench("check", "params/sources/sample.yaml")
    told = f"no-show is not recorded: {sentence.rstrip('.')}"
    assert f"  cannot run: no_show ({told})" in ended.out.splitlines()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\x00" * 500 + b"PAR1"])
def test_a_broken_file_of_a_source_is_told(project, workbench, content):
    (project.data / "surveys.parquet").unlink()
    (project.data / "surveys.parquet").write_bytes(content)
    ended = workbench("check", "params/sources")
    assert ended.code == 1
    assert "surveys.parquet" in ended.out
    assert "Traceback" not in ended.told


def test_a_file_broken_inside_is_told(project, workbench):
    path = project.data / "appointments.parquet"
    content = bytearray(path.read_bytes())
    path.unlink()
    content[100:60_000] = b"\x5a" * 59_900
    path.write_bytes(bytes(content))
    ended = workbench("check", "params/sources")
    assert ended.code == 1
    assert "the source's tables cannot be queried" in ended.out


@pytest.mark.parametrize("path", ["params/sources/none.yaml", "params/none", "nowhere"])
def test_what_is_not_there_is_refused(workbench, path):
    ended = workbench("check", path)
    assert ended.code == NOTHING_COULD_RUN
    assert "there is no such file or folder" in ended.err
