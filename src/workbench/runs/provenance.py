"""Where a version comes from: commit, versions of packages, and the words a report says it in."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path, PurePath

from workbench.present import numbers
from workbench.reports.manifest import Manifest

PACKAGES = (
    "arviz",
    "duckdb",
    "ibis-framework",
    "numpy",
    "nutpie",
    "pandas",
    "papermill",
    "pymc",
    "scikit-learn",
    "scipy",
    "workbench",
)


def git_state(root: Path) -> tuple[str | None, bool | None]:
    """The commit and whether the tree is as committed; both None where the project is no git checkout."""
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return None, None
    changes = _git(root, "status", "--porcelain")
    return commit, changes == ""


def is_changed(root: Path, path: PurePath) -> bool:
    """Whether a file differs from the one committed; False where the project is no git checkout."""
    return bool(_git(root, "status", "--porcelain", "--", path.as_posix()))


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def package_versions() -> dict[str, str]:
    """Versions of the packages a result depends on most; the lock names them all."""
    return {name: metadata.version(name) for name in PACKAGES}


def python_version() -> str:
    """Such as 3.13.0."""
    return platform.python_version()


def told(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """The provenance section of a report: label and text."""
    commit = "no version control"
    if manifest.git_commit is not None:
        commit = (
            f"commit {manifest.git_commit[:9]}, {'clean' if manifest.git_clean else 'with uncommitted changes'}"
        )
    data = f"source {manifest.source}, fingerprint {manifest.fingerprint['data'][:12]}"
    main = ", ".join(
        f"{name} {manifest.packages[name]}" for name in ("pymc", "arviz", "ibis-framework", "pandas")
    )
    return (
        ("Parameter set", manifest.parameter_file),
        ("Code", commit),
        ("Data", f"{data}; simulated, nobody in it is real" if manifest.simulated else data),
        ("Seed", str(manifest.seed)),
        (
            "Run",
            f"{numbers.moment(manifest.published_at)}, {numbers.number(manifest.timings['execution'])} seconds",
        ),
        ("Environment", f"Python {manifest.python}, {main}"),
        ("Run again", f"workbench run {manifest.parameter_file} --as-of {manifest.as_of} --force"),
    )
