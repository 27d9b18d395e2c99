"""Source files: where data lie, what they become, and what they do not record."""

import pytest

from workbench.refusal import Refused
from workbench.tables.source import DataAbsent, Source, read_source, source_folder, source_path


def source(**values):
    return Source.model_validate({"title": "Rows", "location": "data/rows"} | values)


def test_a_source_is_found_by_its_name(project):
    path = source_path("sample", project.root)
    assert read_source(path, project.root).simulated
    assert source_folder(read_source(path, project.root), project.root) == project.data


def test_an_unknown_source_is_refused_with_the_nearest_name(project):
    with pytest.raises(
        Refused, match=r'no file params/sources/sampel\.yaml\. Did you mean "sample"'
    ) as refused:
        source_path("sampel", project.root)
    assert "Known sources: sample." in str(refused.value)


def test_registries_beside_the_sources_are_no_sources(project):
    for name in ("templates", "reply_words"):
        (project.root / "params" / "sources" / f"{name}.yaml").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match=r"Known sources: sample\.$"):
        source_path("template", project.root)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title: T\nlocation: x\nlocatoin: y\n", "locatoin"),
        ("title: T\nlocation: x\nlocation: y\n", "location"),
        ("title: T\n", "location"),
        ("title: T\nlocation: no\n", "location"),
        ("title: T\nlocation: x\nwithin: home\n", "within"),
        ("title: T\nlocation: x\nnot_recorded: {weather: It is not.}\n", "weather"),
        ("title: T\nlocation: x\ntables: {patiens: {file: a.csv, columns: {}}}\n", 'Did you mean "patients"'),
        (
            "title: T\nlocation: x\ntables: {patients: {file: a.csv, columns: {patientid: {constant: 1}}}}\n",
            'Did you mean "patient_id"',
        ),
        (
            "title: T\nlocation: x\ntables: {patients: {file: a.csv, columns: {patient_id: {row_number: P9}}}}\n",
            "row_number",
        ),
    ],
)
def test_a_broken_source_file_is_refused_and_named(project, text, sentence):
    path = project.root / "params" / "sources" / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_source(path, project.root)
    assert sentence in str(refused.value)
    assert "params/sources/broken.yaml" in str(refused.value)


def test_what_is_not_recorded_is_named_with_its_sentence():
    made = source(not_recorded={"age": "There is no age."})
    assert made.not_recorded.named() == {"age": "There is no age."}


def test_data_of_the_project_that_are_absent_are_told_with_how_to_make_them(tmp_path):
    with pytest.raises(DataAbsent) as absent:
        source_folder(source(made_by="workbench simulate data/rows"), tmp_path)
    assert str(absent.value) == (
        'The data of "Rows" are not here: there is no folder data/rows. '
        "Make them by: workbench simulate data/rows"
    )


def test_data_outside_the_project_lie_where_the_environment_says(tmp_path, monkeypatch):
    outside = source(within="WORKBENCH_DATA", location="experiments")
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    with pytest.raises(DataAbsent, match="set WORKBENCH_DATA to their folder"):
        source_folder(outside, tmp_path)
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path / "shelf"))
    with pytest.raises(DataAbsent, match="there is no folder WORKBENCH_DATA/experiments") as absent:
        source_folder(outside, tmp_path)
    assert str(tmp_path) not in str(absent.value)
    (tmp_path / "shelf" / "experiments").mkdir(parents=True)
    assert source_folder(outside, tmp_path) == tmp_path / "shelf" / "experiments"
