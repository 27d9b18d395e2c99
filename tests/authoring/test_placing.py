"""Files are placed all or none, whatever goes wrong on the way."""

from pathlib import PurePosixPath

import pytest

from workbench.authoring.placing import placed
from workbench.refusal import Refused

INDEX = PurePosixPath("docs/README.md")
FILES = {
    PurePosixPath("src/workbench/load/counts.py"): "import zlib\nimport abc\nx = {  'a':1}\n",
    PurePosixPath("docs/load.md"): "# Load\n",
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / INDEX).write_text("- [One](one.md)\n\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 112\n")
    return tmp_path


def standing(root):
    return {
        path.relative_to(root).as_posix(): path.read_text() if path.is_file() else None
        for path in root.rglob("*")
    }


def test_files_are_formatted_and_the_index_has_its_line(root):
    with placed(FILES, {INDEX: "- [Load](load.md)"}, root):
        pass
    assert (root / "src/workbench/load/counts.py").read_text() == 'import abc\nimport zlib\n\nx = {"a": 1}\n'
    assert (root / INDEX).read_text() == "- [One](one.md)\n- [Load](load.md)\n"
    assert not [name for name in standing(root) if name.startswith(".")]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(143)])
def test_all_is_taken_back_where_what_follows_fails(root, error):
    before = standing(root)

    def fail():
        with placed(FILES, {INDEX: "- [Load](load.md)"}, root):
            (root / "src/workbench/load/__pycache__").mkdir()
            raise error

    with pytest.raises(type(error)):
        fail()
    assert standing(root) == before


def test_nothing_is_written_where_the_files_cannot_be_formatted(root):
    before = standing(root)
    broken = {**FILES, PurePosixPath("src/broken.py"): "def"}
    with pytest.raises(Refused, match="could not be formatted"), placed(broken, {}, root):
        pass
    assert standing(root) == before


def test_a_file_that_came_in_between_is_left_as_it_is(root):
    """Another `workbench new` of the same name may have been quicker."""
    other = root / "src/workbench/load/counts.py"
    other.parent.mkdir(parents=True)
    other.write_text("# mine\n")
    before = standing(root)
    with pytest.raises(Refused, match="stands already"), placed(FILES, {}, root):
        pass
    assert standing(root) == before
