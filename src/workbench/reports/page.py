"""A report as one HTML file: the verdict first, what changed, then the study's story, where it comes from last.

The file needs nothing else: no script, no network, the system's fonts, light and dark by the reader's setting,
made for a phone, a screen and paper.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from workbench.present.blocks import Block, TableBlock
from workbench.present.fragments import (
    DECISIONS,
    environment,
    fragment,
    markdown,
    stylesheet,
    verdict_card,
)
from workbench.present.result import StudyResult
from workbench.reports.differences.in_words import DifferenceInWords

if TYPE_CHECKING:
    from workbench.reports.harvest import Section

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
DOWNLOADS = (
    ("results.json", "all numbers, typed"),
    ("notebook.ipynb", "the analysis as it ran"),
    ("manifest.json", "checksums, versions, parameters"),
)


@dataclass(frozen=True)
class Page:
    """What a report's page shows. Dates may be given as dates or as ISO text.

    `eyebrow` names the kind of study; `question`, if any, stands beneath the title; `provenance` are pairs of
    label and text; `since`, if any, says what changed since the version before.
    """

    title: str
    eyebrow: str
    as_of: date | str
    data_until: datetime | date | str | None
    valid_until: date | str | None
    audience: tuple[str, ...]
    owner: str
    version: str
    result: StudyResult
    sections: "tuple[Section, ...]"
    provenance: tuple[tuple[str, str], ...]
    question: str = ""
    since: DifferenceInWords | None = None


def render_report(page: Page) -> str:
    """The report as one HTML file.

    Raises:
        Refused: for a figure that holds anything but lines, areas, marks and text.
    """
    template = environment("workbench.reports").get_template("page.html.j2")
    return template.render(
        page=page,
        policy=CONTENT_POLICY,
        style=page_style("page.css", *(["difference.css"] if page.since else [])),
        verdict=verdict_card(page.result.verdict),
        tone=DECISIONS[page.result.verdict.decision].tone,
        changes=change_tables(page.since) if page.since else [],
        contents=[(s.heading, s.anchor) for s in page.sections if s.heading and s.level <= 2],
        sections=[(s.heading, min(max(s.level, 2), 6), s.anchor, _body(s.parts)) for s in page.sections],
        downloads=DOWNLOADS,
    )


def change_tables(since: DifferenceInWords) -> list[Markup]:
    """The tables of a difference, as pages show them."""
    return [fragment(TableBlock(table=table)) for table in since.tables]


def page_style(*names: str) -> Markup:
    """The style of a page of the report store: its own sheets over those it shares with all the others."""
    light, dark, fragments = (
        stylesheet("workbench.present", sheet) for sheet in ("light.css", "dark.css", "fragments.css")
    )
    # Paper is always light.
    themes = Markup(":root{{{}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}").format(
        light, dark
    )
    own = (stylesheet("workbench.reports", sheet) for sheet in ("frame.css", *names))
    return Markup().join([themes, fragments, *own])


def _body(parts: "tuple[str | Block, ...]") -> Markup:
    return Markup("\n").join(markdown(part) if isinstance(part, str) else fragment(part) for part in parts)
