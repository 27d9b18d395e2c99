"""What a reader could work out who takes all published counts for equations and solves them.

Tables, the end of the cohort's flow and the people of metrics, of this version and of the last one, are laid out as
whole numbers: known where shown (within rounding), from zero on where hidden, with no more events than people. Sums
of one table are set equal to those of another wherever names allow it and no number contradicts. Between versions,
groups are taken to grow where all that is shown of them has grown. A hidden count is exposed where what it can then
be tells about few (`Interval.tells_few`); so is the change of a count since the last version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.present.disclosure import FLOW_ID, Profile
from workbench.present.result import StudyResult
from workbench.present.unknowns import Interval, Terms, Unknowns
from workbench.reports.release.links import Laid, Line, Link, links_between
from workbench.reports.release.sheets import Sheet, largest_count, sheets_of


@dataclass(frozen=True, order=True)
class Exposure:
    """A count that can be worked out: in which tables, by their places, and whether the last version is needed."""

    tables: tuple[int, ...]
    last: bool = False


Cell = tuple[int, int, int]
"""Sheet, row and place in the row."""


def exposures(result: StudyResult, previous: StudyResult | None, profile: Profile) -> list[Exposure]:
    """What can be worked out of a result, and of it beside the version before."""
    most = 2 * max(largest_count(each) for each in (result, previous) if each is not None) + 1000
    sheets = sheets_of(result, profile, most)
    before = [] if previous is None else sheets_of(previous, profile, most)
    pairs = _same_sheets(sheets, before)
    held = {(pair.now, row) for pair in pairs for row in pair.held}
    alone = _Version(Unknowns(most), sheets, held, profile)
    found = set(alone.exposed_by_link())
    alone.hold_links()
    seen = alone.exposed_cells()
    found |= {Exposure(_places(sheets, [cell[0]])) for cell in seen}
    if before:
        found |= _beside_the_last(sheets, before, pairs, held, seen, most, profile)
    return sorted(found)


def _beside_the_last(
    sheets: Sequence[Sheet],
    before: Sequence[Sheet],
    pairs: Sequence["_Pair"],
    held: set[tuple[int, int]],
    seen: set[Cell],
    most: int,
    profile: Profile,
) -> set[Exposure]:
    then_alone = _Version(Unknowns(most), before, set(), profile)
    then_alone.hold_links()
    seen_then = then_alone.exposed_cells()
    unknowns = Unknowns(most)
    now, then = _Version(unknowns, sheets, held, profile), _Version(unknowns, before, set(), profile)
    now.hold_links()
    then.hold_links()
    for pair in pairs:
        since = unknowns.equations
        if pair.grows:
            _let_grow(unknowns, pair, now, then)
        if not unknowns.consistent(since):
            unknowns.forget(since)
    found = {Exposure(_places(sheets, [cell[0]]), last=True) for cell in now.exposed_cells() - seen}
    back = {pair.then: pair.now for pair in pairs}
    for cell in then.exposed_cells() - seen_then:
        found.add(Exposure(_places(sheets, [back[cell[0]]] if cell[0] in back else []), last=True))
    for pair in pairs:
        if any(_changes_exposed(pair, now, then)):
            found.add(Exposure(_places(sheets, [pair.now]), last=True))
    return found


def _places(sheets: Sequence[Sheet], which: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted({at for each in which if (at := sheets[each].at) is not None}))


@dataclass(frozen=True)
class _Pair:
    """A sheet of this version and its like of the last one, with the rows and the columns that are the same.

    Rows are held where this version shows the very numbers of the last one: they may be those of the last.
    """

    now: int
    then: int
    rows: dict[int, int]
    columns: dict[int, int]
    held: frozenset[int]
    grows: bool


def _same_sheets(sheets: Sequence[Sheet], before: Sequence[Sheet]) -> list[_Pair]:
    by_id = {sheet.id: at for at, sheet in enumerate(before)}
    now_ids = {sheet.id for sheet in sheets}
    pairs = []
    for now, sheet in enumerate(sheets):
        renamed = [
            at for at, other in enumerate(before) if other.id not in now_ids and other.labels == sheet.labels
        ]
        then = by_id.get(sheet.id, renamed[0] if renamed else None)
        if then is not None and before[then].labels == sheet.labels:
            pairs.append(_pair(now, sheet, then, before[then]))
    return pairs


def _pair(now: int, sheet: Sheet, then: int, other: Sheet) -> _Pair:
    places = {key: row for row, key in enumerate(other.keys)}
    rows = {row: places[key] for row, key in enumerate(sheet.keys) if key in places}
    columns = {
        at: place
        for at, count in enumerate(sheet.rows[0])
        for place in [other.column(count.name)]
        if place is not None
    }
    shown = {
        row: [(sheet.rows[row][at].shown, other.rows[rows[row]][place].shown) for at, place in columns.items()]
        for row in rows
    }
    held = frozenset(
        row
        for row, counts in shown.items()
        if (sheet.id == FLOW_ID or not sheet.whole[row]) and all(a is not None and a == b for a, b in counts)
    )
    both = [(a, b) for counts in shown.values() for a, b in counts if a is not None and b is not None]
    return _Pair(now, then, rows, columns, held, grows=all(a >= b for a, b in both))


class _Version:
    """The sheets of a version laid out as unknowns."""

    def __init__(
        self, unknowns: Unknowns, sheets: Sequence[Sheet], held: set[tuple[int, int]], profile: Profile
    ) -> None:
        self.unknowns, self.sheets, self.profile = unknowns, sheets, profile
        self.hidden: set[Cell] = set()
        self.laid: list[Laid] = []
        self.linked: set[int] = set()
        self.lines: list[tuple[int, Line]] = []
        for at, sheet in enumerate(sheets):
            self.laid.append({})
            for row in range(len(sheet.rows)):
                self._lay(at, sheet, row, is_held=(at, row) in held)

    def _lay(self, at: int, sheet: Sheet, row: int, *, is_held: bool) -> None:
        for place, count in enumerate(sheet.rows[row]):
            bounds = _about(count.low, self.profile.few) if is_held else (count.low, count.high)
            unknown = self.laid[at][row, place] = self.unknowns.add(*bounds)
            if count.shown is None and not is_held:
                self.hidden.add((at, row, place))
            if count.among is not None:
                among = self.laid[at][row, count.among]
                self.unknowns.equate({among: 1, unknown: -1}, 0, self.unknowns.most)

    def exposed_by_link(self) -> Iterator[Exposure]:
        """What each link gives away by itself, so that one mistaken for true can hide nothing."""
        for link in links_between(self.sheets):
            since = self.unknowns.equations
            if self._holds(link):
                told = self._solved_rows(link)
                if told or any(self._line_tells(link, line) for line in link.lines):
                    yield Exposure(_places(self.sheets, [link.first, link.second]))
            self.unknowns.forget(since)

    def hold_links(self) -> None:
        """Let all links hold that fit together, most likely ones first."""
        for link in links_between(self.sheets):
            since = self.unknowns.equations
            if self._holds(link):
                self.linked |= {link.first, link.second}
                self.lines += [(link.first, line) for line in link.lines]
                self.lines += [
                    (link.second, Line(line.others, line.other_column, line.rows, line.column))
                    for line in link.lines
                ]
            else:
                self.unknowns.forget(since)

    def exposed_cells(self) -> set[Cell]:
        """The hidden cells that can be worked out, with all equations that hold."""
        return {cell for cell in self.hidden if cell[0] in self.linked and self._tell([cell])}

    def terms(self, cells: Sequence[Cell], *, without: bool = False) -> Terms:
        """The sum of some cells; without, of the people in these rows who had not the event counted there."""
        sums: dict[int, int] = {}
        for at, row, place in cells:
            among = self.sheets[at].rows[row][place].among
            if without and among is not None:
                sums[self.laid[at][row, among]] = 1
            sums[self.laid[at][row, place]] = -1 if without else 1
        return sums

    def _holds(self, link: Link) -> bool:
        """Adds a link's equations; whether they can hold. Where nothing in it is open, it teaches nothing."""
        since = self.unknowns.equations
        unknown = False
        for terms in link.equations(self.laid):
            unknown = unknown or any(low < high for low, high in map(self.unknowns.bounds, terms))
            self.unknowns.equate(terms)
        return unknown and self.unknowns.consistent(since)

    def _tell(self, cells: Sequence[Cell]) -> bool:
        """Whether hidden cells of one column, taken together, are known too nearly."""
        at, row, place = cells[0]
        among = self.sheets[at].rows[row][place].among
        somebody = False
        if among is not None:
            people = self.unknowns.interval(self.terms([(at, row, among) for at, row, _ in cells]))
            somebody = people is None or people.low > 0
        return any(
            self.unknowns.tells_few(
                self.terms(cells, without=without), self.profile.few, nobody=somebody, alone=len(cells) == 1
            )
            and not (len(cells) == 1 and self._told_by_the_whole(cells[0], without=without))
            for without in ((False,) if among is None else (False, True))
        )

    def _told_by_the_whole(self, cell: Cell, *, without: bool) -> bool:
        """Whether a cell stands in a line of which nothing is shown, and no more is known than the line's sum tells.

        The sum is told by a whole arm, or by a group that is large enough to be shown.
        """
        at, row, place = cell
        known = self.unknowns.interval(self.terms([cell], without=without))
        for sheet, line in self.lines:
            if (
                sheet == at
                and line.column == place
                and row in line.rows
                and not self._shows(at, line.rows, place)
            ):
                whole = self.unknowns.interval(
                    self.terms([(at, each, place) for each in line.rows], without=without)
                )
                if known and whole and known.high >= whole.high and (known.low == 0 or len(line.rows) == 1):
                    return True
        return False

    def _shows(self, at: int, rows: Sequence[int], place: int) -> bool:
        return any(self.sheets[at].rows[row][place].shown for row in rows)

    def _line_tells(self, link: Link, line: Line) -> bool:
        sides = ((link.first, line.rows, line.column), (link.second, line.others, line.other_column))
        hidden = (
            [(at, row, place) for row in rows if (at, row, place) in self.hidden]
            for at, rows, place in sides
            if self._shows(at, rows, place)
        )
        return any(self._tell(cells) for cells in hidden if cells)

    def _solved_rows(self, link: Link) -> bool:
        """Whether rows that a link gives back exactly give back another by a total that is published elsewhere."""
        for at, other in ((link.first, link.second), (link.second, link.first)):
            if not set(self.sheets[at].labels) <= set(self.sheets[other].labels):
                continue
            hidden = {row for sheet, row, place in self.hidden if sheet == at and place == 0}
            known = {row for row in hidden if self._is_exact((at, row, 0))}
            if known and any(len(line & (hidden - known)) == 1 for line in _own_lines(self.sheets[at])):
                return True
        return False

    def _is_exact(self, cell: Cell) -> bool:
        """Whether somebody is in a row and it is known how many; an empty row hides no other."""
        within = self.unknowns.interval(self.terms([cell]))
        return within is not None and 0 < within.low == within.high


def _about(held: int, few: int) -> tuple[int, int]:
    """What a count can be that is told as in the last version: no other than about the same."""
    change = held // 4 + 3 * few
    return max(held - change, 0), held + change


def _own_lines(sheet: Sheet) -> Iterator[set[int]]:
    """Several rows whose sum a reader may know: all of them, and those that share a label."""
    lines = [set(range(len(sheet.rows)))]
    for place in range(len(sheet.labels)):
        for value in dict.fromkeys(key[place] for key in sheet.keys):
            lines.append({row for row, key in enumerate(sheet.keys) if key[place] == value})
    return (line for line in lines if len(line) > 1)


def _let_grow(unknowns: Unknowns, pair: _Pair, now: _Version, then: _Version) -> None:
    for row, other in pair.rows.items():
        for at, place in pair.columns.items():
            grown = {now.laid[pair.now][row, at]: 1, then.laid[pair.then][other, place]: -1}
            unknowns.equate(grown, 0, unknowns.most)


def _changes_exposed(pair: _Pair, now: _Version, then: _Version) -> Iterator[bool]:
    """Whether the change of a count, or of several together, is known to be few though not shown."""

    def change(rows: Sequence[int], at: int) -> Interval | None:
        terms = now.terms([(pair.now, row, at) for row in rows])
        before = then.terms([(pair.then, pair.rows[row], pair.columns[at]) for row in rows])
        return now.unknowns.interval({**terms, **{unknown: -by for unknown, by in before.items()}})

    def is_open(row: int, at: int) -> bool:
        return row in pair.held or (pair.now, row, at) in now.hidden or _is_hidden(pair, row, at, then)

    sheet, few = now.sheets[pair.now], now.profile.few
    for at in pair.columns:
        rows = [row for row in pair.rows if not sheet.whole[row]]
        for row in rows if pair.now in now.linked else ():
            if is_open(row, at) and (within := change([row], at)) is not None:
                yield within.low >= 1 and within.tells_few(few)
        for first, line in now.lines:
            inside = [row for row in line.rows if row in pair.rows and is_open(row, at)]
            # Where nothing of a line is shown anew, its whole alone tells: a whole arm or cohort.
            if first == pair.now and line.column == at and 0 < len(inside) < len(line.rows):
                within = change(inside, at)
                yield (
                    within is not None
                    and within.high < now.unknowns.most
                    and Interval(0, within.high).tells_few(few)
                )


def _is_hidden(pair: _Pair, row: int, at: int, then: _Version) -> bool:
    return (pair.then, pair.rows[row], pair.columns[at]) in then.hidden
