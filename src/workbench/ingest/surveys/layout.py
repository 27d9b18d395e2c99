"""The columns of a survey tool's export, and by which names settings may ask for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.refusal import Fault, Refused, nearest


@dataclass(frozen=True)
class Layout:
    """The columns of one file.

    Attributes:
        label: what messages call the file.
        called: what messages call each column, in the order of the file.
        names: the places of the columns of each name.
        others: the same of other names, which count where no name fits.
        spread: whether one question may have several columns under its other name.
        private: places of columns that are never read as answers, such as addresses and coordinates.
    """

    label: str
    called: tuple[str, ...]
    names: Mapping[str, Sequence[int]]
    others: Mapping[str, Sequence[int]]
    spread: bool
    private: frozenset[int]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.called)

    def one(self, name: str) -> int:
        """The place of the one column of this name.

        Raises:
            Refused: there is none, or there are several.
        """
        places = self._places(name)
        if len(places) > 1:
            raise Refused(self._several(name, len(places)))
        return places[0]

    def answers(self, names: Iterable[str]) -> tuple[int, ...]:
        """The places of all columns of these names, in their order; a question spread over columns has several.

        Raises:
            Refused: there is none of a name, there are several where one is meant, or it is never read.
        """
        found: list[int] = []
        for name in names:
            places = self._places(name)
            if len(places) > 1 and (not self.spread or named(name) in self.names):
                raise Refused(self._several(name, len(places)))
            if self.private & set(places):
                what = f'column "{name}" tells of the person, and is never read as an answer.'
                raise Refused(Fault(self.label, what, "Name a question."))
            found += places
        return tuple(found)

    def first_of(self, names: Iterable[str]) -> int | None:
        """The place of the first of the tool's own names that is there; no question is called by its other names."""
        for name in names:
            places = self.others.get(name) or self.names.get(name)
            if places:
                return places[0]
        return None

    def _places(self, name: str) -> Sequence[int]:
        places = self.names.get(named(name)) or self.others.get(named(name))
        if not places:
            what = f'there is no column "{name}".{nearest(named(name), [*self.names, *self.others])}'
            raise Refused(Fault(self.label, what, "Correct the source file, or export the column too."))
        return places

    def _several(self, name: str, count: int) -> Fault:
        mend = "Name one by its question and answer." if self.spread else "Name one by its ImportId."
        return Fault(self.label, f'{count} columns are called "{name}".', mend)


def named(text: str) -> str:
    """A name with its spaces made single ones, as settings and files rarely agree on them."""
    return " ".join(text.split())


def places_by_name(names: Iterable[str]) -> dict[str, list[int]]:
    """The places of each name; those without a name are left out."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if named(name):
            places.setdefault(named(name), []).append(place)
    return places
