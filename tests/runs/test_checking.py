"""`workbench check`: sources and sets looked over, nothing run."""

import pytest
import yaml

from workbench.cli import NOTHING_COULD_RUN


def test_sources_and_sets_are_checked_together(project, workbench):
    project.write_source("absent", location="data/elsewhere")
    ended = workbench("check", "params/sources", "params/ab_test")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        'skipped      params/sources/absent.yaml: The data of "Simulated provider" are not here: '
        "there is no folder data/elsewhere.",
        "ok           params/sources/sample.yaml: 10 tables",
        "ok           params/ab_test/wording.yaml",
    ]
    assert not project.store.folder.exists()
    assert project.nothing_ran()


def test_what_a_source_lacks_is_told(project, workbench):
    for table in ("surveys", "sessions"):
        (project.data / f"{table}.parquet").unlink()
    project.write_source(not_recorded={"age": "There is no age."})
    ended = workbench("check", "params/sources/sample.yaml")
    assert "8 tables; without sessions, surveys; not recorded: age" in ended.out


def test_faults_are_counted_and_told_and_the_others_go_on(project, workbench):
    project.write_set("broken", seed="one", window_days=0)
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
    assert ended.out.splitlines() == [
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
