"""Release checks: what must hold before a report may leave the private folder."""

from workbench.reports.release.candidate import Candidate, Finding
from workbench.reports.release.examination import examine
from workbench.reports.release.watch_list import WatchList

__all__ = ["Candidate", "Finding", "WatchList", "examine"]
