"""The kinds of study there are: each module of this package declares one, as STUDY, and bears its name."""

from importlib import import_module
from pkgutil import iter_modules

from workbench.parameters.base import StudyParameters
from workbench.runs.study import Recorded, Study

__all__ = ["MODELS", "STUDIES", "Recorded", "Study"]


def _declared() -> dict[str, Study]:
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").STUDY for name in names}


STUDIES: dict[str, Study] = _declared()

MODELS: dict[str, type[StudyParameters]] = {name: study.model for name, study in STUDIES.items()}
