"""What is examined before it may leave the private folder, and what an examination finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from workbench.present.result import StudyResult


@dataclass(frozen=True)
class Candidate:
    """A version about to be published: the page, the cleaned notebook, the result, the manifest, the file names.

    `previous` is the result of the version before it, which its readers have too; `superseded` are numbers that the
    last version's stand in for, as a reader would see them.
    """

    html: str
    notebook: NotebookNode
    result: StudyResult
    manifest: Mapping[str, Any]
    file_names: tuple[str, ...]
    previous: StudyResult | None = None
    superseded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Finding:
    """Why a candidate may not be published: which check says so, where, and what to do.

    It never repeats what was found: findings are printed and logged where more people read than may see the data.
    """

    check: str
    where: str
    advice: str

    def __str__(self) -> str:
        return f"{self.check}: {self.where}. {self.advice}"
