"""What may name a new kind of study: a word that Python, the package and the folders of the project have free."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench.refusal import Fault, Refused

PATTERN = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True)
class StudyName:
    """A kind of study's name, such as visits_by_phase, and the forms it takes."""

    name: str

    @property
    def words(self) -> list[str]:
        """The words it is made of."""
        return [word for word in self.name.split("_") if word]

    @property
    def title(self) -> str:
        """As people read it: Visits by phase."""
        return " ".join(self.words).capitalize()

    @property
    def model(self) -> str:
        """Its model of parameters: VisitsByPhaseStudy, which is no word of Python whatever the name is."""
        return "".join(word.capitalize() for word in self.words) + "Study"

    @property
    def page(self) -> PurePosixPath:
        """Its page of documentation, named as the others are: docs/methods/visits-by-phase.md."""
        return PurePosixPath("docs/methods") / f"{'-'.join(self.words)}.md"

    @property
    def places(self) -> tuple[PurePosixPath, ...]:
        """The files and folders that are its alone."""
        name = self.name
        package, name = PurePosixPath("src/workbench"), self.name
        return (
            package / name,
            package / "present" / name,
            package / "runs" / "studies" / f"{name}.py",
            PurePosixPath("notebooks") / f"{name}.ipynb",
            PurePosixPath("params") / name,
            PurePosixPath("tests") / name,
            self.page,
        )


def free_name(given: str, root: Path) -> StudyName:
    """The name, where a new study may bear it.

    Raises:
        Refused: it is no name, a word of Python, or something of that name stands in the project already.
    """
    where = "NAME"
    if not PATTERN.fullmatch(given):
        mend = "Write lower-case letters, digits and _, beginning with a letter, at most 41 of them."
        raise Refused(Fault(where, f'"{given}" cannot name a study.', mend))
    if keyword.iskeyword(given) or keyword.issoftkeyword(given):
        raise Refused(Fault(where, f'"{given}" is a word of Python.', "Choose another name."))
    name = StudyName(given)
    # A module takes a package's name too.
    modules = (place.with_name(f"{place.name}.py") for place in name.places if not place.suffix)
    taken = [place for place in (*name.places, *modules) if (root / place).exists()]
    if taken:
        told = ", ".join(place.as_posix() for place in taken)
        raise Refused(Fault(where, f'"{given}" is taken: {told} stands already.', "Choose another name."))
    return name
