"""What is told of a hand-back: counts of people by why they were left out, few hidden, and nobody's key."""

from collections.abc import Iterator

from workbench.ingest.handing_back import HandedBack
from workbench.ingest.rechecking import Reason
from workbench.present import numbers
from workbench.present.disclosure import CMS, hide_small_cells, told_count
from workbench.present.result import Cell, Column, Table

WORDS: dict[Reason, str] = {
    "unknown": "left out: nobody's record number any more",
    "held_out": "left out: held out by lot",
    "deceased": "left out: died",
    "discharged": "left out: no longer in care",
    "not_booked": "left out: the appointment is over, or was called off",
    "do_not_text": 'left out: marked "do not text"',
    "not_agreed": "left out: no consent to these texts, blocked, or not known to be adult",
    "no_zone": "left out: time zone not known",
    "ceiling": "left out: as many texts as a person may get",
}


def handed_back_in_words(done: HandedBack) -> Iterator[str]:
    """The lines that are told of a hand-back."""
    table = handed_back_table(done)
    for row in table.rows:
        yield f"{'not shown' if row[1] is None else numbers.count(int(row[1])):>12}  {row[0]}"
    if table.note:
        yield table.note
    if done.waiting:
        told = told_count(done.waiting, done.people, done.waiting, CMS)
        yield f"Night where they are now: {told}; not_before says from when on each may be texted."


def handed_back_table(done: HandedBack) -> Table:
    """People handed back, and left out by reason."""
    rows: list[list[Cell]] = [["handed back", done.people]]
    rows += [[WORDS[reason], count] for reason, count in done.left_out.items()]
    return hide_small_cells(
        Table(
            id="handed_back",
            caption="People of the list",
            columns=[
                Column(name="what", title="What became of them", kind="label"),
                Column(name="people", title="People", kind="people"),
            ],
            rows=rows,
            groups="attributes",
        ),
        CMS,
    )
