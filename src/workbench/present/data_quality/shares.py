"""Shares of missing values that may be shown: of neither few rows without a value, nor few with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workbench.present.disclosure import Profile
from workbench.present.suppression import with_complements
from workbench.tables.quality.days import MEANT_TO_BE_EMPTY, Days

FEW = "few"
NO_ROWS = "–"


@dataclass(frozen=True)
class ColumnShares:
    """A column's missing shares in words, over all and by month, and as numbers to draw; None is not drawn."""

    table: str
    column: str
    over_all: str
    by_month: tuple[str, ...]
    drawn: tuple[float | None, ...]

    @property
    def label(self) -> str:
        """The column with its table."""
        return f"{self.table}.{self.column}"

    @property
    def meant(self) -> bool:
        """Whether an empty value says something, such as that care has not ended."""
        return self.column in MEANT_TO_BE_EMPTY.get(self.table, ())


def months_of(counted: Sequence[Days], until: date, newest: int) -> tuple[str, ...]:
    """The newest months up to a day of which any table has rows, in order."""
    months = {month for table in counted for month in table.by_month() if month <= f"{until:%Y-%m}"}
    return tuple(sorted(months)[-newest:])


def column_shares(counted: Sequence[Days], months: Sequence[str], profile: Profile) -> tuple[ColumnShares, ...]:
    """Every column of which any value is missing, those first whose emptiness says nothing."""
    found = [
        _shares(table, column, months, profile)
        for table in counted
        for column in table.missing
        if table.missing_in_all(column)
    ]
    return tuple(sorted(found, key=lambda shares: shares.meant))


def _shares(table: Days, column: str, months: Sequence[str], profile: Profile) -> ColumnShares:
    rows, missing = table.by_month(), table.by_month(column)
    cells = [(missing.get(month, 0), rows.get(month, 0)) for month in rows]
    hidden = {month for month, at in zip(rows, range(len(cells)), strict=True) if at in _hidden(cells, profile)}
    told = [
        NO_ROWS if not rows.get(month) else FEW if month in hidden else in_words(missing[month], rows[month])
        for month in months
    ]
    drawn = [
        None if text in {NO_ROWS, FEW} else missing[month] / rows[month]
        for month, text in zip(months, told, strict=True)
    ]
    total = table.missing_in_all(column)
    over_all = FEW if _few(total, table.total, profile) else in_words(total, table.total)
    return ColumnShares(table.table, column, over_all, tuple(told), tuple(drawn))


def in_words(missing: int, rows: int) -> str:
    """A share in whole percent, so that it gives no count back; what is neither none nor all is not told as such."""
    if missing in {0, rows}:
        return "0 %" if missing == 0 else "100 %"
    percent = round(100 * missing / rows)
    return {0: "< 1 %", 100: "> 99 %"}.get(percent, f"{percent} %")


def _hidden(cells: Sequence[tuple[int, int]], profile: Profile) -> set[int]:
    """The cells with few missing or few there, and further ones, so that these do not follow from the sum of all."""

    def clear(inside: set[int]) -> bool:
        return not _few(sum(cells[at][0] for at in inside), sum(cells[at][1] for at in inside), profile)

    def size(at: int) -> tuple[bool, int]:
        missing, rows = cells[at]
        return missing in {0, rows}, missing

    few = {at for at, (missing, rows) in enumerate(cells) if _few(missing, rows, profile)}
    return with_complements(few, [frozenset(range(len(cells)))], clear, size)


def _few(missing: int, rows: int, profile: Profile) -> bool:
    return profile.is_few(missing) or profile.is_few(rows - missing)
