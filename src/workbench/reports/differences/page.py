"""The page that tells what changed between two versions: one HTML file, made like a report's page."""

from workbench.present.fragments import environment
from workbench.reports.differences.in_words import DifferenceInWords
from workbench.reports.manifest import Manifest
from workbench.reports.page import CONTENT_POLICY, change_tables, page_style


def render_difference(words: DifferenceInWords, before: Manifest, after: Manifest) -> str:
    """The difference of two versions as one HTML file."""
    return (
        environment("workbench.reports")
        .get_template("difference_page.html.j2")
        .render(
            words=words,
            tables=change_tables(words),
            title=after.title,
            study_title=after.study_title,
            versions=(("Before", before), ("Now", after)),
            policy=CONTENT_POLICY,
            style=page_style("page.css", "difference.css"),
        )
    )
