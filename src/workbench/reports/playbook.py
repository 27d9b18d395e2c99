"""The playbook: what is known, by question, gathered from every published verdict.

One HTML file without script. Headlines and numbers are those of the released results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import get_args

import numpy as np

from workbench.parameters.playbook import PlaybookQuestion
from workbench.present import numbers
from workbench.present.fragments import DECISIONS, environment
from workbench.reports.evidence import Answer, Finding, Strength, Weight, weigh
from workbench.reports.page import CONTENT_POLICY, page_style
from workbench.reports.pooling import pooled
from workbench.reports.store import REPORT_FILE
from workbench.reports.summaries import VersionSummary

QUESTIONS: dict[PlaybookQuestion, tuple[str, str]] = {
    "send_time": ("Time", "When should texts be sent?"),
    "tone": ("Tone", "In which tone should texts be written?"),
    "length": ("Length", "How long should texts be?"),
    "call_to_action": ("Call to action", "What should texts ask people to do?"),
    "personalization": ("Personalization", "Should texts speak to people personally?"),
    "frequency": ("Frequency", "How often should texts be sent?"),
    "reminder_calls": ("Reminder calls", "Whom should the staff call before an appointment?"),
    "overbooking": ("Overbooking", "How far may clinics overbook?"),
    "other": ("Other questions", "What else was asked?"),
}
STRENGTHS: dict[Strength, str] = {
    "strong": "Strong evidence",
    "moderate": "Moderate evidence",
    "weak": "Weak evidence",
    "disputed": "Disputed",
    "none": "No answer yet",
}
SECTIONS: dict[str, frozenset[Answer]] = {
    "What works": frozenset({"works"}),
    "Tried without effect, or harmful": frozenset({"harmful", "no_effect", "not_conclusive"}),
    "Not answered yet": frozenset({"open"}),
}
CONFLICTING = "Verdicts that conflict"
# Of the reports that confirm or contradict a finding, so many are named and the others counted.
REPORTS_NAMED = 3
_ORDER: dict[Strength, int] = {name: place for place, name in enumerate(get_args(Strength))}


@dataclass(frozen=True)
class Line:
    """A finding as the page tells it."""

    finding: Finding
    weight: Weight
    stale: bool

    @property
    def version(self) -> VersionSummary:
        """The version that is told."""
        return self.finding.version

    @property
    def href(self) -> str:
        """Its report, relative to the page."""
        return href(self.version)


def href(version: VersionSummary) -> str:
    """A version's report, relative to the store."""
    return f"{version.study}/{version.name}/{version.version}/{REPORT_FILE}"


def findings_of(told: Sequence[Sequence[VersionSummary]]) -> list[Finding]:
    """The finding of each parameter set that asks a question of the playbook.

    Args:
        told: the versions of each parameter set, newest first. Of each the newest that was not withdrawn counts; where
            all were, the newest is told as withdrawn.
    """
    found = []
    for versions in told:
        standing = [version for version in versions if not version.withdrawn]
        chosen = next(iter(standing or versions), None)
        if chosen is not None and chosen.asked is not None:
            found.append(Finding(chosen, chosen.asked))
    return found


def render_playbook(findings: Sequence[Finding], made_at: datetime) -> str:
    """The playbook as one HTML file; findings are weighed as of made_at."""
    today = (made_at.astimezone(UTC) if made_at.tzinfo else made_at).date()
    asked = {finding.asked.question for finding in findings}
    template = environment("workbench.reports").get_template("playbook.html.j2")
    return template.render(
        made_at=made_at,
        policy=CONTENT_POLICY,
        style=page_style("playbook.css"),
        questions=[
            (*QUESTIONS[q], q, _together(_on(q, findings)), _sections(q, findings, today))
            for q in QUESTIONS
            if q in asked
        ],
        unasked=[QUESTIONS[q][0] for q in QUESTIONS if q not in asked and q != "other"],
        any_simulated=any(finding.version.simulated for finding in findings),
        decisions=DECISIONS,
        strengths=STRENGTHS,
        href=href,
        named=REPORTS_NAMED,
    )


def _sections(
    question: PlaybookQuestion, findings: Sequence[Finding], today: date
) -> list[tuple[str, list[Line]]]:
    """The lines of a question under their headings, the strongest first; headings without any are left out."""
    here = _on(question, findings)
    lines = [
        Line(finding, weigh(finding, [o for o in here if o is not finding], today), finding.is_stale(today))
        for finding in here
    ]
    lines.sort(key=lambda line: _ORDER[line.weight.strength])
    headings = {
        heading: [line for line in lines if _heading(line) == heading] for heading in (CONFLICTING, *SECTIONS)
    }
    return [(heading, found) for heading, found in headings.items() if found]


def _on(question: PlaybookQuestion, findings: Sequence[Finding]) -> list[Finding]:
    """The findings on a question, the newest first."""
    return sorted((each for each in findings if each.asked.question == question), key=_newest_first)


def _together(findings: Sequence[Finding]) -> str | None:
    """What all experiments on a question say together, in words; None where there are not two of them."""
    found = pooled(findings)
    if found is None or found.experiments < 2:
        return None
    middle = numbers.number(np.exp(found.mean.mean), 2)
    known = numbers.interval(np.exp(found.mean.low), np.exp(found.mean.high), 2)
    ahead = numbers.interval(np.exp(found.next.low), np.exp(found.next.high), 2)
    return (
        f"Over {found.experiments} experiments ({len(found.effects)} arms), inconclusive ones too, the wanted outcome "
        f"came {middle} times as often as in the control ({known}; 95 % credible). One more arm of this kind is "
        f"expected between {ahead.replace(' to ', ' and ')} times; the standard deviation of its log ratio, for a next "
        f"study's log_ratio_sd, is {numbers.number(found.next.sd, 2)}."
    )


def _newest_first(finding: Finding) -> tuple[int, str, str]:
    version = finding.version
    return -version.as_of.toordinal(), version.title, version.name


def _heading(line: Line) -> str:
    """Where a finding stands; a withdrawn verdict answers nothing, whatever it said."""
    if line.weight.strength == "disputed":
        return CONFLICTING
    answer = "open" if line.version.withdrawn else line.finding.answer
    return next(heading for heading, answers in SECTIONS.items() if answer in answers)
