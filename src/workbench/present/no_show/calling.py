"""What a capacity and its assumptions come to: the list and the rest, and what calling is worth."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.decisions.reminders import Capacity, gain_of
from workbench.no_show.parameters import NoShow
from workbench.present import numbers
from workbench.present.disclosure import PROFILES, hide_small_cells
from workbench.present.result import Cell, Column, Table


def called_table(analysis: Analysis, at: Capacity) -> Table:
    """No-shows on the list of one capacity and off it, small cells hidden.

    Args:
        analysis: whose test block it counts.
        at: a capacity of the model's list.
    """
    settings, test = analysis.settings, analysis.test
    others = test.appointments - at.calls
    rows: list[list[Cell]] = [
        ["called", at.calls, at.caught, at.precision],
        ["not called", others, at.missed, at.missed / others if others else None],
    ]
    calls = numbers.count(at.calls_per_day)
    table = Table(
        id="called",
        caption=f"With up to {calls} {'call' if at.calls_per_day == 1 else 'calls'} a day, to the highest risks of "
        "each day",
        columns=[
            Column(name="called", title="Appointments", kind="label"),
            Column(name="appointments", title="In all", kind="people"),
            Column(name="missed", title="Missed", kind="events"),
            Column(name="share", title="Share missed", kind="share"),
        ],
        rows=rows,
        # Called and not called add up to all: who is on a list is no whole cohort, however many they are.
        groups="attributes",
        note="Missed among the called are caught: on the list, under the care of that time.",
    )
    return hide_small_cells(table, PROFILES[settings.disclosure])


def worth_in_words(table: Table, settings: NoShow, days: int) -> str:
    """The share caught and the net worth, of the counts that `called_table` shows and of nothing else.

    Args:
        table: from `called_table`.
        settings: the assumptions of cost and value.
        days: of appointments in the test block.
    """
    (_, calls, caught, _), (_, _, missed, _) = table.rows
    if not (isinstance(calls, int) and isinstance(caught, int) and isinstance(missed, int)):
        return "What these calls would catch is not shown, for it would tell of few."
    gain = gain_of(calls, caught, settings)
    return (
        f"**{numbers.count(calls)} reminders** over {numbers.count(days)} days catch {numbers.count(caught)} of "
        f"{numbers.count(caught + missed)} no-shows ({numbers.percent(caught / (caught + missed))}) and miss "
        f"{numbers.count(missed)}. Slots kept less the cost of calls: **{numbers.number(gain / days)} a day**."
    )
