"""Release checks: what must hold before a report may leave the private folder."""

from workbench.protection.watch_list import WatchList
from workbench.reports.release.candidate import Candidate, Finding
from workbench.reports.release.examination import examine
from workbench.reports.release.holding import hold

__all__ = ["Candidate", "Finding", "WatchList", "examine", "hold"]
