"""The catalogue: every parameter set with its verdict, date, audience and history, and what is wrong with it.

One HTML file, readable without script; search and filter come from one inline script that the page's policy
allows by its hash.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources

from markupsafe import Markup

from workbench.present.fragments import DECISIONS, Look, environment
from workbench.present.headline_number import HeadlineNumber
from workbench.present.result import Decision
from workbench.reports.page import page_style
from workbench.reports.sparkline import Point, history_of, sparkline

# How the last run is told, where it did not end in a version that is shown.
RUN_STATES: dict[str, Look] = {
    "failed": Look("The last run failed", "cross", "bad"),
    "withheld": Look("The last run was withheld", "barred", "bad"),
    "refused": Look("The last run was refused", "cross", "bad"),
    "lost": Look("The last run was lost", "alert", "bad"),
    "interrupted": Look("The last run was interrupted", "dots", "calm"),
    "running": Look("A run is under way", "dots", "calm"),
    "skipped": Look("The last run was skipped", "dots", "calm"),
    "awaiting_approval": Look("A newer version awaits approval", "dots", "info"),
}
FILTERS = (
    ("audience", "For", "everyone"),
    ("study", "Study", "all studies"),
    ("verdict", "Verdict", "all verdicts"),
    ("state", "State", "all states"),
)
# Of a parameter set that is run every week, the page lists the last months; its chart goes back all the way.
EARLIER_LISTED = 12


@dataclass(frozen=True)
class VersionLine:
    """A published version; href is relative to the catalogue, number its headline number, None where it has none."""

    version: str
    as_of: date
    published_at: datetime
    decision: Decision
    headline: str
    href: str
    number: HeadlineNumber | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class RunLine:
    """How the last run ended; reason is one sentence or empty, ended_at None while it is not known.

    `in_a_row` counts the runs up to this one that went wrong without one that went well between them, `since` is when
    the first of these ended.
    """

    state: str
    reason: str
    ended_at: datetime | None
    in_a_row: int = 1
    since: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A parameter set and its versions, the newest first; none where nothing was ever published."""

    study: str
    study_title: str
    name: str
    title: str
    audience: tuple[str, ...]
    owner: str
    versions: tuple[VersionLine, ...]
    valid_until: date | None
    last_run: RunLine | None

    @property
    def run_look(self) -> Look | None:
        """How the last run is told, or None where there is nothing to tell."""
        return RUN_STATES.get(self.last_run.state) if self.last_run else None

    @property
    def run_went_wrong(self) -> bool:
        """Whether the last run ended without a version, by a fault."""
        look = self.run_look
        return look is not None and look.tone == "bad"

    @property
    def shown(self) -> VersionLine | None:
        """The newest version that was not withdrawn."""
        return next((line for line in self.versions if not line.withdrawn), None)

    @property
    def earlier(self) -> tuple[VersionLine, ...]:
        """All other versions, the newest first."""
        return tuple(line for line in self.versions if line is not self.shown)

    @property
    def history(self) -> list[Point]:
        """The headline number on each day looked from."""
        return history_of([Point(line.as_of, line.number) for line in self.versions if not line.withdrawn])

    @property
    def chart(self) -> Markup | None:
        """The history drawn, where there is one."""
        return sparkline(self.history)

    def is_stale(self, today: date) -> bool:
        """Whether what is published is past the day it was valid until."""
        return bool(self.versions) and self.valid_until is not None and self.valid_until < today

    def standing(self, today: date) -> list[str]:
        """The entry's state in the words that the catalogue is filtered by."""
        words = []
        if not self.versions:
            words.append("never published")
        elif self.shown is None:
            words.append("withdrawn")
        else:
            words.append("no longer valid" if self.is_stale(today) else "valid")
        if self.run_went_wrong:
            words.append("last run went wrong")
        if self.last_run is not None and self.last_run.state == "awaiting_approval":
            words.append("awaits approval")
        return words


@dataclass(frozen=True)
class _Tally:
    """A number at the top of the page."""

    number: int
    words: str
    tone: str


@dataclass(frozen=True)
class _Filter:
    """A choice above the page: its name, its label, the words for no choice, and what may be chosen."""

    name: str
    label: str
    everything: str
    choices: list[str]


def render_catalogue(entries: Sequence[Entry], made_at: datetime) -> str:
    """The catalogue as one HTML file; entries are stale or not as of made_at.

    Raises:
        ValueError: for a link that leads out of the report store.
    """
    for line in (line for entry in entries for line in entry.versions):
        _check_link(line.href)
    today = (made_at.astimezone(UTC) if made_at.tzinfo else made_at).date()
    script = _script()
    template = environment("workbench.reports").get_template("catalogue.html.j2")
    return template.render(
        made_at=made_at,
        today=today,
        policy=_policy(script),
        script=script,
        style=page_style("catalogue.css"),
        tallies=list(_tallies(entries, today)),
        studies=_by_study(entries),
        filters=_filters(entries, today),
        marks=lambda entry: json.dumps(_marks(entry, today)),
        decisions=DECISIONS,
        earlier_listed=EARLIER_LISTED,
    )


def _tallies(entries: Sequence[Entry], today: date) -> Iterable[_Tally]:
    published = sum(bool(entry.versions) for entry in entries)
    yield _Tally(published, "report" if published == 1 else "reports", "plain")
    stale = sum(entry.is_stale(today) for entry in entries)
    yield _Tally(stale, "no longer valid", "warn" if stale else "plain")
    wrong = sum(entry.run_went_wrong for entry in entries)
    yield _Tally(
        wrong, "last run went wrong" if wrong == 1 else "last runs went wrong", "bad" if wrong else "plain"
    )
    yield _Tally(sum(not entry.versions for entry in entries), "never published", "plain")


def _marks(entry: Entry, today: date) -> dict[str, list[str]]:
    """What an entry is found by, for each filter."""
    return {
        "audience": list(entry.audience),
        "study": [entry.study_title],
        "verdict": [DECISIONS[entry.shown.decision].words] if entry.shown else [],
        "state": entry.standing(today),
    }


def _filters(entries: Sequence[Entry], today: date) -> list[_Filter]:
    marks = [_marks(entry, today) for entry in entries]
    return [
        _Filter(name, label, everything, sorted({word for each in marks for word in each[name]}))
        for name, label, everything in FILTERS
    ]


def _by_study(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The entries under their study's title, the newest first and those never published last.

    A study is titled as by what it published: a set that never published may not know its study's title.
    """
    ranked = sorted(entries, key=_rank)
    titles = {entry.study: entry.study_title for entry in reversed(ranked)}
    studies: dict[str, list[Entry]] = {titles[study]: [] for study in sorted(titles, key=titles.__getitem__)}
    for entry in ranked:
        studies[titles[entry.study]].append(entry)
    return studies


def _rank(entry: Entry) -> tuple[int, str, str]:
    newest = entry.versions[0].as_of.toordinal() if entry.versions else 0
    return -newest, entry.title, entry.name


def _check_link(href: str) -> None:
    if ":" in href or href.startswith(("/", "\\")) or ".." in href.split("/"):
        raise ValueError("the catalogue links only to files below it, by relative links")


def _policy(script: Markup) -> Markup:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # The digest is base64 and the rest is written here: nothing to escape.
    return Markup(  # noqa: S704
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    )


@cache
def _script() -> Markup:
    text = (
        resources.files("workbench.reports").joinpath("templates", "catalogue.js").read_text(encoding="utf-8")
    )
    return Markup(text.strip())  # noqa: S704 - a file of this package
