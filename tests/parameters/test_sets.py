from datetime import date
from pathlib import Path

import pytest

from workbench.parameters.base import StudyParameters
from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.refusal import Refused


def write(root: Path, path: str, text: str = "title: x\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def names(files: tuple[Path, ...], root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in files]


@pytest.fixture
def filled(root: Path) -> Path:
    for path in ("example/b", "example/a", "other/c", "sources/sample", "rules/attendance"):
        write(root, f"params/{path}.yaml")
    write(root, "params/example/.ipynb_checkpoints/a-checkpoint.yaml")
    write(root, "params/example/notes.md")
    write(root, "elsewhere/d.yml")
    return root


def test_folders_give_their_files_sorted_without_sources_and_checkpoints(filled: Path):
    assert names(find_parameter_files([filled / "params"], filled), filled) == [
        "params/example/a.yaml",
        "params/example/b.yaml",
        "params/other/c.yaml",
    ]


def test_each_file_once_however_it_is_named(filled: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(filled / "params" / "example")
    paths = [
        Path("a.yaml"),
        Path("params/example"),
        Path("."),
        Path("../example/a.yaml"),
        filled / "params/example/a.yaml",
    ]
    assert names(find_parameter_files(paths, filled), filled) == [
        "params/example/a.yaml",
        "params/example/b.yaml",
    ]


def test_relative_paths_are_looked_for_below_the_root_too(
    filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))
    assert len(find_parameter_files([Path("params")], filled)) == 3


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "params/example/aa.yaml",
            'no such file or folder. Name a file or folder of parameter sets. Did you mean "params/',
        ),
        ("params/exmple", 'Did you mean "params/example"?'),
        ("params/sources/sample.yaml", "this describes a source of data"),
        ("params/sources", "this describes a source of data"),
        ("params/sources/../sources", "this describes a source of data"),
        (
            "params/rules/attendance.yaml",
            "this describes rules for groups and is no parameter set. Name it with",
        ),
        ("notebooks", "this folder holds no parameter set"),
        ("no\0path", "no such file or folder"),
    ],
)
def test_what_is_no_parameter_set(path: str, words: str, filled: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(filled)
    with pytest.raises(Refused) as refused:
        find_parameter_files([Path("params/example"), Path(path)], filled)
    (fault,) = refused.value.faults
    assert words in str(fault)


def test_all_wrong_paths_are_told_at_once(filled: Path):
    with pytest.raises(Refused) as refused:
        find_parameter_files([Path("one"), Path("two")], filled)
    assert [fault.where for fault in refused.value.faults] == ["one", "two"]


def test_a_parameter_set(root: Path, model: type[StudyParameters], today: date, valid_text: str):
    path = write(root, "params/example/tone.yaml", valid_text.replace("2026-11-16", "last_monday"))
    found = read_parameter_set(path, root, {"example": model}, today)
    assert (found.study, found.name, found.path) == ("example", "tone", Path("params/example/tone.yaml"))
    assert found.parameters.as_of == date(2026, 11, 23)
    assert found.where("window_days") == "params/example/tone.yaml line 9, key window_days"
    assert found.where("arms", 1) == "params/example/tone.yaml line 7, key arms entry 2"


def test_an_earlier_day_from_the_command_line(
    root: Path, model: type[StudyParameters], today: date, valid_text: str
):
    path = write(root, "params/example/tone.yaml", valid_text)
    found = read_parameter_set(path, root, {"example": model}, today, as_of=date(2026, 10, 5))
    assert found.parameters.as_of == date(2026, 10, 5)
    with pytest.raises(Refused, match="--as-of: the date 2026-11-26 lies in the future"):
        read_parameter_set(path, root, {"example": model}, today, as_of=date(2026, 11, 26))
    # The study's own rules hold for the day it is really seen from.
    with pytest.raises(Refused, match="line 10, key starts_on: the experiment starts after as_of"):
        read_parameter_set(path, root, {"example": model}, today, as_of=date(2026, 8, 31))


@pytest.mark.parametrize("folder", ["elsewhere", "params", "params/example/deeper"])
def test_a_file_elsewhere_names_its_study(
    folder: str, root: Path, model: type[StudyParameters], today: date, valid_text: str
):
    path = write(root, f"{folder}/tone.yaml", valid_text + "study: example\n")
    assert read_parameter_set(path, root, {"example": model}, today).study == "example"
    path = write(root, f"{folder}/tone.yaml", valid_text)
    with pytest.raises(Refused, match="no folder and no key names the study"):
        read_parameter_set(path, root, {"example": model}, today)


def test_a_file_outside_the_project(
    root: Path,
    model: type[StudyParameters],
    today: date,
    valid_text: str,
    tmp_path_factory: pytest.TempPathFactory,
):
    path = write(tmp_path_factory.mktemp("away"), "params/example/tone.yaml", valid_text + "study: example\n")
    found = read_parameter_set(path, root, {"example": model}, today)
    assert found.path == path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "study: exampel",
            'key study: the text "exampel" names no kind of study. Studies are example. Did you mean "example"?',
        ),
        ("study: 3", "the number 3 names no kind of study"),
        ("study: [example]", "a list names no kind of study"),
        ("study:", "nothing names no kind of study"),
    ],
)
def test_an_unknown_study_by_key(
    *, line: str, words: str, root: Path, model: type[StudyParameters], today: date, valid_text: str
):
    path = write(root, "elsewhere/tone.yaml", f"{valid_text}{line}\n")
    with pytest.raises(Refused) as refused:
        read_parameter_set(path, root, {"example": model}, today)
    assert words in str(refused.value)


def test_an_unknown_study_by_folder(root: Path, model: type[StudyParameters], today: date, valid_text: str):
    path = write(root, "params/exmple/tone.yaml", valid_text)
    with pytest.raises(Refused, match='Did you mean "example"'):
        read_parameter_set(path, root, {"example": model}, today)


@pytest.mark.parametrize(
    "name", ["Tone", "1tone", "_tone", "tone-2", "to ne", "tone.v2", "töne", "t" * 62, "tone\n"]
)
def test_names_that_could_not_name_a_folder_everywhere(
    name: str, root: Path, model: type[StudyParameters], today: date, valid_text: str
):
    path = write(root, f"params/example/{name}.yaml", valid_text)
    with pytest.raises(Refused, match="cannot name a parameter set"):
        read_parameter_set(path, root, {"example": model}, today)


def test_the_longest_name_and_the_wrong_ending(
    root: Path, model: type[StudyParameters], today: date, valid_text: str
):
    path = write(root, f"params/example/{'t' * 61}.yaml", valid_text)
    assert read_parameter_set(path, root, {"example": model}, today).name == "t" * 61
    path = write(root, "params/example/tone.yml", valid_text)
    assert path in find_parameter_files([root / "params"], root)
    with pytest.raises(Refused, match=r"ends in \.yaml"):
        read_parameter_set(path, root, {"example": model}, today)
