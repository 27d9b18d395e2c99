"""A comparison somebody asks for: any two versions of a study, in lines of text and as a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.present import numbers
from workbench.refusal import Fault, Refused
from workbench.reports.differences.comparison import Difference, Side, compare
from workbench.reports.differences.in_words import DifferenceInWords, in_words
from workbench.reports.differences.page import render_difference
from workbench.reports.files import write_whole
from workbench.reports.store import Store


@dataclass(frozen=True)
class Asked:
    """Two versions compared, in whole."""

    difference: Difference
    words: DifferenceInWords

    def lines(self) -> Iterator[str]:
        """The difference for a terminal: what is compared, what changed in short, then before and after."""
        for which, side in (("Before", self.difference.before), ("Now", self.difference.after)):
            yield f"{which:<11} {side.study}/{side.name}/{side.version}, as of {numbers.day(side.as_of)}"
        yield ""
        if self.words.remark:
            yield self.words.remark
        yield from (f"{line.label:<11} {line.text}" for line in self.words.lines)
        for table in self.words.tables:
            yield from ("", table.caption)
            for first, *cells in table.rows:
                titles = (column.title.lower() for column in table.columns[1:])
                told = [f"{title} {cell}" for title, cell in zip(titles, cells, strict=True) if cell]
                yield f"  {first}: {'; '.join(told)}"
            if table.note:
                yield f"  ({table.note})"


def difference_asked(store: Store, before: str, after: str) -> Asked:
    """Compare two versions named as `Store.find` takes names.

    Raises:
        Refused: a name names none, a version is not as it was published, or they are of different studies.
    """
    versions = [store.find_whole(named) for named in (before, after)]
    difference = compare(*(Side(version.manifest, version.result) for version in versions))
    heading = f"Since the version as of {numbers.day(difference.before.as_of)}"
    return Asked(difference, in_words(difference, heading, whole=True))


def write_page(asked: Asked, path: Path) -> None:
    """Write the comparison as a page, whole, where no file is yet.

    Raises:
        Refused: the file is there, is to be no page, or cannot be written.
    """
    where = path.as_posix()
    if path.suffix != ".html":
        raise Refused(Fault(where, "a page's name ends in .html.", "Name it so."))
    if path.exists() or path.is_symlink():
        raise Refused(Fault(where, "there is such a file already; it is left as it is.", "Name a new one."))
    page = render_difference(asked.words, asked.difference.before, asked.difference.after)
    try:
        write_whole(path, page.encode())
    except OSError as error:
        raise Refused(
            Fault(where, f"it cannot be written ({error.strerror}).", "Name another place.")
        ) from None
