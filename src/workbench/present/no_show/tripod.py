"""The TRIPOD+AI checklist of a report: an item is reported where its content stands in the report, linked; else not.

A tick says where to read, not that what is read there is all that the item asks for. `Place.found` is text of the
section it links to; a test finds each in the rendered page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.no_show.analysis import Analysis
from workbench.present.blocks import Block, ProseBlock, folded
from workbench.present.no_show.card import NOT_REPORTED, card_terms
from workbench.present.no_show.estimand import estimand
from workbench.present.no_show.tripod_items import ITEMS
from workbench.present.result import StudyResult

CARD, STUDIED, VALIDATED = "model-card", "who-was-studied", "how-it-was-validated"
TELLS, TRUSTED, WHOM, VERDICT = "what-it-can-tell", "can-it-be-trusted", "for-whom", "report_verdict"
MUST_NOT = "what-this-must-not-be-used-for"

# Sections of the page by their anchors: those of the notebook's headings, and the page's own.
SECTIONS = {
    "report_verdict": "Verdict",
    "whom-to-call": "Whom to call",
    MUST_NOT: "What this must not be used for",
    "can-it-be-trusted": "Can it be trusted",
    "what-it-can-tell": "What it can tell",
    "how-it-was-validated": "How it was validated",
    "for-whom": "For whom",
    "what-reminders-do": "What reminders do",
    "who-was-studied": "Who was studied",
    "model-card": "Model card",
    "how-it-is-watched": "How it is watched",
    "method": "Method",
    "report_files": "Files",
}

# Tables by their ids, in a few words.
TABLE_WORDS = {
    "access": "access by need",
    "calibration": "calibration",
    "card_performance": "performance",
    "choice": "choice among models",
    "cohort_flow": "flow",
    "designs": "designs",
    "labels": "what the label rests on",
    "net_benefit": "net benefit",
    "periods": "weeks that train, calibrate and test",
    "sample_size": "events for each parameter",
    "scores": "ranks",
    "subgroups": "calibration by group",
    "transport": "transport",
}


@dataclass(frozen=True)
class Place:
    """A place in the page: the anchor of its section, what is told there, and text that stands in that section."""

    anchor: str
    words: str
    found: str


def tripod(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """What the checklist is and how much of it is reported, and its items."""
    found = places(analysis, result)
    items = ProseBlock(text=items_in_words(found))
    return (ProseBlock(text=tripod_in_words(found)), *folded("The checklist, item by item", [items]))


def tripod_in_words(found: Mapping[str, tuple[Place, ...]]) -> str:
    """What counts as reported, and how many items do."""
    reported = sum(1 for number in ITEMS if found.get(number))
    return (
        "What a report of a prediction model should tell, by TRIPOD+AI (Collins et al., BMJ 2024;385:e078378), in "
        "words of our own. An item counts as reported only where a link leads to its content in this report; whether "
        f"the content is all that is asked for, the reader judges. {reported} of {len(ITEMS)} are reported."
    )


def items_in_words(found: Mapping[str, tuple[Place, ...]]) -> str:
    """The checklist as a table in Markdown, whose links lead to places in the page."""
    lines = [
        "Table: TRIPOD+AI, item by item",
        "",
        "| Item | Where it is told |",
        "| --- | --- |",
    ]
    for number, asked in ITEMS.items():
        links = "; ".join(
            f"[{SECTIONS[place.anchor]}: {place.words}](#{place.anchor})" for place in found[number]
        )
        lines.append(f"| {number} {asked} | {links or NOT_REPORTED} |")
    return "\n".join(lines)


def places(analysis: Analysis, result: StudyResult) -> dict[str, tuple[Place, ...]]:
    """Where each item is told; no place where it is not."""
    card, told = card_terms(analysis, result), estimand(analysis)

    def term(label: str) -> tuple[Place, ...]:
        text = card[label].rstrip(".")
        return () if text == NOT_REPORTED else (Place(CARD, label.lower(), label),)

    def known(label: str) -> tuple[Place, ...]:
        return (Place(STUDIED, label.lower(), label),) if label in told else ()

    def table(anchor: str, id: str) -> tuple[Place, ...]:
        return (Place(anchor, TABLE_WORDS[id], result.table(id).caption),) if result.has_table(id) else ()

    # Clinics are told apart only where the study was asked to.
    clinics = table(WHOM, "subgroups") if "clinic_id" in analysis.settings.subgroups else ()
    found = {
        "2": (Place(VERDICT, "how sure", "How sure"), *term("Purpose")),
        "3b": (*term("Purpose"), *term("Who may use it")),
        "4": term("Purpose"),
        "5a": term("Data"),
        "5b": term("Weeks"),
        "6a": clinics,
        "6b": (*known("Population"), *table(STUDIED, "cohort_flow")),
        "6c": (*known("Under which care"), *term("Care of that time")),
        "7": (*table(STUDIED, "cohort_flow"), *table(WHOM, "labels")),
        "8a": (*known("Outcome"), *known("Moment of prediction")),
        "9a": (*known("Known of each"), *known("Not used")),
        "9b": (*known("Known of each"), *known("Moment of prediction")),
        "10": table(VALIDATED, "sample_size"),
        "11": term("Missing values"),
        "12a": (*table(STUDIED, "periods"), *table(VALIDATED, "designs")),
        "12b": term("Model"),
        "12c": (*term("Model"), *table(VALIDATED, "choice"), *table(VALIDATED, "designs")),
        "12d": clinics,
        "12e": (*table(TRUSTED, "calibration"), *table(TELLS, "net_benefit"), *table(TELLS, "scores")),
        "12f": table(VALIDATED, "transport"),
        "12g": (Place(VALIDATED, "the test", "The test was opened once, after the choice."),),
        "13": term("Rare outcome"),
        "14": (*table(WHOM, "subgroups"), *table(WHOM, "access")),
        "15": (*term("What it gives"), *table(TELLS, "net_benefit")),
        "16": table(STUDIED, "periods"),
        "17": term("Ethical approval"),
        "18f": (Place("report_files", "the analysis as it ran", "notebook.ipynb"),),
        "19": term("Patient and public involvement"),
        "20a": (*table(STUDIED, "cohort_flow"), *table(STUDIED, "periods")),
        "20b": table(WHOM, "subgroups"),
        "21": table(STUDIED, "periods"),
        "23a": (*table(CARD, "card_performance"), *table(WHOM, "subgroups")),
        "23b": clinics,
        "24": table(VALIDATED, "transport"),
        "25": (Place(VERDICT, "headline", result.verdict.headline),),
        "26": term("Limits"),
        "27a": term("Missing values"),
        "27b": term("Human oversight"),
        "27c": (
            Place(VERDICT, "what would change our mind", "What would change our mind"),
            Place(MUST_NOT, "other places", "Other places and times"),
        ),
    }
    return {number: found.get(number, ()) for number in ITEMS}
