"""The kinds of study there are: each module of this package declares one, as STUDY, and bears its name.

A module is imported when its study is asked for: a run of one kind of study need not wait for what the others rest on.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from workbench.parameters.base import StudyParameters
from workbench.runs.study import Recorded, Study

__all__ = ["MODELS", "STUDIES", "Recorded", "Study"]


class _OfStudies[Value](Mapping[str, Value]):
    """A value for each kind of study, by name and in the order of names, made when it is asked for."""

    def __init__(self, made: Callable[[str], Value]) -> None:
        self._names = dict.fromkeys(sorted(module.name for module in iter_modules(__path__)))
        self._made = made

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        return self._made(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _declared(name: str) -> Study:
    study: Study = import_module(f"{__name__}.{name}").STUDY
    return study


STUDIES: Mapping[str, Study] = _OfStudies(_declared)

MODELS: Mapping[str, type[StudyParameters]] = _OfStudies(lambda name: STUDIES[name].model)
