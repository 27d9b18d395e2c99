"""Which kinds of study a source can run, and what it lacks for the others, told from its tables and columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.runs.precheck import recorded
from workbench.runs.studies import STUDIES
from workbench.runs.study import Study
from workbench.tables.known import Tables
from workbench.tables.validation import missing_columns


@dataclass(frozen=True)
class Ability:
    """What a source lacks for a kind of study, in words: whatever the parameters, and with their defaults."""

    study: str
    lacks: tuple[str, ...]
    lacks_by_default: tuple[str, ...]


def abilities(tables: Tables, faulty: Collection[str]) -> tuple[Ability, ...]:
    """What a source can do for each kind of study.

    Args:
        tables: the opened source.
        faulty: the names of tables with faults, which stop every study that reads them.
    """
    return tuple(
        Ability(study.name, _lacks(study, study.least, tables, faulty), _lacks(study, {}, tables, faulty))
        for study in STUDIES.values()
    )


def abilities_in_words(found: Collection[Ability]) -> Iterator[str]:
    """A line for the studies that can run, those that can with less than their defaults ask for, those that cannot."""
    able = [each.study for each in found if not each.lacks_by_default]
    in_part = [each for each in found if each.lacks_by_default and not each.lacks]
    unable = [each for each in found if each.lacks]
    if able:
        yield f"can run: {', '.join(able)}"
    if in_part:
        told = (
            f"{each.study} (by default it reads more: {'; '.join(each.lacks_by_default)})" for each in in_part
        )
        yield f"can run in part: {', '.join(told)}"
    if unable:
        yield f"cannot run: {', '.join(f'{each.study} ({"; ".join(each.lacks)})' for each in unable)}"


def _lacks(study: Study, values: Mapping[str, Any], tables: Tables, faulty: Collection[str]) -> tuple[str, ...]:
    # What a study needs follows from parameters that have defaults; title, owner and the like say nothing of it.
    needed = study.needs(study.model.model_construct(**values), recorded(tables.source))
    return (
        *_unrecorded(study, tables),
        *(f"there is no table {name}" for name in needed if name not in tables.names),
        *(
            _without_columns(name, missing)
            for name, columns in needed.items()
            if name in tables.names and (missing := missing_columns(tables, name, columns))
        ),
        *(f"{name} has faults" for name in needed if name in faulty),
    )


def _without_columns(table: str, missing: Sequence[str]) -> str:
    return f"{table} has no {'column' if len(missing) == 1 else 'columns'} {', '.join(missing)}"


def _unrecorded(study: Study, tables: Tables) -> Iterator[str]:
    missing = tables.source.not_recorded.named()
    for thing in study.rests_on:
        if thing in missing:
            yield f"{thing.replace('_', '-')} is not recorded: {missing[thing].rstrip('.')}"
